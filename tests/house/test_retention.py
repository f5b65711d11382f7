"""The retention table says of every column about signers what ends it, and the document shows that table."""

from collections import Counter

from letters.models.retention import KEPT, Kept
from tests.house.sources import ROOT
from verification.access.spent import SpentProofRow
from verification.database import Base
from verification.mailbox.challenges import ChallengeRow
from verification.mailbox.outbox import OutboxRow

DOCUMENT = ROOT / "docs" / "retention.md"
HEAD = "| what | where | why | until | what ends it |\n|---|---|---|---|---|\n"
ABOUT_SIGNERS = {
    "signatures",
    "subscriptions",
    "entries",
    "tallies",
    "cells",
    "editions",
    "decisions",
    "batches",
    "cosignatures",
    "log_heads",
    "log_tiles",
    "logs",
    "samples",
    *(row.__tablename__ for row in (SpentProofRow, ChallengeRow, OutboxRow)),
}
ABOUT_ORGANISERS = {
    "accounts",
    "downloads",
    "factors",
    "invitations",
    "letter_keys",
    "memberships",
    "recovery_codes",
    "sessions",
    "teams",
    "trail",
}
ABOUT_MACHINES = {"workers"}
ABOUT_LETTERS = {
    "address_lists",
    "alembic_version",
    "corrections",
    "domain_rules",
    "drafts",
    "drawings",
    "first_signatories",
    "institutions",
    "letter_teams",
    "letter_texts",
    "letters",
    "pacts",
    "unverified",
    "updates",
}


def kept() -> list[Kept]:
    return [row for rows in KEPT.values() for row in rows]


def columns() -> list[str]:
    return [where for row in kept() for where in row.where if where.partition(".")[0] in Base.metadata.tables]


def test_every_column_that_tells_of_a_person_is_in_the_table() -> None:
    people = ABOUT_SIGNERS | ABOUT_ORGANISERS | ABOUT_MACHINES
    tables = [table for table in Base.metadata.sorted_tables if table.name in people]
    assert Counter(columns()) == Counter(f"{table.name}.{column.name}" for table in tables for column in table.columns)


def test_every_table_is_about_signers_organisers_letters_or_machines() -> None:
    assert set(Base.metadata.tables) - ABOUT_LETTERS == ABOUT_SIGNERS | ABOUT_ORGANISERS | ABOUT_MACHINES


def test_the_document_shows_the_table() -> None:
    wanted = "\n".join(f"## {title}\n\n{HEAD}{''.join(map(line, rows))}" for title, rows in KEPT.items())
    assert DOCUMENT.read_text().partition("## ")[2] == wanted.removeprefix("## ")


def line(row: Kept) -> str:
    where = "<br>".join(f"`{place}`" if "." in place or "/" in place else place for place in shortened(row.where))
    return f"| {' | '.join((row.what, where, row.why, row.until, row.ended_by))} |\n"


def shortened(places: tuple[str, ...]) -> list[str]:
    """The columns of one table in one line."""
    tables: dict[str, list[str]] = {}
    for place in places:
        table, _dot, column = place.partition(".")
        known = table in Base.metadata.tables
        tables.setdefault(table if known else place, []).append(column if known else "")
    return [f"{table}.{', '.join(names)}" if names[0] else table for table, names in tables.items()]
