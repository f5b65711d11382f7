"""Another language for a form that was sent: a button in it, which takes along everything that was typed."""

import re

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.letters.signing.asking import one_database, send, show, stored, switches
from tests.parts.campaign import Campaign
from verification.mailbox.outbox import OutboxRow

pytestmark = one_database

TURN = re.compile(r'<button type="submit" name="turn" value="(\w+)" formaction="([^"]+)" lang="\w+" dir="ltr">')
TYPED = {
    "name": "Вера “Example” <b>",
    "workplace": "Ward 3",
    "email": "not an address",
    "profession": "midwife",
    "region": "BY-HM",
    "display": "pseudonym",
    "updates": "1",
    "consent": "1",
}


def turned(campaign: Campaign, answer: TestResponse, language: str) -> TestResponse:
    """Press the button of that language."""
    path = dict(TURN.findall(answer.text))[language]
    return campaign.client.post(path.partition("#")[0], data={**show(answer).fields, "turn": language})


def test_a_refused_form_turns_to_another_language_with_all_that_was_typed(campaign: Campaign) -> None:
    refused = send(campaign, TYPED)
    answer = turned(campaign, refused, "ru")
    shown = show(answer)
    assert (refused.status_code, answer.status_code) == (422, 200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert (shown.language, shown.errors) == ("ru", {})
    assert {name: shown.fields[name] for name in TYPED} == TYPED
    assert stored(campaign.runtime) == 0


def test_the_turned_form_is_kept_in_its_language_when_it_is_sent(campaign: Campaign) -> None:
    answer = turned(campaign, send(campaign, TYPED), "be")
    right = {**show(answer).fields, "email": "vera@example.org"}
    sent = campaign.client.post(f"/be/letters/{campaign.slug}/sign", data=right)
    assert sent.status_code == 303
    with campaign.runtime.reading() as session:
        assert session.scalars(select(OutboxRow.language)).all() == ["be"]


def test_a_sent_form_has_no_link_to_another_language_that_would_lose_it(campaign: Campaign) -> None:
    answer = send(campaign, TYPED)
    assert len(switches(campaign.client.get(f"/en/letters/{campaign.slug}"))) == 2
    assert switches(answer) == []
    assert [code for code, _path in TURN.findall(answer.text)] == ["ru", "be"]


@pytest.mark.parametrize("changes", [{}, {"email": "no"}])
def test_the_first_button_is_the_one_that_signs(campaign: Campaign, changes: dict[str, str]) -> None:
    """Enter presses the first button of a form (HTML, implicit submission)."""
    page = send(campaign, {"name": "", **changes}).text
    form = page.partition('id="sign"')[2]
    assert form.index('class="button"') < form.index('name="turn"')
