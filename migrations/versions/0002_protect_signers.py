"""Figures with a memory, names and identities in boxes, holding, lockdown, takedown, burning; no exact times.

Up only: going back would write names in clear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from alembic import context, op

from verification.database import Moment
from verification.identity.boxes import NONCE, lock
from verification.identity.keyring import Keyring

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHUNK = 500
"""Rows read at once."""

Items = list[sa.schema.SchemaItem]


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    (_alter_letters if postgresql else _remake_letters)()
    op.create_table("decisions", *_decisions())
    op.create_table("cells", *_cells())
    op.create_table("spent_proofs", *_spent_proofs(), sqlite_with_rowid=False)
    op.create_index("ix_spent_proofs_expires_on", "spent_proofs", ["expires_on"])
    _remember_what_is_printed()
    _remake_people()
    _remake("outbox", _outbox, {"due_at": "CASE WHEN state = 'waiting' THEN due_at END"}, with_rowid=False)
    op.create_index("ix_outbox_waiting", "outbox", ["state", "id"])


# Letters: PostgreSQL alters, SQLite makes the table anew, because it can add no constraint.

_LETTER_CHECKS = {
    "figures_rule": "figures_threshold > 0 AND figures_step > 0 AND figures_moves_after > 0"
    " AND figures_hides_below > 0 AND figures_hides_below <= figures_threshold",
    "taken_down_why": "(taken_down_on IS NULL) = (taken_down_for IS NULL)",
    "burned_is_forgotten": "burned_on IS NULL OR (forgotten AND erased)",
}
_NEW_LETTER_VALUES = {
    "figures_moves_after": "figures_step",
    "figures_hides_below": "(figures_threshold + 1) / 2",
    "organisers": "'[]'",
    "erased": "false",
    "lifts": "'[]'",
    "completed": "false",
}


def _new_letter_columns(*, nullable: bool) -> list[sa.Column]:
    return [
        sa.Column("figures_moves_after", sa.Integer(), nullable=nullable),
        sa.Column("figures_hides_below", sa.Integer(), nullable=nullable),
        sa.Column("identities_until", sa.Date(), nullable=True),
        sa.Column("organisers", sa.JSON(), nullable=nullable),
        sa.Column("erased", sa.Boolean(), nullable=nullable),
        sa.Column("locked_on", sa.Date(), nullable=True),
        sa.Column("lifts", sa.JSON(), nullable=nullable),
        sa.Column("taken_down_on", sa.Date(), nullable=True),
        sa.Column("taken_down_for", sa.Text(), nullable=True),
        sa.Column("burned_on", sa.Date(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=nullable),
    ]


def _alter_letters() -> None:
    for column in _new_letter_columns(nullable=True):
        op.add_column("letters", column)
    values = ", ".join(f"{name} = {value}" for name, value in _NEW_LETTER_VALUES.items())
    op.execute(f"UPDATE letters SET {values}")  # noqa: S608 - nothing in it comes from outside
    for name in _NEW_LETTER_VALUES:
        op.alter_column("letters", name, nullable=False)
    op.drop_constraint(op.f("ck_letters_figures_rule"), "letters")
    for name, rule in _LETTER_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_letters_{name}"), "letters", rule)


def _remake_letters() -> None:
    _remake("letters", _letters, _NEW_LETTER_VALUES, with_rowid=True)


def _letters() -> Items:
    checks = {
        "state": "state IN ('draft', 'scheduled', 'open', 'paused', 'closed', 'archived')",
        "custody": "custody IN ('team', 'offline')",
        "no_key_no_letter": "state = 'draft' OR length(public_key) > 0",
        "scheduled_when": "state <> 'scheduled' OR opens_at IS NOT NULL",
        "closed_when": "state NOT IN ('closed', 'archived') OR closed_on IS NOT NULL",
        "edition_rule": "edition_every > 0 AND edition_at_least > 0",
        "counters": "edition >= 0 AND removals >= 0 AND revision >= 0",
        **_LETTER_CHECKS,
    }
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("addressee", sa.JSON(), nullable=False),
        sa.Column("responsible", sa.JSON(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("professions", sa.String(length=40), nullable=False),
        sa.Column("opens_at", Moment(timezone=True), nullable=True),
        sa.Column("closes_at", Moment(timezone=True), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("goal", sa.Integer(), nullable=True),
        sa.Column("custody", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("displays", sa.JSON(), nullable=False),
        sa.Column("edition_every", sa.Integer(), nullable=False),
        sa.Column("edition_at_least", sa.Integer(), nullable=False),
        sa.Column("figures_threshold", sa.Integer(), nullable=False),
        sa.Column("figures_step", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("removals", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tended_at", Moment(timezone=True), nullable=True),
        *_new_letter_columns(nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_letters_{name}")) for name, rule in checks.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("slug", name=op.f("uq_letters_slug")),
    ]


# What the last edition printed: the memory that figures now have.


def _remember_what_is_printed() -> None:
    """Each cell starts with what the last edition shows of it; what that hid is read when its next events have come."""
    bind = op.get_bind()
    metadata = sa.MetaData()
    letters, editions, cells = (
        sa.Table(name, metadata, autoload_with=bind) for name in ("letters", "editions", "cells")
    )
    newest = (editions.c.letter_id == letters.c.id) & (editions.c.number == letters.c.edition)
    figures = sa.select(letters.c.id, editions.c.figures).join(editions, newest)
    rows = [
        {"letter_id": letter_id, "dimension": dimension, "code": code, "events": 0, "printed": count}
        for letter_id, printed in bind.execute(figures).all()
        for dimension, cell in printed.items()
        for code, count in cell["shown"].items()
    ]
    if rows:
        bind.execute(cells.insert(), rows)


# Signatures and all that hangs on them.


def _remake_people() -> None:
    for table in ("entries", "subscriptions"):
        op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608
        op.drop_table(table)
    printed = "SELECT 1 FROM old_entries AS e WHERE e.signature_id = old_signatures.id"
    new = {
        "held_for": "CASE WHEN state = 'held' THEN 'burst' END",
        "listed": f"state <> 'withdrawn' AND EXISTS ({printed} AND e.pseudonym IS NOT NULL)",
        "printed_named": f"CASE WHEN printed_standing IS NOT NULL THEN EXISTS ({printed} AND e.name IS NOT NULL) END",
    }
    _remake("signatures", _signatures, new, with_rowid=False)
    _index_signatures()
    _remake("tallies", _tallies, {"unnamed": _COUNT_UNNAMED}, with_rowid=True)
    op.create_table("subscriptions", *_subscriptions(), sqlite_with_rowid=False)
    op.execute("INSERT INTO subscriptions SELECT signature_id, language, address_box FROM old_subscriptions")
    op.create_table("entries", *_entries(), sqlite_with_rowid=False)
    _index_entries()
    _put_names_into_boxes()
    for table in ("entries", "subscriptions"):
        op.execute(f"DROP TABLE old_{table}")
    _put_identities_into_boxes()


_OF_THE_CELL = " OR ".join(
    f"(old_tallies.dimension = '{name}' AND s.printed_{name} = old_tallies.code)"
    for name in ("profession", "region", "standing")
)
_COUNT_UNNAMED = (
    "(SELECT count(*) FROM signatures AS s WHERE s.letter_id = old_tallies.letter_id"  # noqa: S608
    f" AND NOT s.printed_named AND ({_OF_THE_CELL}))"
)


def _put_names_into_boxes() -> None:
    columns = ("letter_id", "edition", "position", "signature_id", "pseudonym", "profession", "region", "leaving")
    names = ", ".join(columns)
    insert = sa.text(
        f"INSERT INTO entries ({names}, name_box) VALUES ({', '.join(f':{name}' for name in columns)}, :name_box)"  # noqa: S608
    )
    everything = op.get_bind().execute(sa.text(f"SELECT {names}, name FROM old_entries"))  # noqa: S608
    for rows in everything.partitions(CHUNK):
        values = [row._asdict() for row in rows]
        for value in values:
            name = value.pop("name")
            value["name_box"] = _box(_keyring().server("names"), name.encode(), value["signature_id"]) if name else None
        op.get_bind().execute(insert, values)


def _put_identities_into_boxes() -> None:
    """Around each sealed identity goes a box under a key of its letter: without it not even a backup can be opened."""
    bind = op.get_bind()
    signatures = sa.table("signatures", *map(sa.column, ("id", "letter_id", "sealed")))
    update = signatures.update().where(signatures.c.id == sa.bindparam("row")).values(sealed=sa.bindparam("box"))
    for letter_id, slug in bind.execute(sa.text("SELECT id, slug FROM letters WHERE state <> 'draft'")).all():
        _keyring().create_identities(slug)
        key = _keyring().identities(slug)
        sealed = sa.select(signatures.c.id).where(signatures.c.letter_id == letter_id, signatures.c.sealed.is_not(None))
        for ids in _chunks(list(bind.execute(sealed).scalars())):
            rows = bind.execute(sa.select(signatures.c.id, signatures.c.sealed).where(signatures.c.id.in_(ids))).all()
            bind.execute(update, [{"row": row.id, "box": _box(key, row.sealed, row.id)} for row in rows])


def _chunks(ids: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _box(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    return lock(key, bytes(content), bytes(bound_to), _keyring().random_bytes(NONCE))


def _keyring() -> Keyring:
    keyring: Keyring = context.config.attributes["keyring"]
    return keyring


def _remake(table: str, columns: Callable[[], Items], new: Mapping[str, str], *, with_rowid: bool) -> None:
    """Make a table anew around its rows; `new` says in SQL what its new or changed columns hold."""
    kept = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
    op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608
    op.drop_table(table)
    op.create_table(table, *columns(), **({} if with_rowid else {"sqlite_with_rowid": False}))
    sources = {name: name for name in kept} | dict(new)
    names, values = ", ".join(sources), ", ".join(sources.values())
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM old_{table}")  # noqa: S608
    op.execute(f"DROP TABLE old_{table}")


# The tables as they are from now on.


def _signatures() -> Items:
    checks = {
        "state": "state IN ('pending', 'confirmed', 'held', 'withdrawn', 'voided')",
        "display": "display IN ('counted', 'pseudonym', 'named')",
        "standing": "standing IN ('mailbox', 'institution', 'vouched')",
        "id_length": "length(id) = 16",
        "whole": "state IN ('withdrawn', 'voided') OR (profession IS NOT NULL AND region IS NOT NULL)",
        "erased_whole": "(sealed IS NULL) = (address_index IS NULL)",
        "pending_is_sealed": "state <> 'pending' OR sealed IS NOT NULL",
        "held_for": "(held_for IS NOT NULL AND held_for IN ('disposable', 'burst')"
        " AND state IN ('pending', 'held', 'voided')) OR (held_for IS NULL AND state <> 'held')",
        "withdrawn_is_erased": "state <> 'withdrawn' OR (sealed IS NULL AND address_index IS NULL AND name_box IS NULL"
        " AND profession IS NULL AND region IS NULL AND pseudonym IS NULL AND NOT listed AND edition IS NOT NULL)",
        "pending_expires": "(state = 'pending') = (expires_on IS NOT NULL)"
        " AND (state = 'pending' OR (fingerprint IS NULL AND earlier_fingerprint IS NULL))",
        "released_were_confirmed": "state NOT IN ('pending', 'held') OR edition IS NULL",
        "name_only_when_named": "name_box IS NULL OR display = 'named'",
        "removed_after": "removed_in IS NULL OR removed_in >= edition",
    }
    return [
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("display", sa.String(length=16), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("profession", sa.String(length=60), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("name_box", sa.LargeBinary(), nullable=True),
        sa.Column("pseudonym", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("earlier_fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("held_for", sa.String(length=16), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("removed_in", sa.Integer(), nullable=True),
        sa.Column("printed_profession", sa.String(length=60), nullable=True),
        sa.Column("printed_region", sa.String(length=12), nullable=True),
        sa.Column("printed_standing", sa.String(length=16), nullable=True),
        sa.Column("printed_named", sa.Boolean(), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_signatures_{name}")) for name, rule in checks.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
    ]


def _index_signatures() -> None:
    partial = (
        ("uq_signatures_one_each", "address_index", True, *["state IN ('confirmed', 'held', 'voided')"] * 2),
        ("uq_signatures_one_mail", "fingerprint", True, "mailed IS 1", "mailed IS true"),
        ("uq_signatures_pseudonym", "pseudonym", True, *["pseudonym IS NOT NULL"] * 2),
        ("ix_signatures_news", "news", False, "news IS 1", "news IS true"),
    )
    for name, column, unique, sqlite, postgresql in partial:
        where = {"sqlite_where": sa.text(sqlite), "postgresql_where": sa.text(postgresql)}
        op.create_index(name, "signatures", ["letter_id", column], unique=unique, **where)
    expires = sa.text("expires_on IS NOT NULL")
    op.create_index(
        "ix_signatures_expiring", "signatures", ["expires_on"], sqlite_where=expires, postgresql_where=expires
    )
    op.create_index("ix_signatures_address", "signatures", ["letter_id", "address_index"])


def _subscriptions() -> Items:
    return [
        sa.Column("signature_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("address_box", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signatures.id"],
            name=op.f("fk_subscriptions_signature_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("pk_subscriptions")),
    ]


def _entries() -> Items:
    return [
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name_box", sa.LargeBinary(), nullable=True),
        sa.Column("pseudonym", sa.Integer(), nullable=True),
        sa.Column("profession", sa.String(length=60), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("leaving", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(name_box IS NULL) <> (pseudonym IS NULL)", name=op.f("ck_entries_one_name")),
        sa.ForeignKeyConstraint(
            ["letter_id", "edition"],
            ["editions.letter_id", "editions.number"],
            name=op.f("fk_entries_letter_id_edition"),
        ),
        sa.PrimaryKeyConstraint("letter_id", "edition", "position", name=op.f("pk_entries")),
    ]


def _index_entries() -> None:
    for name, columns, unique, flag in (
        ("ix_entries_leaving", ["letter_id", "leaving"], False, True),
        ("uq_entries_signature", ["signature_id"], True, False),
    ):
        where = {
            "sqlite_where": sa.text(f"leaving IS {int(flag)}"),
            "postgresql_where": sa.text(f"leaving IS {str(flag).lower()}"),
        }
        op.create_index(name, "entries", columns, unique=unique, **where)


def _tallies() -> Items:
    return [
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("unnamed", sa.Integer(), nullable=False),
        sa.CheckConstraint("dimension IN ('profession', 'region', 'standing')", name=op.f("ck_tallies_dimension")),
        sa.CheckConstraint("unnamed >= 0 AND count >= unnamed", name=op.f("ck_tallies_count")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_tallies_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "dimension", "code", name=op.f("pk_tallies")),
    ]


def _cells() -> Items:
    return [
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("printed", sa.Integer(), nullable=True),
        sa.CheckConstraint("dimension IN ('profession', 'region', 'standing')", name=op.f("ck_cells_dimension")),
        sa.CheckConstraint("events >= 0 AND (printed IS NULL OR printed > 0)", name=op.f("ck_cells_figures")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_cells_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "dimension", "code", name=op.f("pk_cells")),
    ]


def _decisions() -> Items:
    return [
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("act IN ('accepted', 'voided')", name=op.f("ck_decisions_act")),
        sa.CheckConstraint("act = 'accepted' OR reason IS NOT NULL", name=op.f("ck_decisions_void_has_reason")),
        sa.CheckConstraint("count > 0", name=op.f("ck_decisions_count")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_decisions_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_decisions")),
    ]


def _spent_proofs() -> Items:
    return [
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_spent_proofs_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_proofs")),
    ]


def _outbox() -> Items:
    return [
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("challenge", sa.LargeBinary(length=16), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("address_box", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure", sa.String(length=80), nullable=True),
        sa.Column("due_at", Moment(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("lease", sa.LargeBinary(length=16), nullable=True),
        sa.Column("leased_until", Moment(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'dead')", name=op.f("ck_outbox_state")),
        sa.CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name=op.f("ck_outbox_lease_whole")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_outbox_failures")),
        sa.CheckConstraint("state = 'waiting' OR due_at IS NULL", name=op.f("ck_outbox_dead_without_time")),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_outbox_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    ]
