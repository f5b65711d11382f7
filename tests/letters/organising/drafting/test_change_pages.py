"""What organisers still change in an open letter, through its pages."""

import io
import re

import pytest
from flask.testing import FlaskClient

from letters.models.finding import find_letter
from letters.models.teams import Role
from letters.organising.folder import draft_of
from letters.organising.folder_zip import unpack
from tests.letters.organising.drafting.writers import bring_in, content, opened, save, seen, whole_text
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

SAID = {"text-ru": "Вместо 12 — 21.", "text-be": "Замест 12 — 21.", "text-en": "Not 12 but 21."}


@pytest.fixture
def path(organiser: Organiser) -> str:
    return opened(organiser)


def test_a_correction_is_previewed_then_added_and_readers_see_it(
    organiser: Organiser, client: FlaskClient, path: str
) -> None:
    page = f"{path}/correction"
    preview = save(organiser, page, on="2026-12-01", preview="1", **SAID)
    assert preview.text.count("Not 12 but 21.") == 2
    assert "Not 12" not in client.get("/en/letters/a-new-letter").text
    assert save(organiser, page, on="2026-12-01", **SAID).location == f"{path}?done=corrected"
    assert "Not 12 but 21." in client.get("/en/letters/a-new-letter").text
    assert "Вместо 12 — 21." in organiser.get(page).text


def test_a_correction_that_lacks_a_language_comes_back_as_typed(organiser: Organiser, path: str) -> None:
    answer = save(organiser, f"{path}/correction", on="2026-12-01", **{**SAID, "text-be": ""})
    assert answer.status_code == 422
    assert "Not 12 but 21." in answer.text
    assert "Беларуская" in answer.text


def test_a_colleagues_change_is_shown_beside_ones_own(organiser: Organiser, path: str) -> None:
    page = f"{path}/people"
    shown, mine = seen(organiser, page), {"responsible-ru": "Я", "responsible-be": "Я", "responsible-en": "Me"}
    assert save(organiser, page, contact="theirs@example.org", **mine).status_code == 303
    told = organiser.post(page, seen=shown, contact="mine@example.org", **mine)
    assert told.status_code == 409
    assert "theirs@example.org" in told.text
    assert 'value="mine@example.org"' in told.text


@pytest.mark.parametrize("what", ["people", "privacy/ru"])
def test_what_readers_are_not_told_is_said_and_a_correction_offered(organiser: Organiser, path: str, what: str) -> None:
    names = {f"responsible-{code}": "Example" for code in ("ru", "be", "en")}
    answer = save(organiser, f"{path}/{what}", contact="x@example.org", notice="New notice", **names)
    page = organiser.get(answer.location).text
    assert "Readers are not told of this by itself" in page
    offered = re.findall(r'href="([^"]+/correction\?about=[a-z]+)"', page)[0]
    assert organiser.get(offered).status_code == 200


def test_goal_closing_time_and_delivery_change(organiser: Organiser, client: FlaskClient, path: str) -> None:
    assert save(organiser, f"{path}/closing", closes="2027-05-01T06:00", goal="1234").status_code == 303
    assert save(organiser, f"{path}/delivery", on="2026-12-01", **SAID).status_code == 303
    page = client.get("/en/letters/a-new-letter").text
    assert "1,234" in page
    assert "1 May 2027" in page
    assert "Not 12 but 21." in page


@pytest.mark.parametrize(
    "form", [{"closes": "2020-01-01T06:00", "goal": "1"}, {"closes": "soon", "goal": "1"}, {"closes": "", "goal": "no"}]
)
def test_what_cannot_be_comes_back_as_typed(organiser: Organiser, path: str, form: dict[str, str]) -> None:
    answer = save(organiser, f"{path}/closing", **form)
    assert answer.status_code == 422
    for value in form.values():
        assert f'value="{value}"' in answer.text


def test_a_letter_is_paused_and_goes_on(organiser: Organiser, client: FlaskClient, path: str) -> None:
    assert organiser.post(f"{path}/pause", step="pause").status_code == 303
    assert "paused" in client.get("/en/letters/a-new-letter").text
    assert organiser.post(f"{path}/pause", step="resume").status_code == 303
    assert 'name="consent"' in client.get("/en/letters/a-new-letter").text
    assert organiser.get(f"{path}/pause").status_code == 303


@pytest.mark.parametrize("step", ["close", "archive", "open", ""])
def test_pausing_does_nothing_else(organiser: Organiser, path: str, step: str) -> None:
    organiser.post(f"{path}/pause", step=step)
    with organiser.runtime.reading() as session:
        assert find_letter(session, "a-new-letter").stored_state == "open"


def test_closing_and_archiving_take_a_tick_and_a_second_factor(organiser: Organiser, path: str, clock: Clock) -> None:
    assert organiser.post(f"{path}/close", step="close").status_code == 422
    clock.advance(minutes=11)
    assert "again_password" in organiser.post(f"{path}/close", step="close", sure="1").text
    assert organiser.post(f"{path}/close", step="close", sure="1", **organiser.again()).status_code == 303
    assert "Archive" in organiser.get(f"{path}/close").text
    assert organiser.post(f"{path}/close", step="archive", sure="1").status_code == 303
    assert organiser.post(f"{path}/pause", step="resume").status_code == 409


def test_the_letter_goes_out_as_its_folder_and_can_begin_another(organiser: Organiser, path: str) -> None:
    text = unpack(io.BytesIO(organiser.get(f"{path}/letter.zip").data))
    assert draft_of(text).texts == draft_of(whole_text()).texts
    copy = organiser.post(f"/workspace/teams/{organiser.team_id}/drafts/new", how="copy", letter="a-new-letter")
    assert content(organiser.runtime, copy.location).toml["slug"] == "a-new-letter-2"


def test_a_reviewer_changes_nothing(organiser: Organiser, path: str) -> None:
    reviewer = organiser.colleague(Role.REVIEWER)
    for page in ("", "/correction", "/closing", "/people", "/privacy/en", "/delivery", "/close", "/letter.zip"):
        assert reviewer.get(f"{path}{page}").status_code == 403
    assert reviewer.post(f"{path}/pause", step="pause").status_code == 403


def test_more_rows_come_with_what_was_typed(organiser: Organiser, path: str) -> None:
    answer = save(organiser, f"{path}/people", contact="new@example.org", more="1", **{"person9-en": "Ninth"})
    assert (answer.status_code, "Ninth" in answer.text, "new@example.org" in answer.text) == (200, True, True)


def test_an_unknown_language_has_no_notice(organiser: Organiser, path: str) -> None:
    assert organiser.get(f"{path}/privacy/xx").status_code == 404


def test_a_draft_stays_where_it_is_when_another_is_opened(organiser: Organiser, path: str) -> None:
    assert organiser.get(bring_in(organiser, whole_text("another"))).status_code == 200
