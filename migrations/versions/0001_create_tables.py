"""Create letters, signatures, editions, challenges and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import verification.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenges",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("shown_until", verification.database.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("kind = 'manage' OR expires_on IS NOT NULL", name=op.f("ck_challenges_confirm_expires")),
        sa.CheckConstraint("kind IN ('confirm', 'manage')", name=op.f("ck_challenges_kind")),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'declined', 'superseded', 'withdrawn')",
            name=op.f("ck_challenges_outcome"),
        ),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_challenges_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("challenges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenges_subject"), ["subject"], unique=False)

    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("addressee", sa.JSON(), nullable=False),
        sa.Column("responsible", sa.JSON(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("professions", sa.String(length=40), nullable=False),
        sa.Column("opens_at", verification.database.Moment(timezone=True), nullable=True),
        sa.Column("closes_at", verification.database.Moment(timezone=True), nullable=True),
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
        sa.Column("tended_at", verification.database.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("custody IN ('team', 'offline')", name=op.f("ck_letters_custody")),
        sa.CheckConstraint("state <> 'scheduled' OR opens_at IS NOT NULL", name=op.f("ck_letters_scheduled_when")),
        sa.CheckConstraint("state = 'draft' OR length(public_key) > 0", name=op.f("ck_letters_no_key_no_letter")),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'open', 'paused', 'closed', 'archived')",
            name=op.f("ck_letters_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'archived') OR closed_on IS NOT NULL",
            name=op.f("ck_letters_closed_when"),
        ),
        sa.CheckConstraint("edition >= 0 AND removals >= 0 AND revision >= 0", name=op.f("ck_letters_counters")),
        sa.CheckConstraint("edition_every > 0 AND edition_at_least > 0", name=op.f("ck_letters_edition_rule")),
        sa.CheckConstraint("figures_threshold > 0 AND figures_step > 0", name=op.f("ck_letters_figures_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("slug", name=op.f("uq_letters_slug")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("challenge", sa.LargeBinary(length=16), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("address_box", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure", sa.String(length=80), nullable=True),
        sa.Column("due_at", verification.database.Moment(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("lease", sa.LargeBinary(length=16), nullable=True),
        sa.Column("leased_until", verification.database.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'dead')", name=op.f("ck_outbox_state")),
        sa.CheckConstraint("(lease IS NULL) = (leased_until IS NULL)", name=op.f("ck_outbox_lease_whole")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_outbox_failures")),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_outbox_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_due", ["state", "due_at"], unique=False)

    op.create_table(
        "corrections",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_corrections_letter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_corrections")),
    )
    op.create_table(
        "editions",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("released_at", verification.database.Moment(timezone=True), nullable=False),
        sa.Column("signatures", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_editions_number")),
        sa.CheckConstraint(
            "signatures >= withdrawn + voided AND withdrawn >= 0 AND voided >= 0",
            name=op.f("ck_editions_sum"),
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_editions_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "number", name=op.f("pk_editions")),
    )
    op.create_table(
        "first_signatories",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_first_signatories_letter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_first_signatories")),
    )
    op.create_table(
        "letter_texts",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("privacy", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_letter_texts_letter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", "language", name=op.f("pk_letter_texts")),
    )
    op.create_table(
        "signatures",
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
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("removed_in", sa.Integer(), nullable=True),
        sa.Column("printed_profession", sa.String(length=60), nullable=True),
        sa.Column("printed_region", sa.String(length=12), nullable=True),
        sa.Column("printed_standing", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (expires_on IS NOT NULL)"
            " AND (state = 'pending' OR (fingerprint IS NULL AND earlier_fingerprint IS NULL))",
            name=op.f("ck_signatures_pending_expires"),
        ),
        sa.CheckConstraint("display IN ('counted', 'pseudonym', 'named')", name=op.f("ck_signatures_display")),
        sa.CheckConstraint("name_box IS NULL OR display = 'named'", name=op.f("ck_signatures_name_only_when_named")),
        sa.CheckConstraint("standing IN ('mailbox', 'institution', 'vouched')", name=op.f("ck_signatures_standing")),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR (sealed IS NULL AND address_index IS NULL AND name_box IS NULL"
            " AND profession IS NULL AND region IS NULL AND pseudonym IS NULL AND edition IS NOT NULL)",
            name=op.f("ck_signatures_withdrawn_is_erased"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'confirmed', 'held', 'withdrawn', 'voided')",
            name=op.f("ck_signatures_state"),
        ),
        sa.CheckConstraint(
            "state IN ('withdrawn', 'voided') OR (sealed IS NOT NULL AND address_index IS NOT NULL"
            " AND profession IS NOT NULL AND region IS NOT NULL)",
            name=op.f("ck_signatures_whole"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('pending', 'held') OR edition IS NULL",
            name=op.f("ck_signatures_released_were_confirmed"),
        ),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_signatures_id_length")),
        sa.CheckConstraint("removed_in IS NULL OR removed_in >= edition", name=op.f("ck_signatures_removed_after")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.create_index("ix_signatures_address", ["letter_id", "address_index"], unique=False)
        batch_op.create_index(
            "ix_signatures_expiring",
            ["expires_on"],
            unique=False,
            sqlite_where=sa.text("expires_on IS NOT NULL"),
            postgresql_where=sa.text("expires_on IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_signatures_news",
            ["letter_id", "news"],
            unique=False,
            sqlite_where=sa.text("news IS 1"),
            postgresql_where=sa.text("news IS true"),
        )
        batch_op.create_index(
            "uq_signatures_one_each",
            ["letter_id", "address_index"],
            unique=True,
            sqlite_where=sa.text("state IN ('confirmed', 'held', 'voided')"),
            postgresql_where=sa.text("state IN ('confirmed', 'held', 'voided')"),
        )
        batch_op.create_index(
            "uq_signatures_one_mail",
            ["letter_id", "fingerprint"],
            unique=True,
            sqlite_where=sa.text("mailed IS 1"),
            postgresql_where=sa.text("mailed IS true"),
        )
        batch_op.create_index(
            "uq_signatures_pseudonym",
            ["letter_id", "pseudonym"],
            unique=True,
            sqlite_where=sa.text("pseudonym IS NOT NULL"),
            postgresql_where=sa.text("pseudonym IS NOT NULL"),
        )

    op.create_table(
        "tallies",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("dimension IN ('profession', 'region', 'standing')", name=op.f("ck_tallies_dimension")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_tallies_count")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_tallies_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "dimension", "code", name=op.f("pk_tallies")),
    )
    op.create_table(
        "entries",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("folded", sa.Text(), nullable=True),
        sa.Column("pseudonym", sa.Integer(), nullable=True),
        sa.Column("profession", sa.String(length=60), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("leaving", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(name IS NULL) <> (pseudonym IS NULL)", name=op.f("ck_entries_one_name")),
        sa.CheckConstraint("(name IS NULL) = (folded IS NULL)", name=op.f("ck_entries_folded_name")),
        sa.ForeignKeyConstraint(
            ["letter_id", "edition"],
            ["editions.letter_id", "editions.number"],
            name=op.f("fk_entries_letter_id_edition"),
        ),
        sa.PrimaryKeyConstraint("letter_id", "edition", "position", name=op.f("pk_entries")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_entries_leaving",
            ["letter_id", "leaving"],
            unique=False,
            sqlite_where=sa.text("leaving IS 1"),
            postgresql_where=sa.text("leaving IS true"),
        )
        batch_op.create_index(
            "uq_entries_signature",
            ["signature_id"],
            unique=True,
            sqlite_where=sa.text("leaving IS 0"),
            postgresql_where=sa.text("leaving IS false"),
        )

    op.create_table(
        "subscriptions",
        sa.Column("signature_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("address_box", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signatures.id"],
            name=op.f("fk_subscriptions_signature_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signature_id", name=op.f("pk_subscriptions")),
        sqlite_with_rowid=False,
    )
