"""The trail in words."""

from enum import StrEnum

import pytest
from flask import Flask
from sqlalchemy import delete

from letters.models.batches import Reason
from letters.models.signatures import Suspicion
from letters.models.standing import Gathered
from letters.models.teams import MembershipRow, Role
from letters.organising.teams.trail import PAGE, Act, Doing, Trace, record
from letters.organising.watching.mails import Trouble
from letters.organising.watching.trail_words import tell
from letters.organising.watching.watch import UNDER_WAY
from letters.organising.watching.words import BATCH_STATES, SUSPICIONS, TROUBLES, reason_words
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def do(organiser: Organiser, act: Act, letter_id: int | None = None, **what: object) -> None:
    runtime = organiser.runtime
    doing = Doing(organiser.team_id, organiser.account_id, runtime.clock(), letter_id)
    runtime.settle(lambda session: record(session, doing, act, **what))  # type: ignore[arg-type]


def trail(organiser: Organiser, **query: object) -> str:
    answer = organiser.get(f"/workspace/teams/{organiser.team_id}/trail", **query)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("act", Act)
def test_every_act_is_a_sentence(app: Flask, organiser: Organiser, act: Act) -> None:
    with app.test_request_context():
        for count in (None, 1, 1234):
            sentence = tell(Trace(1, organiser.runtime.clock(), act, None, None, count, None, None), "Vera Example")
            assert sentence.endswith(".")
            assert "%" not in sentence


@pytest.mark.parametrize("code", [code for codes in (Reason, Suspicion, Role, Gathered) for code in codes])
def test_every_reason_has_words(app: Flask, code: StrEnum) -> None:
    with app.test_request_context():
        words = reason_words(code.value)
        assert words
        assert isinstance(code, Role) or words != code.value


def test_every_code_on_the_dashboard_has_words(database: str) -> None:
    assert set(SUSPICIONS) == set(Suspicion)
    assert set(TROUBLES) == set(Trouble)
    assert set(UNDER_WAY) <= set(BATCH_STATES)


def test_the_trail_tells_who_did_what(organiser: Organiser) -> None:
    do(organiser, Act.VOIDED, count=12, reason=Reason.BURST)
    page = trail(organiser)
    assert "<b>Owner Example</b>: 12 signatures were voided. (A burst of signatures that nobody gave by hand)" in page
    assert "<b>Owner Example</b>: The team was founded." in page


def test_whoever_left_is_a_former_member(organiser: Organiser) -> None:
    colleague = organiser.colleague(Role.EDITOR)
    do(organiser, Act.NAMES_SHARED, about=colleague.account_id)
    assert "could see names" in trail(organiser)
    gone = colleague.account_id
    organiser.runtime.settle(
        lambda session: session.execute(delete(MembershipRow).where(MembershipRow.account_id == gone))
    )
    page = trail(organiser)
    assert "<b>A former member</b>: Joined the team." in page
    assert "From then on a former member could see names." in page
    assert "Colleague Example" not in page


def test_a_letter_has_its_own_trail(organiser: Organiser, mail_server: MailServer) -> None:
    campaign = organiser.campaign(mail_server)
    do(organiser, Act.OPENED, campaign.letter.id)
    page = organiser.get(f"/workspace/letters/{campaign.slug}/trail").text
    assert "The letter was opened." in page
    assert "The team was founded." not in page
    assert f'href="/workspace/letters/{campaign.slug}">{campaign.slug}</a></dd>' in trail(organiser).replace(
        ' class="where"', ""
    )


def test_older_lines_are_on_the_next_page(organiser: Organiser) -> None:
    for number in range(PAGE + 5):
        do(organiser, Act.HELD, count=1000 + number)
    first = trail(organiser)
    older = first.partition("before=")[2].partition('"')[0]
    second = trail(organiser, before=older)
    assert ("1,104 signatures" in first, "1,004 signatures" in first) == (True, False)
    assert ("1,004 signatures" in second, "The team was founded." in second, "before=" in second) == (True, True, False)


@pytest.mark.parametrize("before", ["x", "-1", "", "1e3", "9999999999"])
def test_what_is_no_line_number_is_no_page(organiser: Organiser, before: str) -> None:
    assert organiser.get(f"/workspace/teams/{organiser.team_id}/trail", before=before).status_code == 404


def test_a_reviewer_reads_the_trail_and_a_stranger_does_not(organiser: Organiser) -> None:
    path = f"/workspace/teams/{organiser.team_id}/trail"
    assert organiser.colleague(Role.REVIEWER).get(path).status_code == 200
    assert found_team(organiser.runtime, organiser.app, "stranger@example.org", "Other").get(path).status_code == 404
