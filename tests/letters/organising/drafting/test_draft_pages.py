"""Writing a letter through the pages."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from letters.organising.drafting.parts import TextPart, with_toml
from letters.organising.folder import draft_of
from letters.organising.folder_zip import unpack
from letters.organising.needs import LARGEST
from tests.letters.organising.drafting.writers import (
    begin,
    bring_in,
    content,
    open_it,
    save,
    seen,
    whole_text,
    zipped,
)
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](https://evil.example/z.png)\n"
    "</textarea><form action=//evil.example>\n\n**bold**\n"
)


def test_a_letter_is_written_part_by_part(organiser: Organiser) -> None:
    path = begin(organiser)
    parts: dict[str, dict[str, Any]] = {
        "letter": {"slug": "our-letter", "languages": ["en"], "first": "en", "addressee-en": "Minister of Health"},
        "text/en": {"title": "A title", "body": "Some text.\r\n\r\nMore."},
        "people": {"responsible-en": "Example", "contact": "x@example.org", "person1-en": "Vera", "title1-en": "Nurse"},
        "signers": {"countries": ["BY"], "professions": "health", "display": ["counted", "named"], "first": "counted"},
        "schedule": {"opens": "2026-12-24T08:00", "closes": "2027-01-24T08:00", "identities_until": "", "goal": "500"},
        "rules": {"preset": "ordinary"},
        "custody": {"custody": "team", "public_key": ""},
        "privacy/en": {"notice": "We keep little."},
    }
    for name, form in parts.items():
        answer = save(organiser, f"{path}/{name}", go_on="1", **form)
        assert answer.status_code == 303, answer.text
    draft = draft_of(content(organiser.runtime, path))
    assert (draft.slug, draft.languages, draft.goal, draft.rule.at_least) == ("our-letter", ("en",), 500, 1)
    assert draft.texts["en"].body == "Some text.\n\nMore.\n"
    assert [person.name["en"] for person in draft.first_signatories] == ["Vera"]
    assert "Nothing is missing" in organiser.get(f"{path}/open").text


def test_saving_leads_to_the_next_part_and_the_last_back_to_all(organiser: Organiser) -> None:
    path = begin(organiser)
    first = save(organiser, f"{path}/letter", languages=["en"], go_on="1")
    assert first.location == f"{path}/text/en"
    last = save(organiser, f"{path}/privacy/en", notice="x", go_on="1")
    assert last.location == path


def test_whatever_is_unfinished_is_saved_and_said_beside_its_field(organiser: Organiser) -> None:
    path = begin(organiser)
    page = f"{path}/schedule"
    answer = save(organiser, page, opens="soon", closes="", identities_until="", goal="-3", stay="1")
    assert answer.location == f"{page}?check=1"
    shown = organiser.get(answer.location).text
    assert 'value="soon"' in shown
    assert 'value="-3"' in shown
    assert shown.count('class="error"') == 2
    assert 'class="error"' not in organiser.get(page).text


def test_a_colleagues_change_is_shown_and_nothing_is_lost(organiser: Organiser) -> None:
    path = begin(organiser)
    page, colleague = f"{path}/text/en", organiser.colleague()
    shown = seen(organiser, page)
    assert save(colleague, page, title="Theirs", body="Their words").status_code == 303
    told = organiser.post(page, seen=shown, title="Mine", body="My words", stay="1")
    assert told.status_code == 409
    for words in ("Theirs", "Their words", 'value="Mine"', "My words", "Colleague Example"):
        assert words in told.text
    assert TextPart("en", "Theirs", "Their words").into(content(organiser.runtime, path)).texts == {
        "en": "# Theirs\n\nTheir words"
    }
    again = told.text.split('name="seen" value="')[1].split('"')[0]
    assert organiser.post(page, seen=again, title="Mine", body="My words", stay="1").status_code == 303
    assert "My words" in content(organiser.runtime, path).texts["en"]


@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("letter", {"slug": "mine", "languages": ["en"]}),
        ("people", {"contact": "mine@example.org"}),
        ("signers", {"countries": ["PL"], "professions": "health"}),
        ("schedule", {"goal": "123"}),
        ("rules", {"preset": "ordinary"}),
        ("custody", {"custody": "offline", "public_key": "mine"}),
        ("privacy/en", {"notice": "mine"}),
    ],
)
def test_every_part_tells_of_a_colleagues_change(organiser: Organiser, part: str, form: dict[str, str]) -> None:
    page = f"{bring_in(organiser, whole_text())}/{part}"
    told = organiser.post(page, seen="0" * 32, **form)
    assert told.status_code == 409
    assert "Save mine anyway" in told.text


def test_the_preview_shows_markdown_made_harmless_and_saves_nothing(organiser: Organiser) -> None:
    path = begin(organiser)
    answer = save(organiser, f"{path}/text/en", title="<b>T</b>", body=HOSTILE, preview="1")
    assert answer.status_code == 200
    box = answer.text.split('id="preview"')[1].split("</section>")[0]
    assert "<strong>bold</strong>" in box
    for bad in ("<script", "<img", 'javascript:alert(1)"', "<form", "<b>"):
        assert bad not in box
    assert "</textarea><form" not in answer.text
    assert content(organiser.runtime, path).texts == {}


def test_hostile_text_stays_harmless_on_every_page(organiser: Organiser) -> None:
    text = with_toml(whole_text(), addressee=HOSTILE, slug=HOSTILE[:60])
    path = bring_in(organiser, text)
    save(organiser, f"{path}/text/en", title=HOSTILE, body=HOSTILE)
    save(organiser, f"{path}/privacy/en", notice=HOSTILE)
    for page in (path, f"{path}/letter", f"{path}/text/en", f"{path}/open", f"{path}/preview/en", f"{path}/mail"):
        answer = organiser.get(page)
        assert answer.status_code == 200
        for bad in ("<script>alert", "<img", "</textarea><form"):
            assert bad not in answer.text, page


def test_a_text_of_256_kb_is_saved_and_a_larger_one_comes_back(organiser: Organiser) -> None:
    page = f"{begin(organiser)}/privacy/en"
    assert save(organiser, page, notice="я" * (LARGEST // 2)).status_code == 303
    answer = save(organiser, page, notice="ю" * (LARGEST // 2 + 1))
    assert answer.status_code == 422
    assert answer.text.count("ю") > LARGEST // 2


@pytest.mark.parametrize("spoken", ["xx", "ru", "../en", "EN"])
def test_a_language_that_the_letter_does_not_speak_has_no_page(organiser: Organiser, spoken: str) -> None:
    path = begin(organiser)
    for page in ("text", "privacy", "preview"):
        assert organiser.get(f"{path}/{page}/{spoken}").status_code == 404
    assert organiser.post(f"{path}/text/{spoken}", title="x").status_code == 404


def test_an_empty_notice_begins_with_one_that_fits_the_rules(organiser: Organiser) -> None:
    path = bring_in(organiser, whole_text())
    save(organiser, f"{path}/privacy/be", notice="")
    page = organiser.get(f"{path}/privacy/be").text
    assert "Хто адказвае" in page
    assert "letters@example.org" in page
    assert not content(organiser.runtime, path).privacy["be"]
    assert save(organiser, f"{path}/privacy/be", notice="Мая").status_code == 303
    assert "Хто адказвае" in organiser.get(f"{path}/privacy/be", starter="1").text


def test_the_key_of_a_file_shows_its_fingerprint(organiser: Organiser, campaign: Campaign) -> None:
    path = begin(organiser)
    assert 'class="fingerprint"' not in organiser.get(f"{path}/custody").text
    save(organiser, f"{path}/custody", custody="offline", public_key=f" {campaign.pair.public}\n")
    assert 'class="fingerprint"' in organiser.get(f"{path}/custody").text


def test_a_folder_comes_in_and_goes_out_as_it_was(organiser: Organiser) -> None:
    text = whole_text(goal=7, opens=organiser.runtime.clock() + timedelta(days=1))
    answer = organiser.get(f"{bring_in(organiser, text)}/letter.zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a-new-letter.zip"'
    assert unpack(io.BytesIO(answer.data)) == text
    assert answer.data == zipped(organiser.runtime, text)


def test_an_unfinished_draft_goes_out_and_comes_in_again(organiser: Organiser) -> None:
    path = begin(organiser)
    save(organiser, f"{path}/text/en", title="Half", body="done")
    save(organiser, f"{path}/schedule", opens="soon", goal="")
    text = unpack(io.BytesIO(organiser.get(f"{path}/letter.zip").data))
    assert text == content(organiser.runtime, path)
    assert content(organiser.runtime, bring_in(organiser, text)) == text


def test_a_teams_key_never_comes_with_a_folder(organiser: Organiser) -> None:
    path = bring_in(organiser, with_toml(whole_text(), public_key="undersigned-public-1:mine"))
    assert "public_key" not in content(organiser.runtime, path).toml


@pytest.mark.parametrize("file", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_folder_is_refused_in_words(organiser: Organiser, file: bytes) -> None:
    form = {"how": "folder", "folder": (io.BytesIO(file), "letter.zip")}
    answer = organiser.post(f"/workspace/teams/{organiser.team_id}/drafts/new", **form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_folder_with_another_file_is_refused_by_its_name(organiser: Organiser) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("letter.toml", "slug = 1")
        archive.writestr("secrets.txt", "x")
    packed.seek(0)
    form = {"how": "folder", "folder": (packed, "letter.zip")}
    answer = organiser.post(f"/workspace/teams/{organiser.team_id}/drafts/new", **form)
    assert (answer.status_code, "secrets.txt" in answer.text) == (422, True)


def test_no_file_and_no_letter_are_said(organiser: Organiser) -> None:
    page = f"/workspace/teams/{organiser.team_id}/drafts/new"
    assert organiser.get(page).status_code == 200
    assert organiser.post(page, how="folder").status_code == 422
    assert organiser.post(page, how="copy", letter="nobodys").status_code == 422


def test_more_rows_for_first_signatories_keep_those_that_are_there(organiser: Organiser) -> None:
    page = f"{begin(organiser)}/people"
    rows = organiser.get(page).text.count('class="field person"')
    people = {f"person{number}-en": f"Signer {number}" for number in range(1, rows + 1)}
    answer = save(organiser, page, more="1", **people)
    assert answer.location == f"{page}#more"
    shown = organiser.get(page).text
    assert shown.count('class="field person"') == 2 * rows
    assert 'value="Signer 1"' in shown


def test_a_draft_is_deleted_after_a_tick_and_an_opened_one_is_not(organiser: Organiser) -> None:
    path = begin(organiser)
    assert organiser.get(f"{path}/discard").status_code == 200
    assert organiser.post(f"{path}/discard").status_code == 422
    assert organiser.post(f"{path}/discard", sure="1").location == "/workspace/"
    assert organiser.get(path).status_code == 404
    other = bring_in(organiser, whole_text())
    assert open_it(organiser, other).status_code == 303
    assert organiser.post(f"{other}/discard", sure="1").status_code == 409
