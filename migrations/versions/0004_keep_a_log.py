"""A log for each letter, what its leaves are made of, and samples for the press.

Up only, as 0002 is. Signatures that were counted before have no leaf; their letter's log says how many they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from verification.database import Moment
from verification.remaking import remake_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SIGNATURES = {
    "log_secret_of_counted": "log_secret IS NULL OR (length(log_secret) = 32 AND edition IS NOT NULL)",
    "withdrawn_is_erased": "state <> 'withdrawn' OR (sealed IS NULL AND address_index IS NULL AND name_box IS NULL"
    " AND profession IS NULL AND region IS NULL AND pseudonym IS NULL AND NOT listed AND NOT press"
    " AND edition IS NOT NULL)",
}


def upgrade() -> None:
    (_alter if op.get_bind().dialect.name == "postgresql" else _remake)()
    _create_logs()
    _create_samples()


def _alter() -> None:
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what an earlier migration left to be checked at the end
    op.add_column("editions", sa.Column("log_size", sa.Integer(), nullable=True))
    op.add_column("editions", sa.Column("reasons", sa.JSON(), nullable=False, server_default="{}"))
    op.alter_column("editions", "reasons", server_default=None)
    op.add_column("signatures", sa.Column("log_secret", sa.LargeBinary(length=32), nullable=True))
    op.add_column("signatures", sa.Column("press", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("signatures", "press", server_default=None)
    op.drop_constraint(op.f("ck_signatures_withdrawn_is_erased"), "signatures")
    for name, rule in _SIGNATURES.items():
        op.create_check_constraint(op.f(f"ck_signatures_{name}"), "signatures", rule)


def _remake() -> None:
    remake_table("editions", {"reasons": ("JSON NOT NULL", "'{}'"), "log_size": ("INTEGER", "NULL")}, {})
    columns = {"log_secret": ("BLOB", "NULL"), "press": ("BOOLEAN NOT NULL", "0")}
    remake_table("signatures", columns, _SIGNATURES)


def _create_logs() -> None:
    op.create_table(
        "logs",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_logs_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_logs")),
        sa.UniqueConstraint("origin", name=op.f("uq_logs_origin")),
    )
    op.create_table(
        "log_heads",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_log_heads_size")),
        sa.CheckConstraint("length(root) = 32", name=op.f("ck_log_heads_root_length")),
        sa.ForeignKeyConstraint(["letter_id"], ["logs.letter_id"], name=op.f("fk_log_heads_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "size", name=op.f("pk_log_heads")),
    )
    unsigned = sa.text("note IS NULL")
    op.create_index(
        "ix_log_heads_unsigned", "log_heads", ["letter_id"], sqlite_where=unsigned, postgresql_where=unsigned
    )
    op.create_table(
        "log_tiles",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("level >= -1 AND number >= 0", name=op.f("ck_log_tiles_place")),
        sa.ForeignKeyConstraint(["letter_id"], ["logs.letter_id"], name=op.f("fk_log_tiles_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "level", "number", name=op.f("pk_log_tiles")),
    )
    op.create_table(
        "cosignatures",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("witness", sa.String(length=255), nullable=False),
        sa.Column("cosigned_at", Moment(timezone=True), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id", "size"],
            ["log_heads.letter_id", "log_heads.size"],
            name=op.f("fk_cosignatures_letter_id_size"),
        ),
        sa.PrimaryKeyConstraint("letter_id", "size", "witness", name=op.f("pk_cosignatures")),
    )


def _create_samples() -> None:
    op.create_table(
        "samples",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("journalist", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=True),
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("witness", sa.String(length=255), nullable=True),
        sa.Column("beacon", sa.Text(), nullable=True),
        sa.Column("drawn", sa.LargeBinary(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=True),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('announced', 'drawn', 'reported', 'dropped')", name=op.f("ck_samples_state")),
        sa.CheckConstraint("wanted > 0 AND candidates >= wanted AND size > 0", name=op.f("ck_samples_counts")),
        sa.CheckConstraint("length(frame_hash) = 32", name=op.f("ck_samples_frame_hash_length")),
        sa.CheckConstraint(
            "state NOT IN ('drawn', 'reported') OR (beacon IS NOT NULL AND drawn_on IS NOT NULL)",
            name=op.f("ck_samples_drawn_when"),
        ),
        sa.CheckConstraint(
            "(state = 'reported') = (confirmed IS NOT NULL) AND (confirmed IS NULL OR confirmed BETWEEN 0 AND wanted)",
            name=op.f("ck_samples_confirmed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('reported', 'dropped') OR (drawn IS NULL AND frame IS NULL)",
            name=op.f("ck_samples_lists_erased"),
        ),
        sa.CheckConstraint(
            "(state IN ('reported', 'dropped')) = (ended_on IS NOT NULL)", name=op.f("ck_samples_ended_when")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_samples_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "number", name=op.f("pk_samples")),
    )
