"""The way of one download: rows are read, opened, written as text and forgotten once they are sent."""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from letters.organising.exports import head_of, sealed_records
from letters.organising.handover.downloads import Form, Tally, begin, end, move_on
from letters.organising.handover.permit import Permit
from letters.organising.sheets import SHEETS, check_fits
from letters.organising.teams.keys import opener_of
from letters.organising.teams.trail import Doing
from letters.organising.unsealing import BadRecord, open_record
from letters.runtime import Runtime
from letters.web.logs import where
from verification.identity.custody import Opener

log = structlog.get_logger()


@dataclass(frozen=True)
class Rhythm:
    """Rows between two looks at whether it may go on and how far it has come; bytes that are gathered to be sent."""

    beat: int = 2_000
    piece: int = 1 << 16


class Outlet(io.RawIOBase):
    """A file to write to whose content is taken out at the other end; it knows no way back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        with memoryview(content) as piece:
            self._held += piece
            return piece.nbytes

    @property
    def size(self) -> int:
        return len(self._held)

    def take(self) -> bytes:
        """What was written since."""
        taken, self._held = bytes(self._held), bytearray()
        return taken


class Way:
    """The way of one download, within its transaction. Raises what `Hands.start` says."""

    def __init__(self, runtime: Runtime, rhythm: Rhythm, permit: Permit, session: Session) -> None:
        self._runtime, self._rhythm, self._permit, self._session = runtime, rhythm, permit, session
        self._id, self._tally, self._finished = runtime.chance.token(16), Tally(), False
        self._member = permit.check(session, runtime.keyring, runtime.clock())
        self._letter = self._member.of_letter
        self.head = head_of(session, self._letter, runtime.clock().date())
        check_fits(permit.form, self.head.records)
        self._content = self._sealed() if permit.form is Form.SEALED else self._opened(self._opener())

    def start(self, session: Session) -> None:
        member, now = self._member, self._runtime.clock()
        doing = Doing(member.team_id, member.session.account.id, now, self._letter.id)
        begin(session, doing, self._id, self._permit.form, self.head.records)

    def pieces(self, unfinished: str) -> Generator[bytes]:
        """The file."""
        try:
            yield from self._content
            self._finished = True
        except Exception as error:  # noqa: BLE001
            # Were it to leave here, the server would end the answer as if it were whole.
            log.error("download stopped", error=type(error).__name__, where=where(error))
            yield _last_line(self._permit.form, unfinished)

    def end(self) -> None:
        """Note how it ended. If the database is away, that it moves no more tells as much."""
        try:
            self._runtime.settle(lambda session: end(session, self._id, self._tally, finished=self._finished))
        except SQLAlchemyError as error:
            log.error("download not noted", error=type(error).__name__, where=where(error))

    def _opener(self) -> Opener:
        account = self._member.session
        return opener_of(self._session, self._letter, account.account.id, account.secret(self._runtime.keyring))

    def _sealed(self) -> Generator[bytes]:
        outlet = Outlet()
        outlet.write(self.head.as_line().encode() + b"\n")
        for line in self._lines():
            outlet.write(line.encode() + b"\n")
            self._tally.done += 1
            if outlet.size >= self._rhythm.piece:
                yield outlet.take()
        yield outlet.take()

    def _opened(self, opener: Opener) -> Generator[bytes]:
        outlet = Outlet()
        with SHEETS[self._permit.form](cast(BinaryIO, outlet)) as write:
            for line in self._lines():
                try:
                    write(open_record(line.encode(), opener, self.head.letter))
                    self._tally.done += 1
                except BadRecord:
                    self._tally.damaged += 1
                if outlet.size >= self._rhythm.piece:
                    yield outlet.take()
        yield outlet.take()

    def _lines(self) -> Iterator[str]:
        """The records, with a look every few of them at whether they may still go."""
        records = sealed_records(self._session, self._letter, self._runtime.keyring)
        for number, line in enumerate(records, start=1):
            if number % self._rhythm.beat == 0:
                self._runtime.settle(self._beat)
            yield line

    def _beat(self, session: Session) -> None:
        now = self._runtime.clock()
        self._permit.check(session, self._runtime.keyring, now)
        move_on(session, self._id, self._tally, now)


def _last_line(form: Form, unfinished: str) -> bytes:
    """What tells a reader that a file ends too soon: a workbook does not open then, and an export knows its length."""
    if form is Form.CSV:
        return f"{unfinished}\r\n".encode()
    return json.dumps({"unfinished": unfinished}).encode() + b"\n" if form is Form.JSONL else b""
