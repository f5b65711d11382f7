"""Who may open a page of the workspace: what each page asks, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.accounts import Stage
from letters.models.drafts import DraftRow
from letters.models.finding import read_letter
from letters.models.letters import LetterRow
from letters.models.teams import LetterTeamRow, MembershipRow, Role, TeamRow
from letters.models.values import Letter
from letters.organising.accounts.sessions import Opened
from verification.errors import Refusal


class NotSignedIn(Refusal):
    """The page asks for a signed-in organiser."""


class NotFound(Refusal):
    """There is no such team, letter or draft, or it is another team's: which of them is not said."""


class NotAllowed(Refusal):
    """The organiser's role does not reach so far."""


class Level(StrEnum):
    """How far somebody has signed in: not at all, by the password, or with the second factor as well."""

    ANYBODY = "anybody"
    PASSWORD = "password"
    FULL = "full"


@dataclass(frozen=True)
class Access:
    """What a page asks of its visitor. A role is one in the team that the address leads to."""

    level: Level = Level.FULL
    role: Role | None = None
    strong: bool = False


@dataclass(frozen=True)
class Visitor:
    """Whoever asks for a page; `cookie` is the browser's, of a session or of a sign-in that has just begun."""

    cookie: bytes
    csrf: str
    opened: Opened | None

    @property
    def session(self) -> Opened:
        """The session. Raises `NotSignedIn`."""
        if self.opened is None:
            raise NotSignedIn("Sign in first.")
        return self.opened


@dataclass(frozen=True)
class Member(Visitor):
    """A visitor as a member of one team, perhaps about one of its letters or drafts."""

    team_id: int
    team: str
    role: Role
    sees_names: bool
    letter: Letter | None = None
    draft_id: bytes | None = None

    @property
    def of_letter(self) -> Letter:
        """The letter that the page is about."""
        assert self.letter is not None, "the page's address names no letter"
        return self.letter

    def may(self, role: str) -> bool:
        """For templates: whether the member's role reaches the named one."""
        return self.role.reaches(Role(role))


def check_level(visitor: Visitor, access: Access) -> None:
    """Raises `NotSignedIn`: for lack of a session, of its second factor, or of any second factor on the account."""
    if access.level is Level.ANYBODY:
        return
    opened = visitor.opened
    if opened is None or (access.level is Level.FULL and (opened.stage is not Stage.FULL or not opened.account.ready)):
        raise NotSignedIn("Sign in first.")


def check_role(member: Member, access: Access) -> None:
    """Raises `NotAllowed`."""
    if access.role and not member.role.reaches(access.role):
        raise NotAllowed("Your role in the team does not allow this. Ask an owner of the team.")


def member_of_team(session: Session, visitor: Visitor, team_id: int) -> Member:
    """Raises `NotFound`."""
    found = session.execute(
        select(TeamRow.name, MembershipRow.role, MembershipRow.sees_names)
        .join(MembershipRow, MembershipRow.team_id == TeamRow.id)
        .where(TeamRow.id == team_id, MembershipRow.account_id == visitor.session.account.id)
    ).first()
    if found is None:
        raise NotFound("There is no such page in your workspace.")
    name, role, sees_names = found
    return Member(visitor.cookie, visitor.csrf, visitor.opened, team_id, name, Role(role), sees_names)


def member_of_letter(session: Session, visitor: Visitor, slug: str) -> Member:
    """Raises `NotFound`."""
    query = select(LetterRow, LetterTeamRow.team_id).join(LetterTeamRow, LetterTeamRow.letter_id == LetterRow.id)
    found = session.execute(query.where(LetterRow.slug == slug)).first()
    if found is None:
        raise NotFound("There is no such page in your workspace.")
    row, team_id = found
    member = member_of_team(session, visitor, team_id)
    return Member(**{**vars(member), "letter": read_letter(session, row)})


def member_of_draft(session: Session, visitor: Visitor, draft: str) -> Member:
    """Raises `NotFound`."""
    try:
        draft_id = bytes.fromhex(draft)
    except ValueError:
        draft_id = b""
    row = session.get(DraftRow, draft_id)
    if row is None:
        raise NotFound("There is no such page in your workspace.")
    return Member(**{**vars(member_of_team(session, visitor, row.team_id)), "draft_id": draft_id})
