"""What belongs into a backup: table by table, so that a new one has to be thought of (`test_contents`)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, Table, select

REVISION_TABLE = "alembic_version"

LEFT_OUT = {
    "outbox": "addresses, and mails that would go out a second time, maybe to somebody who has withdrawn since",
    "sessions": "a browser that has signed out since would be signed in again",
    "invitations": "addresses; seven days at most, and an owner invites again",
    "downloads": "gone on the next day",
    "drawings": "cards and posters; the worker draws them again",
    "spent_proofs": "a task that was solved lets one form through again, for minutes",
}
"""Tables that no backup holds but one made for moving, and why."""

NEVER = ("workers", REVISION_TABLE)
"""Tables that say something of the machine: which workers run here, and which migrations have."""

PARTLY = {
    "signatures": "forms that nobody has confirmed: some are of people who never agreed; whoever did signs again",
    "subscriptions": "those of such forms",
    "challenges": "mailed links that work once, for 8 days; private links stay",
}
"""Tables of which only some rows are in a backup, and what the others are."""

WHOLE = (
    "accounts",
    "address_lists",
    "batches",
    "cells",
    "corrections",
    "cosignatures",
    "decisions",
    "domain_rules",
    "drafts",
    "editions",
    "entries",
    "factors",
    "first_signatories",
    "institutions",
    "letter_keys",
    "letter_teams",
    "letter_texts",
    "letters",
    "log_heads",
    "log_tiles",
    "logs",
    "memberships",
    "pacts",
    "recovery_codes",
    "samples",
    "tallies",
    "teams",
    "trail",
    "unverified",
    "updates",
)
"""Tables of which every row is in every backup."""


def chosen(tables: dict[str, Table], name: str, *, move: bool) -> Select[tuple[object, ...]] | None:
    """The rows of a table that belong into a backup, by primary key, so that their order says nothing; None for none.

    One made for moving holds them all.
    """
    table = tables[name]
    if name in NEVER or (name in LEFT_OUT and not move):
        return None
    query = select(table).order_by(*table.primary_key.columns)
    if name in PARTLY and not move:
        query = query.where(_stays(tables, name))
    return query


def _stays(tables: dict[str, Table], name: str) -> ColumnElement[bool]:
    signatures, challenges = tables["signatures"], tables["challenges"]
    if name == "challenges":
        return challenges.c.kind == "manage"
    confirmed = signatures.c.state != "pending"
    if name == "subscriptions":
        return tables[name].c.signature_id.in_(select(signatures.c.id).where(confirmed))
    return confirmed
