"""Teams of organisers: who belongs to them, what they may do, whose letters they are, and what they did."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import DDL, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, event
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base, Moment, table_of


class Role(StrEnum):
    """What a member may do: reviewers look and decide over signatures, editors also write and hand over, owners also
    decide who belongs to the team."""

    REVIEWER = "reviewer"
    EDITOR = "editor"
    OWNER = "owner"

    def reaches(self, needed: Role) -> bool:
        """Whether this role may do what asks for `needed`."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


class TeamRow(Base):
    """One team."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))


class MembershipRow(Base):
    """One organiser in one team; `sees_names` says that the keys of its letters are wrapped to the account."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('owner', 'editor', 'reviewer')", name="role"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    sees_names: Mapped[bool] = mapped_column(Boolean, default=False)
    joined_on: Mapped[date] = mapped_column(Date)


class InvitationRow(Base):
    """An invitation into a team, or to found one. Its address lies in a box under the server key `accounts`; the
    first organiser's has none."""

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'editor', 'reviewer')", name="role"),
        CheckConstraint("team_id IS NOT NULL OR role = 'owner'", name="founder_owns"),
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    role: Mapped[str] = mapped_column(String(8))
    sees_names: Mapped[bool] = mapped_column(Boolean, default=False)
    address_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    invited_by: Mapped[bytes | None] = mapped_column(ForeignKey("accounts.id"))
    expires_on: Mapped[date] = mapped_column(Date)


class LetterTeamRow(Base):
    """Whose letter it is. A letter that was loaded on the command line may be the host's alone."""

    __tablename__ = "letter_teams"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)


class LetterKeyRow(Base):
    """A letter's secret key under custody `team`, wrapped to one member's public key."""

    __tablename__ = "letter_keys"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    account_id: Mapped[bytes] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class TrailRow(Base):
    """One act of an organiser. The database refuses to change or delete it.

    It holds no free text, so no signer can be named in it: what was done, by whom, in which hour, to how many, why by
    a code, and to which other organiser.
    """

    __tablename__ = "trail"
    __table_args__ = (
        CheckConstraint("count IS NULL OR count >= 0", name="count"),
        Index("ix_trail_letter", "letter_id", "id"),
        Index("ix_trail_team", "team_id", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
    account_id: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    done_at: Mapped[datetime] = mapped_column(Moment)
    act: Mapped[str] = mapped_column(String(32))
    count: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(String(24))
    about: Mapped[bytes | None] = mapped_column(LargeBinary(16))


APPEND_ONLY = {
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
"""What keeps the trail as it was written, by dialect."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(table_of(TrailRow), "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
