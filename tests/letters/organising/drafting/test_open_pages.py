"""The check list, opening, and the secret link under embargo."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from letters.models.finding import find_letter
from letters.models.letters import LetterState
from letters.models.teams import MembershipRow, Role
from letters.models.values import Letter
from tests.letters.organising.drafting.writers import begin, bring_in, open_it, save, whole_text
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

LINK = re.compile(r'value="https://undersigned\.example(/en/preview/[^"]+)"')


def letter(organiser: Organiser, slug: str = "a-new-letter") -> Letter:
    with organiser.runtime.reading() as session:
        return find_letter(session, slug)


def link(organiser: Organiser, path: str) -> str:
    return LINK.findall(organiser.get(path).text)[0]


def test_a_ticked_letter_opens_and_the_public_reads_it(organiser: Organiser, client: FlaskClient) -> None:
    path = bring_in(organiser, whole_text())
    answer = open_it(organiser, path)
    assert answer.location == "/workspace/letters/a-new-letter/change?done=opened"
    assert letter(organiser).stored_state is LetterState.OPEN
    assert client.get("/en/letters/a-new-letter").status_code == 200
    assert "The letter is open" in organiser.get(answer.location).text
    for page in ("", "/open", "/letter"):
        assert organiser.get(f"{path}{page}").location == "/workspace/letters/a-new-letter/change"


def test_opening_asks_for_the_tick(organiser: Organiser) -> None:
    answer = organiser.post(f"{bring_in(organiser, whole_text())}/open", version="1")
    assert (answer.status_code, "Please tick" in answer.text) == (422, True)


def test_opening_asks_again_who_it_is(organiser: Organiser, clock: Clock) -> None:
    path = bring_in(organiser, whole_text())
    clock.advance(minutes=11)
    asked = open_it(organiser, path)
    assert (asked.status_code, 'name="sure"' in asked.text) == (200, True)
    assert open_it(organiser, path, **organiser.again()).status_code == 303


def test_a_reviewer_neither_writes_nor_opens(organiser: Organiser) -> None:
    path, reviewer = bring_in(organiser, whole_text()), organiser.colleague(Role.REVIEWER)
    for page in (path, f"{path}/letter", f"{path}/open", f"{path}/letter.zip", f"{path}/preview/en", f"{path}/mail"):
        assert reviewer.get(page).status_code == 403
    for page in (f"{path}/letter", f"{path}/open", f"{path}/link"):
        assert reviewer.post(page, sure="1", link="renew").status_code == 403


def test_what_is_missing_is_named_and_leads_to_its_field(organiser: Organiser) -> None:
    path = begin(organiser)
    page = organiser.get(f"{path}/open").text
    for place in ("letter", "text/en", "people", "signers", "privacy/en"):
        assert f'href="{path}/{place}?check=1"' in page
    assert 'name="sure"' not in page
    assert open_it(organiser, path).status_code == 422


def test_nobody_who_sees_names_is_said(organiser: Organiser) -> None:
    path = bring_in(organiser, whole_text())
    organiser.runtime.settle(lambda session: session.execute(update(MembershipRow).values(sees_names=False)))
    assert "Nobody in the team may see names" in organiser.get(f"{path}/open").text
    assert open_it(organiser, path, version="1").status_code == 422


def test_a_taken_address_is_said(organiser: Organiser) -> None:
    first, second = bring_in(organiser, whole_text()), bring_in(organiser, whole_text())
    assert open_it(organiser, first).status_code == 303
    assert "Another letter has this address" in organiser.get(f"{second}/open").text
    assert open_it(organiser, second, version="1").status_code == 422


def test_a_draft_that_changed_since_it_was_read_is_read_again(organiser: Organiser) -> None:
    path = bring_in(organiser, whole_text())
    save(organiser, f"{path}/text/en", title="Changed", body="x")
    answer = open_it(organiser, path, version="1")
    assert (answer.status_code, "colleague has changed" in answer.text) == (422, True)


def test_a_scheduled_letter_is_changed_and_scheduled_again(organiser: Organiser, client: FlaskClient) -> None:
    path = bring_in(organiser, whole_text(opens=organiser.runtime.clock() + timedelta(hours=3)))
    assert "Schedule the letter" in organiser.get(f"{path}/open").text
    assert open_it(organiser, path).status_code == 303
    key = letter(organiser).public_key
    assert path in organiser.get("/workspace/letters/a-new-letter/change").text
    save(organiser, f"{path}/text/en", title="Changed", body="text")
    assert open_it(organiser, path).status_code == 303
    changed = letter(organiser)
    assert (changed.texts["en"].title, changed.public_key) == ("Changed", key)
    assert client.get("/letters/a-new-letter").text.count("Changed") == 0


def test_the_page_is_shown_as_signers_will_see_it(organiser: Organiser) -> None:
    path = bring_in(organiser, whole_text())
    for spoken, words in (("ru", "Подписать"), ("be", "Падпісаць"), ("en", "Sign this letter")):
        page = organiser.get(f"{path}/preview/{spoken}").text
        assert words in page
        assert '<fieldset class="switched-off" disabled' in page


@pytest.mark.parametrize("spoken", ["ru", "en"])
def test_even_a_blank_draft_has_a_preview(organiser: Organiser, spoken: str) -> None:
    path = begin(organiser)
    save(organiser, f"{path}/letter", languages=[spoken])
    assert organiser.get(f"{path}/preview/{spoken}").status_code == 200
    assert organiser.get(f"{path}/mail").status_code == 200


def test_the_secret_link_shows_the_letter_without_a_trace(organiser: Organiser, client: FlaskClient) -> None:
    path = bring_in(organiser, whole_text())
    assert organiser.get(f"{path}/link").status_code == 303
    assert organiser.post(f"{path}/link", link="renew").status_code == 303
    secret = link(organiser, path)
    for language in ("ru", "be", "en"):
        page = client.get(secret.replace("/en/", f"/{language}/"))
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert "Set-Cookie" not in page.headers
        assert "/workspace" not in page.text
    assert client.get("/letters/a-new-letter").status_code == 404


def test_a_renewed_or_withdrawn_link_is_dead(organiser: Organiser, client: FlaskClient) -> None:
    path = bring_in(organiser, whole_text())
    organiser.post(f"{path}/link", link="renew")
    old = link(organiser, path)
    organiser.post(f"{path}/link", link="renew")
    new = link(organiser, path)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    organiser.post(f"{path}/link", link="withdraw")
    assert client.get(new).status_code == 404


@pytest.mark.parametrize("token", ["x", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA", "." * 40, "x" * 600])
def test_a_guessed_link_leads_nowhere(client: FlaskClient, token: str) -> None:
    assert client.get(f"/preview/{token}").status_code == 404


def test_the_link_leads_to_the_letter_once_it_is_open(organiser: Organiser, client: FlaskClient) -> None:
    path = bring_in(organiser, whole_text())
    organiser.post(f"{path}/link", link="renew")
    secret = link(organiser, path)
    open_it(organiser, path)
    assert client.get(secret).location == "/en/letters/a-new-letter"
