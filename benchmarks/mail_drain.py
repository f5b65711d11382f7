"""How fast workers drain the outbox into a mail server on the same machine, on PostgreSQL: `make bench`.

Run alone as `python -m benchmarks.mail_drain`. The floor sends what the product has sent, each process with smtplib's
`send_message` over one connection, from messages that were made before; beside it stands `sendmail` of their bytes.
Every mail has to arrive once, with a link of its own that confirms its signature.
"""

import multiprocessing
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from itertools import cycle, islice
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.installation import SLUG, Installation, installation
from benchmarks.mail_sink import mail_sink, received
from letters.app import create_app
from letters.models.finding import find_letter
from letters.models.signatures import SignatureRow
from letters.runtime import Runtime
from letters.settings import Settings
from letters.signing.sending import Sender, make_caps, make_transport
from verification.database import table_of
from verification.identity.addresses import parse_address
from verification.identity.boxes import NONCE, lock
from verification.mailbox.challenges import ChallengeRow
from verification.mailbox.outbox import OutboxRow
from verification.mailbox.tokens import Purpose

MAILS, ROUNDS, GOAL = 2_000, 5, 0.7
SENDER = "letters@127.0.0.1"
LINK = re.compile(r"/confirm/(\S+)")
_SPAWN = multiprocessing.get_context("spawn")

Work = Callable[[Connection, Event, Any], None]


def measure() -> None:
    """Print both rates, with one worker and with two, and their ratio."""
    print("| work | workers | mails per s | smtplib, messages per s | ratio | goal | smtplib, ready bytes per s |")
    print("|---|---|---|---|---|---|---|")
    with installation() as place, TemporaryDirectory() as spool, mail_sink(Path(spool)) as port:
        environment = {**place.environment, "UNDERSIGNED_SMTP_URL": f"smtp://127.0.0.1:{port}"}
        mails = _drain(place, environment, Path(spool), 1)[1]
        for workers in (1, 2):
            turns = [_turn(place, environment, Path(spool), port, mails, workers, n) for n in range(ROUNDS)]
            ours, bare, ready = (median(turn[side] for turn in turns) for side in range(3))
            ratio = f"{ours:,.0f} | {bare:,.0f} | {ours / bare:.2f} | {GOAL} | {ready:,.0f}"
            print(f"| mail drain | {workers} | {ratio} |", flush=True)


def _turn(
    place: Installation,
    environment: dict[str, str],
    spool: Path,
    port: int,
    mails: list[bytes],
    workers: int,
    number: int,
) -> tuple[float, float, float]:
    """A round of each; each is first every other time."""

    def floors() -> tuple[float, float]:
        return _send_bare(_send_messages, port, mails, spool, workers), _send_bare(
            _send_bytes, port, mails, spool, workers
        )

    if number % 2:
        bare = floors()
        return _drain(place, environment, spool, workers)[0], *bare
    return _drain(place, environment, spool, workers)[0], *floors()


def _drain(place: Installation, environment: dict[str, str], spool: Path, workers: int) -> tuple[float, list[bytes]]:
    """Queue mails and let the workers send them; mails per second, and what arrived."""
    place.runtime.settle(lambda session: _queue(session, place.runtime))
    with place.runtime.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE signatures, challenges, outbox"))
    seconds = _together(_work, [environment] * workers)
    mails = received(spool)
    _check(place.runtime, mails)
    return MAILS / seconds, mails


def _send_bare(work: Work, port: int, mails: list[bytes], spool: Path, workers: int) -> float:
    """Mails per second of as many loops as there are workers, each with its share."""
    seconds = _together(work, [(port, mails[start::workers]) for start in range(workers)])
    assert len(received(spool)) == len(mails)
    return MAILS / seconds


def _together(work: Work, given: list[Any]) -> float:
    """Run a process for each, all at once; the seconds until the last has done its work."""
    begin = _SPAWN.Event()
    with _processes(work, begin, given) as pipes:
        for pipe in pipes:
            pipe.recv()
        start = time.monotonic()
        begin.set()
        ended: list[float] = [pipe.recv() for pipe in pipes]
        return max(ended) - start


@contextmanager
def _processes(work: Work, begin: Event, given: list[Any]) -> Iterator[list[Connection]]:
    pipes = [_SPAWN.Pipe() for _ in given]
    processes = [
        _SPAWN.Process(target=work, args=(theirs, begin, what))
        for (_ours, theirs), what in zip(pipes, given, strict=True)
    ]
    for process in processes:
        process.start()
    yield [ours for ours, _theirs in pipes]
    for process in processes:
        process.join()


