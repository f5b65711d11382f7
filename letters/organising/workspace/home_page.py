"""The workspace's first page: the letters, drafts and teams of whoever is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.drafts import DraftRow
from letters.models.letters import LetterRow, LetterTextRow
from letters.models.teams import LetterTeamRow, MembershipRow, Role, TeamRow
from letters.organising.workspace.access import Visitor
from letters.organising.workspace.page import WorkspacePage


@dataclass(frozen=True)
class LetterLine:
    """One letter in the list."""

    slug: str
    title: str
    state: str


@dataclass(frozen=True)
class DraftLine:
    """One draft in the list; `id` is hexadecimal."""

    id: str
    title: str
    changed_on: date


@dataclass(frozen=True)
class TeamLine:
    """One team with what belongs to it."""

    id: int
    name: str
    role: Role
    letters: Sequence[LetterLine]
    drafts: Sequence[DraftLine]


class Home(WorkspacePage):
    """What one may work on."""

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            teams = list_teams(session, visitor.session.account.id)
        return self.answer("organising/workspace/home.html", visitor, teams=teams)


def list_teams(session: Session, account_id: bytes) -> list[TeamLine]:
    """The account's teams with their letters, the newest first, and the drafts that have not become one."""
    query = (
        select(TeamRow, MembershipRow.role)
        .join(MembershipRow, MembershipRow.team_id == TeamRow.id)
        .where(MembershipRow.account_id == account_id)
        .order_by(TeamRow.id)
    )
    return [
        TeamLine(team.id, team.name, Role(role), _letters(session, team.id), _drafts(session, team.id))
        for team, role in session.execute(query)
    ]


def _letters(session: Session, team_id: int) -> list[LetterLine]:
    query = (
        select(LetterRow, LetterTextRow.language, LetterTextRow.title)
        .join(LetterTeamRow, LetterTeamRow.letter_id == LetterRow.id)
        .join(LetterTextRow, LetterTextRow.letter_id == LetterRow.id)
        .where(LetterTeamRow.team_id == team_id)
        .order_by(LetterRow.id.desc())
    )
    rows = session.execute(query).all()
    return [LetterLine(row.slug, title, row.state) for row, language, title in rows if language == row.languages[0]]


def _drafts(session: Session, team_id: int) -> list[DraftLine]:
    query = select(DraftRow).where(DraftRow.team_id == team_id, DraftRow.letter_id.is_(None))
    rows = session.scalars(query.order_by(DraftRow.changed_on.desc()))
    return [DraftLine(row.id.hex(), row.title, row.changed_on) for row in rows]
