"""Accounts, teams, drafts, batches, standing, updates; mails say which room writes them.

Up only, as 0002 is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from verification.database import Moment
from verification.identity.keyring import Keyring
from verification.remaking import remake_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.LargeBinary(length=16)


def upgrade() -> None:
    _keyring().create_server("accounts")
    postgresql = op.get_bind().dialect.name == "postgresql"
    (_alter if postgresql else _remake)()
    aside = sa.text("state IN ('held', 'voided')")
    op.create_index(
        "ix_signatures_aside",
        "signatures",
        ["letter_id", "state", "batch"],
        sqlite_where=aside,
        postgresql_where=aside,
    )
    _create_accounts()
    _create_teams()
    _create_letters()
    for statement in _APPEND_ONLY["postgresql" if postgresql else "sqlite"]:
        op.execute(statement)


def _keyring() -> Keyring:
    keyring: Keyring = context.config.attributes["keyring"]
    return keyring


# What there was: PostgreSQL alters, SQLite makes the tables anew, because it can change no constraint.

_HELD_FOR = (
    "(held_for IS NOT NULL AND held_for IN ('disposable', 'burst', 'domain', 'organiser')"
    " AND state IN ('pending', 'held', 'voided')) OR (held_for IS NULL AND state <> 'held')"
)
_BATCH = "batch IS NULL OR state = 'voided'"
_KINDS = "kind IN ('confirm', 'manage', 'invite', 'reset')"
_ABOUT = "about IN ('signature', 'account', 'update')"
_NUMBER = "(about = 'update') = (number IS NOT NULL)"


def _alter() -> None:
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what an earlier migration left to be checked at the end
    op.add_column("signatures", sa.Column("batch", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("ck_signatures_held_for"), "signatures")
    op.drop_constraint(op.f("ck_challenges_kind"), "challenges")
    op.add_column("outbox", sa.Column("about", sa.String(length=9), nullable=False, server_default="signature"))
    op.alter_column("outbox", "about", server_default=None)
    op.add_column("outbox", sa.Column("number", sa.Integer(), nullable=True))
    for table, name, rule in (
        ("signatures", "held_for", _HELD_FOR),
        ("signatures", "batch_is_voided", _BATCH),
        ("challenges", "kind", _KINDS),
        ("outbox", "about", _ABOUT),
        ("outbox", "update_has_number", _NUMBER),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.add_column("subscriptions", sa.Column("handle", ID, nullable=True))
    _draw_handles()
    op.alter_column("subscriptions", "handle", nullable=False)
    op.create_unique_constraint(op.f("uq_subscriptions_handle"), "subscriptions", ["handle"])


def _draw_handles() -> None:
    bind = op.get_bind()
    table = sa.table("subscriptions", *map(sa.column, ("signature_id", "handle")))
    draw = table.update().where(table.c.signature_id == sa.bindparam("row")).values(handle=sa.bindparam("drawn"))
    ids = bind.execute(sa.select(table.c.signature_id)).scalars().all()
    if ids:
        bind.execute(draw, [{"row": bytes(id), "drawn": _keyring().random_bytes(16)} for id in ids])


def _remake() -> None:
    signatures = {"held_for": _HELD_FOR, "batch_is_voided": _BATCH}
    remake_table("signatures", {"batch": ("INTEGER", "NULL")}, signatures)
    remake_table("challenges", {}, {"kind": _KINDS})
    about = {"about": ("VARCHAR(9) NOT NULL", "'signature'"), "number": ("INTEGER", "NULL")}
    remake_table("outbox", about, {"about": _ABOUT, "update_has_number": _NUMBER})
    remake_table("subscriptions", {"handle": ("BLOB NOT NULL", "randomblob(16)")}, {}, unique="handle")


# What is new.


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("profile_box", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("secret_box", sa.LargeBinary(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_accounts_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("address_index", name=op.f("uq_accounts_address_index")),
    )
    op.create_table(
        "factors",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('totp', 'passkey')", name=op.f("ck_factors_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_factors_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factors")),
    )
    op.create_index("ix_factors_account_id", "factors", ["account_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("secret_box", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id")),
        sa.PrimaryKeyConstraint("account_id", "position", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("secret_box", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", Moment(timezone=True), nullable=False),
        sa.Column("seen_at", Moment(timezone=True), nullable=False),
        sa.Column("strong_until", Moment(timezone=True), nullable=True),
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint("stage = 'full' OR strong_until IS NULL", name=op.f("ck_sessions_strong_is_full")),
        sa.CheckConstraint("stage IN ('password', 'full')", name=op.f("ck_sessions_stage")),
        sa.CheckConstraint("length(id) = 32", name=op.f("ck_sessions_id_length")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])


def _create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_table(
        "memberships",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("sees_names", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'editor', 'reviewer')", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_memberships_team_id")),
        sa.PrimaryKeyConstraint("team_id", "account_id", name=op.f("pk_memberships")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("sees_names", sa.Boolean(), nullable=False),
        sa.Column("address_box", sa.LargeBinary(), nullable=True),
        sa.Column("invited_by", sa.LargeBinary(length=16), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'editor', 'reviewer')", name=op.f("ck_invitations_role")),
        sa.CheckConstraint("team_id IS NOT NULL OR role = 'owner'", name=op.f("ck_invitations_founder_owns")),
        sa.ForeignKeyConstraint(["invited_by"], ["accounts.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_invitations_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_table(
        "letter_teams",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_teams_letter_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_letter_teams_team_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_teams")),
    )
    op.create_index("ix_letter_teams_team_id", "letter_teams", ["team_id"])
    op.create_table(
        "letter_keys",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_letter_keys_account_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_keys_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "account_id", name=op.f("pk_letter_keys")),
    )
    op.create_table(
        "trail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("done_at", Moment(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("about", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint("count IS NULL OR count >= 0", name=op.f("ck_trail_count")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_trail_letter_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_trail_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
    )
    op.create_index("ix_trail_letter", "trail", ["letter_id", "id"])
    op.create_index("ix_trail_team", "trail", ["team_id", "id"])


def _create_letters() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.LargeBinary(length=16), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("preview", sa.LargeBinary(length=16), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("version > 0", name=op.f("ck_drafts_version")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_drafts_letter_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_drafts_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_drafts_letter_id")),
        sa.UniqueConstraint("preview", name=op.f("uq_drafts_preview")),
    )
    op.create_index("ix_drafts_team_id", "drafts", ["team_id"])
    op.create_table(
        "batches",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.LargeBinary(length=16), nullable=True),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("approved_by", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'running', 'done', 'undoing', 'undone', 'dropped', 'final')",
            name=op.f("ck_batches_state"),
        ),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> account_id", name=op.f("ck_batches_two_people")),
        sa.CheckConstraint("count >= 0 AND done >= 0", name=op.f("ck_batches_counts")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_batches_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "number", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_state", "batches", ["state"])
    op.create_table(
        "domain_rules",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_domain_rules_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "domain", name=op.f("pk_domain_rules")),
    )
    op.create_table(
        "institutions",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_institutions_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "domain", name=op.f("pk_institutions")),
    )
    op.create_table(
        "unverified",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("gathered", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.CheckConstraint("gathered IN ('paper', 'earlier')", name=op.f("ck_unverified_gathered")),
        sa.CheckConstraint("count > 0", name=op.f("ck_unverified_count")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_unverified_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "position", name=op.f("pk_unverified")),
    )
    op.create_table(
        "updates",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.LargeBinary(length=16), nullable=True),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("bounced", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'sending', 'stopped', 'sent')", name=op.f("ck_updates_state")),
        sa.CheckConstraint("queued >= 0 AND bounced >= 0 AND version > 0", name=op.f("ck_updates_counts")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_updates_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "number", name=op.f("pk_updates")),
    )
    sending, updates = sa.text("state = 'sending'"), sa.text("about = 'update'")
    op.create_index(
        "uq_updates_one_sends",
        "updates",
        ["letter_id"],
        unique=True,
        sqlite_where=sending,
        postgresql_where=sending,
    )
    op.create_index("ix_outbox_updates", "outbox", ["subject"], sqlite_where=updates, postgresql_where=updates)
    op.create_table(
        "downloads",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("moved_at", Moment(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("total >= 0 AND done >= 0 AND damaged >= 0", name=op.f("ck_downloads_counts")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_downloads_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downloads")),
    )


_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER trail_no_{verb} BEFORE {verb.upper()} ON trail "
        "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'the trail is append-only'; END$$""",
        """CREATE TRIGGER trail_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trail
        FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()""",
    ],
}
