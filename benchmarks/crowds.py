"""Crowds: letters that a million people have signed, made in less than two minutes and in all that they left behind.

A `crowd` is rows that PostgreSQL makes, released in editions whose tallies, cells, figures and leaves are made by the
product's own functions: a recount finds nothing, the next edition builds on it, and the log's auditor accepts it. Its
sealed identities have their real size and do not open. Those of `newcomers` do: they are sealed for real, all of them
one person's, each in a box of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import psycopg
from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow
from letters.models.finding import find_letter, policy_of
from letters.models.letters import LetterRow
from letters.models.values import Letter
from letters.organising.log_signing import ensure_log, sign_heads
from letters.organising.releasing import scheme_of
from letters.publishing.changes import Change, Counted
from letters.publishing.editions import lock_letter
from letters.publishing.figures import unread_after
from letters.publishing.log import Leaves, Writer, write_edition
from letters.publishing.pseudonyms import SPACE
from letters.publishing.tallies import Scheme, count_changes, print_figures
from letters.runtime import Runtime
from letters.signing.pending import Identity, seal_context
from verification.identity.addresses import parse_address
from verification.identity.boxes import NONCE, lock
from verification.identity.sealing import seal
from verification.mailbox.tokens import Purpose

PROFESSIONS = ("nurse", "doctor", "midwife", "surgeon")
REGIONS = ("BY-MI", "BY-BR", "BY-HO", "abroad")
DISPLAYS = ("named", "pseudonym", "pseudonym", *["counted"] * 7)
SUBSCRIBED = 3
"""Of ten signers."""
IN_EDITION = 10_000
PRIME = 7919
"""Spreads pseudonyms: each number below SPACE gives another."""
ATTEMPTS = 10
MOST = 2_000_000
"""Numbers below which a crowd's pseudonyms are."""

SIGNATURES = """
INSERT INTO signatures (id, letter_id, state, display, standing, profession, region, sealed, address_index, pseudonym,
    held_for, mailed, listed, press, pact, expires_on, news, edition, removed_in, printed_profession, printed_region,
    printed_standing, printed_named, log_secret)
SELECT decode(md5(:kind || n), 'hex'), :letter, :state, display, 'mailbox', profession, region,
    CASE WHEN :state <> 'withdrawn' THEN decode(md5('sealed' || n), 'hex') || CAST(:sealed AS bytea) END,
    CASE WHEN :state <> 'withdrawn' THEN sha256(convert_to(:kind || n, 'UTF8')) END,
    CASE WHEN display = 'pseudonym' THEN CAST(n AS bigint) * :prime % :space END,
    CASE WHEN :state = 'held' THEN (ARRAY['burst', 'disposable', 'domain'])[1 + n % 3] END,
    FALSE, :released AND display = 'pseudonym', FALSE, FALSE,
    CASE WHEN :state = 'pending' THEN CAST(:today AS date) + 6 END, :news,
    CASE WHEN :released THEN 1 + CAST(n - 1 AS bigint) * :editions / :many END, CASE WHEN :removed THEN :editions END,
    CASE WHEN :counted THEN profession END, CASE WHEN :counted THEN region END,
    CASE WHEN :counted THEN 'mailbox' END, CASE WHEN :counted THEN display = 'named' END,
    CASE WHEN :counted THEN sha256(convert_to('secret' || n, 'UTF8')) END
FROM generate_series(1, :many) AS n, LATERAL (SELECT
    CASE WHEN :shown THEN (CAST(:displays AS text[]))[1 + n % 10] ELSE 'counted' END AS display,
    CASE WHEN :state <> 'withdrawn' THEN (CAST(:professions AS text[]))[1 + n % 4] END AS profession,
    CASE WHEN :state <> 'withdrawn' THEN (CAST(:regions AS text[]))[1 + n / 4 % 4] END AS region) AS said
"""
CHALLENGES = """
INSERT INTO challenges (id, kind, subject)
SELECT decode(md5('manage' || :kind || n), 'hex'), 'manage', decode(md5(:kind || n), 'hex')
FROM generate_series(1, :many) AS n
"""
SUBSCRIPTIONS = """
INSERT INTO subscriptions (signature_id, language, address_box, handle)
SELECT decode(md5(:kind || n), 'hex'), 'en', decode(md5('box' || n), 'hex') || CAST(:box AS bytea),
    decode(md5('handle' || n), 'hex')
FROM generate_series(1, :many) AS n WHERE n % 10 < :subscribed
"""
ABOUT: dict[str, dict[str, Any]] = {
    "confirmed": {"state": "confirmed", "released": True, "counted": True},
    "waiting": {"state": "confirmed", "news": True},
    "pending": {"state": "pending"},
    "held": {"state": "held", "news": True},
    "voided": {"state": "voided", "released": True, "removed": True},
    "unreleased": {"state": "voided"},
    "withdrawn": {"state": "withdrawn", "released": True, "removed": True},
}
"""What the rows of each kind say; whatever is not named is false."""


