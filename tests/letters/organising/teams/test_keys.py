"""The keys of a team's letters, and who holds them while members come and go."""

from threading import Thread

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.teams import LetterKeyRow, LetterTeamRow, MembershipRow, Role
from letters.organising.loading import load
from letters.organising.teams.keys import share_new
from letters.organising.teams.members import remove
from letters.organising.teams.trail import Doing
from letters.runtime import Runtime
from tests.parts.campaign import demo_draft
from tests.parts.organiser import Organiser, found_team


def test_a_key_that_is_made_while_a_member_is_removed_is_not_theirs(organiser: Organiser, runtime: Runtime) -> None:
    """As when a letter that is scheduled comes back from offline custody. Their account stays, for another team."""
    gone, team_id = organiser.colleague(sees_names=True).account_id, organiser.team_id
    other = found_team(runtime, organiser.app, "other@example.org", "Other Team Example").team_id
    doing, (draft, pair) = Doing(team_id, organiser.account_id, runtime.clock()), demo_draft(custody="team")
    leaving = Thread(target=lambda: runtime.settle(lambda session: remove(session, doing, gone)))

    def bind(session: Session) -> int:
        row = load(session, draft, runtime.settings.vocabularies, runtime.clock())
        session.add(LetterTeamRow(letter_id=row.id, team_id=team_id))
        today = runtime.clock().date()
        session.add(MembershipRow(team_id=other, account_id=gone, role=Role.REVIEWER.value, joined_on=today))
        return int(row.id)

    def verb(session: Session) -> None:
        share_new(session, session.get_one(LetterRow, letter_id), team_id, pair.secret)
        leaving.start()
        leaving.join(1)

    letter_id = runtime.settle(bind)
    runtime.settle(verb)
    leaving.join(20)
    with runtime.reading() as session:
        assert session.scalars(select(LetterKeyRow.account_id)).all() == [organiser.account_id]
