"""The trail in words: who of the team did what, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow
from letters.models.letters import LetterRow
from letters.models.teams import LetterTeamRow, MembershipRow, Role
from letters.organising.accounts.profiles import open_account
from letters.organising.teams.trail import PAGE, Trace, read_trail
from letters.organising.watching.trail_words import tell
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import LetterPage, TeamPage
from verification.identity.keyring import Keyring


@dataclass(frozen=True)
class TrailLine:
    """One line of the trail; `slug` is the letter's that it is about, if it is about one."""

    done_at: datetime
    who: str
    sentence: str
    slug: str | None


@dataclass(frozen=True)
class TrailPage:
    """Some lines, the newest first; older ones are asked for by `before`."""

    lines: Sequence[TrailLine]
    before: int | None


class TeamTrail(TeamPage):
    """What the team did, in all its letters."""

    needs = Access(role=Role.REVIEWER)

    def get(self, member: Member) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            trail = read_page(session, self.site.runtime.keyring, member.team_id, None, before())
        return self.answer("organising/watching/trail.html", member, trail=trail)


class LetterTrail(LetterPage):
    """What the team did in one letter."""

    needs = Access(role=Role.REVIEWER)

    def get(self, member: Member) -> ResponseReturnValue:
        with self.site.runtime.reading() as session:
            trail = read_page(session, self.site.runtime.keyring, member.team_id, member.of_letter.id, before())
        return self.answer("organising/watching/trail.html", member, trail=trail)


def before() -> int | None:
    """`before=` as a number; 404 for anything else."""
    text = request.args.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        abort(404)
    return int(text)


def read_page(session: Session, keyring: Keyring, team_id: int, letter_id: int | None, before: int | None) -> TrailPage:
    """A page of the team's trail, or of one letter's. Only members have names: who left is a former member."""
    traces, names = read_trail(session, team_id, letter_id, before), _names(session, keyring, team_id)
    slugs = {} if letter_id else _slugs(session, team_id)
    lines = [_line(trace, names, slugs) for trace in traces]
    return TrailPage(lines, traces[-1].id if len(traces) == PAGE else None)


def _line(trace: Trace, names: Mapping[bytes, str], slugs: Mapping[int, str]) -> TrailLine:
    about = names.get(trace.about, _("a former member")) if trace.about else _("somebody")
    slug = slugs.get(trace.letter_id) if trace.letter_id else None
    return TrailLine(trace.done_at, _who(trace.account_id, names), tell(trace, about), slug)


def _who(account_id: bytes | None, names: Mapping[bytes, str]) -> str:
    return names.get(account_id, _("A former member")) if account_id else _("This server")


def _names(session: Session, keyring: Keyring, team_id: int) -> Mapping[bytes, str]:
    query = select(AccountRow).join(MembershipRow, MembershipRow.account_id == AccountRow.id)
    rows = session.scalars(query.where(MembershipRow.team_id == team_id))
    return {row.id: open_account(keyring, row).profile.name for row in rows}


def _slugs(session: Session, team_id: int) -> Mapping[int, str]:
    query = select(LetterRow.id, LetterRow.slug).join(LetterTeamRow, LetterTeamRow.letter_id == LetterRow.id)
    return dict(session.execute(query.where(LetterTeamRow.team_id == team_id)).all())