def add(session: Session, letter_id: int, kind: str, many: int, today: date, **values: Any) -> None:
    """Add so many rows of one kind of `ABOUT`."""
    usual = {"news": False, "released": False, "removed": False, "counted": False, "shown": False, "sealed": b""}
    lists = {"displays": list(DISPLAYS), "professions": list(PROFESSIONS), "regions": list(REGIONS)}
    which = {"letter": letter_id, "kind": f"{kind}{letter_id}.{many}.", "many": many, "today": today, "editions": 1}
    spread = {"prime": PRIME, "space": SPACE}
    session.execute(text(SIGNATURES), {**usual, **lists, **which, **spread, **ABOUT[kind], **values})


def crowd(runtime: Runtime, slug: str, many: int, editions: int = 0) -> None:
    """Let so many sign an open letter that nobody has signed; without a number they come in editions of 10,000."""
    made = _Crowd.begin(runtime, slug, many, editions or max(1, many // IN_EDITION))
    runtime.settle(made.sign)
    for number in range(1, made.editions + 1):
        runtime.settle(lambda session, number=number: made.release(session, number))  # type: ignore[misc]
    sign_heads(runtime, slug)
    tidy(runtime)


def analyse(runtime: Runtime) -> None:
    """Bring statistics up to date, as PostgreSQL does by itself within a minute."""
    runtime.settle(lambda session: session.execute(text("ANALYZE")))


def tidy(runtime: Runtime) -> None:
    """Bring statistics up to date and everything to the disk, as a night would."""
    with runtime.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


@dataclass(frozen=True)
class _Crowd:
    runtime: Runtime
    letter: Letter
    many: int
    editions: int

    @classmethod
    def begin(cls, runtime: Runtime, slug: str, many: int, editions: int) -> _Crowd:
        runtime.settle(lambda session: ensure_log(session, runtime, lock_letter(session, slug)))
        with runtime.reading() as session:
            return cls(runtime, find_letter(session, slug), many, editions)

    @property
    def kind(self) -> str:
        return f"confirmed{self.letter.id}.{self.many}."

    def id(self, number: int) -> bytes:
        return hashlib.md5(f"{self.kind}{number}".encode(), usedforsecurity=False).digest()

    def sign(self, session: Session) -> None:
        random, today = self.runtime.chance.token, self.runtime.clock().date()
        sealed = random(len(_sealed(self.runtime, self.letter, random(16))) - 16)
        add(session, self.letter.id, "confirmed", self.many, today, sealed=sealed, editions=self.editions, shown=True)
        values = {"kind": self.kind, "many": self.many, "subscribed": SUBSCRIBED}
        session.execute(text(CHALLENGES), values)
        session.execute(text(SUBSCRIPTIONS), {**values, "box": random(len(_box(self.runtime, random(16))) - 16)})

    def release(self, session: Session, number: int) -> None:
        """What `letters.publishing.editions.release` leaves behind, but for moving the rows."""
        letter = lock_letter(session, self.letter.slug)
        scheme = scheme_of(letter, self.runtime.settings.vocabularies)
        before = session.get(EditionRow, (letter.id, number - 1)) if number > 1 else None
        signers = self._signers(number)
        people = count_changes(session, letter, scheme, [_arrival(n) for n in signers])
        edition = EditionRow(
            letter_id=letter.id,
            number=number,
            released_at=self.runtime.clock(),
            signatures=(before.signatures if before else 0) + len(signers),
            withdrawn=0,
            voided=0,
            figures={},
        )
        unread = unread_after(before.figures["unread"] if before else 0, people, policy_of(letter))
        edition.figures = print_figures(session, letter, scheme, edition.signatures, unread)
        session.add(edition)
        session.flush()
        self._print(session, number, signers)
        self._log(session, letter, edition, scheme, signers)

    def _signers(self, number: int) -> range:
        """Those of an edition, as the rows say: 1 + (n - 1) * editions / many, rounded down."""
        first, after = (-(-edition * self.many // self.editions) + 1 for edition in (number - 1, number))
        return range(first, after)

    def _print(self, session: Session, number: int, signers: range) -> None:
        key, random = self.runtime.keyring.server("names"), self.runtime.chance.token
        rows = []
        for position, n in enumerate((n for n in signers if _display(n) != "counted"), start=1):
            id, named = self.id(n), _display(n) == "named"
            box = lock(key, f"Signer Example {n}".encode(), id, random(NONCE)) if named else None
            pseudonym = None if named else n * PRIME % SPACE
            rows.append((self.letter.id, number, position, id, box, pseudonym, *_cells_of(n), False))
        _copy(session, "entries", _ENTRY, rows)

    def _log(self, session: Session, letter: LetterRow, edition: EditionRow, scheme: Scheme, signers: range) -> None:
        hashes = (hashlib.sha256(f"secret{n}".encode()).digest() for n in signers)
        leaves = Leaves(Writer(None, lambda _size: next(hashes), self.runtime.chance))
        for _ in signers:
            leaves.arrive({"sealed": None})
        write_edition(session, letter, edition, scheme, leaves)
        letter.edition, letter.tended_at = edition.number, edition.released_at


def newcomers(runtime: Runtime, slug: str, many: int) -> None:
    """So many confirmed signatures that wait for an edition, each with what hangs on it: a private link, and for three
    of ten a subscription."""
    _new(runtime, slug, many, {"state": "confirmed", "news": True, "mailed": False, "expires_on": None})


def unconfirmed(runtime: Runtime, slug: str, many: int) -> list[str]:
    """So many pending signatures whose mail has been sent; returns the paths of their links."""
    last = (runtime.clock() + timedelta(days=7)).date()
    pending = {"state": "pending", "news": False, "mailed": True, "expires_on": last}
    challenges = _new(runtime, slug, many, pending)
    return [f"/confirm/{runtime.tokens.mint(Purpose.CONFIRM, challenge)}" for challenge in challenges]


def _new(runtime: Runtime, slug: str, many: int, said: dict[str, Any]) -> list[bytes]:
    random = runtime.chance.token
    with runtime.reading() as session:
        letter = find_letter(session, slug)
    ids = [random(16) for _ in range(many)]
    challenges = [random(16) for _ in ids]
    kind = "confirm" if said["state"] == "pending" else "manage"
    sealed = _seal(letter, random(16))

    def verb(session: Session) -> None:
        _copy(session, "signatures", _SIGNATURE, _rows(runtime, letter, sealed, ids, said))
        about = ((id, kind, of, said["expires_on"]) for id, of in zip(challenges, ids, strict=True))
        _copy(session, "challenges", ("id", "kind", "subject", "expires_on"), about)
        boxes = ((id, "en", _box(runtime, id), random(16)) for n, id in enumerate(ids) if n % 10 < SUBSCRIBED)
        _copy(session, "subscriptions", ("signature_id", "language", "address_box", "handle"), boxes)

    for _ in range(ATTEMPTS):
        with suppress(UniqueViolation):  # a pseudonym that somebody has drawn: others next time
            runtime.settle(verb)
            return challenges
    raise NoFreePseudonyms(f"{many} pseudonyms in a row were not free in {ATTEMPTS} attempts.")


class NoFreePseudonyms(Exception):
    """A letter has given away too many pseudonyms for so many more at once."""


_ENTRY = (
    *("letter_id", "edition", "position", "signature_id", "name_box", "pseudonym", "profession", "region"),
    "leaving",
)
_SIGNATURE = (
    *("id", "letter_id", "state", "display", "standing", "profession", "region", "sealed", "address_index", "name_box"),
    *("pseudonym", "fingerprint", "mailed", "listed", "press", "pact", "news", "expires_on"),
)


def _rows(
    runtime: Runtime, letter: Letter, sealed: bytes, ids: Sequence[bytes], said: dict[str, Any]
) -> Iterator[tuple[Any, ...]]:
    key, names, random = runtime.keyring.identities(letter.slug), runtime.keyring.server("names"), runtime.chance.token
    pending = said["state"] == "pending"
    start = MOST + runtime.chance.below(SPACE - MOST - len(ids))
    for n, id in enumerate(ids):
        display = _display(n)
        yield (
            *(id, letter.id, said["state"], display, "mailbox", *_cells_of(n), lock(key, sealed, id, random(NONCE))),
            random(32),
            lock(names, f"Signer Example {n}".encode(), id, random(NONCE)) if display == "named" else None,
            (start + n) * PRIME % SPACE if display == "pseudonym" and not pending else None,
            random(32) if pending else None,
            *(said["mailed"], False, False, False, said["news"], said["expires_on"]),
        )


def _copy(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    connection = cast(psycopg.Connection[Any], session.connection().connection.driver_connection)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _seal(letter: Letter, id: bytes) -> bytes:
    identity = Identity("Signer Example", "signer@example.org", "Clinic Example")
    return seal(letter.public_key, identity.as_bytes(), seal_context(letter.slug, id))


def _sealed(runtime: Runtime, letter: Letter, id: bytes) -> bytes:
    return lock(runtime.keyring.identities(letter.slug), _seal(letter, id), id, runtime.chance.token(NONCE))


def _box(runtime: Runtime, id: bytes) -> bytes:
    """A subscriber's address in its box."""
    address = parse_address("signer@example.org").padded()
    return lock(runtime.keyring.server("subscriptions"), address, id, runtime.chance.token(NONCE))


def _display(number: int) -> str:
    return DISPLAYS[number % 10]


def _cells_of(number: int) -> tuple[str, str]:
    return PROFESSIONS[number % 4], REGIONS[number // 4 % 4]


def _arrival(number: int) -> Change:
    counted = Counted(*_cells_of(number), "mailbox", _display(number) == "named")
    return Change(id=b"", was=None, now=counted, arrives=True, leaves_as=None)
