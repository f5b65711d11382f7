"""Pacts, lists of official addresses, and drawings. Up only, as 0002 is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from verification.remaking import remake_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SIGNATURES = {
    "pact_of_named": "NOT pact OR display = 'named'",
    "withdrawn_is_erased": "state <> 'withdrawn' OR (sealed IS NULL AND address_index IS NULL AND name_box IS NULL"
    " AND profession IS NULL AND region IS NULL AND pseudonym IS NULL AND NOT listed AND NOT press AND NOT pact"
    " AND edition IS NOT NULL)",
}


def upgrade() -> None:
    (_alter if op.get_bind().dialect.name == "postgresql" else _remake)()
    _index_pact()
    _create_pacts()
    _create_address_lists()
    _create_drawings()


def _alter() -> None:
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what an earlier migration left to be checked at the end
    op.add_column("signatures", sa.Column("pact", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("signatures", "pact", server_default=None)
    op.drop_constraint(op.f("ck_signatures_withdrawn_is_erased"), "signatures")
    for name, rule in _SIGNATURES.items():
        op.create_check_constraint(op.f(f"ck_signatures_{name}"), "signatures", rule)


def _remake() -> None:
    remake_table("signatures", {"pact": ("BOOLEAN NOT NULL", "0")}, _SIGNATURES)


def _index_pact() -> None:
    where = {"sqlite_where": sa.text("pact IS 1"), "postgresql_where": sa.text("pact IS true")}
    op.create_index("ix_signatures_pact", "signatures", ["letter_id", "state", "edition"], **where)


def _create_pacts() -> None:
    op.create_table(
        "pacts",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("kept_in", sa.Integer(), nullable=True),
        sa.Column("lapsed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("needed >= 2", name=op.f("ck_pacts_needed")),
        sa.CheckConstraint("NOT lapsed OR kept_in IS NULL", name=op.f("ck_pacts_one_end")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_pacts_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_pacts")),
    )


def _create_address_lists() -> None:
    op.create_table(
        "address_lists",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mirrors", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_address_lists_number")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_address_lists_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_address_lists")),
    )


def _create_drawings() -> None:
    op.create_table(
        "drawings",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("source", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('card', 'poster')", name=op.f("ck_drawings_kind")),
        sa.CheckConstraint("length(source) = 32", name=op.f("ck_drawings_source_length")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_drawings_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "kind", "language", name=op.f("pk_drawings")),
    )