def _work(pipe: Connection, begin: Event, environment: dict[str, str]) -> None:
    """A worker's sender, until nothing is left to send."""
    runtime = Runtime.start(Settings.read(environment))
    sender = Sender(runtime, create_app(runtime), make_transport(runtime), caps=make_caps(runtime))
    pipe.send("ready")
    begin.wait()
    while sender.send_some():
        pass
    pipe.send(time.monotonic())
    sender.transport.close()


def _send_messages(pipe: Connection, begin: Event, given: tuple[int, list[bytes]]) -> None:
    """The floor: a bare loop over messages."""
    port, mails = given
    messages = [_made_anew(mail) for mail in mails]
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.ehlo()
        pipe.send("ready")
        begin.wait()
        for message in messages:
            connection.send_message(message)
        pipe.send(time.monotonic())


def _made_anew(mail: bytes) -> EmailMessage:
    """The message as a program makes it; one that was read would be read again header by header."""
    read, message = message_from_bytes(mail, policy=default), EmailMessage(policy=SMTP)
    for name in ("From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted"):
        message[name] = str(read[name])
    message.set_content(read.get_content())
    return message


def _send_bytes(pipe: Connection, begin: Event, given: tuple[int, list[bytes]]) -> None:
    """A bare loop that has nothing at all to make."""
    port, mails = given
    ready = [(str(message_from_bytes(mail, policy=default)["To"]), mail) for mail in mails]
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.ehlo()
        pipe.send("ready")
        begin.wait()
        for to, mail in ready:
            connection.sendmail(SENDER, [to], mail)
        pipe.send(time.monotonic())


def _queue(session: Session, runtime: Runtime) -> None:
    """Pending signatures and their mails past every verb; what is sealed in them is not looked at here."""
    random, key = runtime.chance.token, runtime.keyring.server("outbox")
    letter, expires_on = find_letter(session, SLUG), datetime.now(UTC).date() + timedelta(days=7)
    for table in (OutboxRow, ChallengeRow, SignatureRow):
        session.execute(delete(table))
    said = {"state": "pending", "display": "counted", "standing": "mailbox", "profession": "nurse", "region": "BY-MI"}
    flags = {"mailed": False, "listed": False, "press": False, "news": False, "expires_on": expires_on}
    signatures = [
        {
            "id": random(16),
            "letter_id": letter.id,
            "sealed": random(2200),
            "address_index": random(32),
            "fingerprint": random(32),
            "earlier_fingerprint": random(32),
            **said,
            **flags,
        }
        for _ in range(MAILS)
    ]
    session.execute(insert(table_of(SignatureRow)), signatures)
    subjects: list[Any] = [row["id"] for row in signatures]
    languages = islice(cycle(letter.languages), MAILS)
    rows = [
        _row(subject, language, expires_on)
        | {"address_box": lock(key, _address(number), subject, random(NONCE)), "id": random(16)}
        for number, (subject, language) in enumerate(zip(subjects, languages, strict=True))
    ]
    session.execute(insert(table_of(OutboxRow)), rows)


def _row(subject: bytes, language: str, expires_on: date) -> dict[str, Any]:
    return {
        "subject": subject,
        "language": language,
        "expires_on": expires_on,
        "state": "waiting",
        "failures": 0,
        "about": "signature",
    }


def _address(number: int) -> bytes:
    return parse_address(f"signer{number}@domain{number % 97}.example.org").padded()


def _check(runtime: Runtime, mails: list[bytes]) -> None:
    """Each address has one mail, and each link is of an open challenge about another pending signature."""
    messages = [message_from_bytes(mail, policy=default) for mail in mails]
    assert len({message["To"] for message in messages}) == len({message["Message-ID"] for message in messages})
    assert len({message["To"] for message in messages}) == len(messages) == MAILS, len(messages)
    links = [LINK.findall(message.get_content()) for message in messages]
    assert {len(found) for found in links} == {1}
    ids = {runtime.tokens.read(Purpose.CONFIRM, token) for (token,) in links}
    with runtime.reading() as session:
        joined = select(ChallengeRow.id).join(SignatureRow, SignatureRow.id == ChallengeRow.subject)
        good = set(session.scalars(joined.where(ChallengeRow.outcome.is_(None), SignatureRow.mailed.is_(True))))
        assert ids == good
        assert len(good) == MAILS
        assert session.scalars(select(OutboxRow.id).limit(1)).first() is None


if __name__ == "__main__":
    measure()
