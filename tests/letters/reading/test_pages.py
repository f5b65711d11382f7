"""What readers see: only released editions, whatever is asked for in whatever way."""

import re
import secrets
from datetime import date
from unicodedata import normalize

import pytest
from sqlalchemy import insert

from letters.models.decisions import DecisionRow
from letters.models.editions import EntryRow
from letters.organising.releasing import tend_letters
from letters.signing.pending import lock_name
from tests.letters.signing.asking import Shown, change_letter, show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

PUBLIC = ["", "/signatories", "/count", "/check-mail", "/badge.svg"]


def read(campaign: Campaign, path: str = "", language: str = "en") -> Shown:
    answer = campaign.client.get(f"/{language}/letters/{campaign.slug}{path}")
    assert answer.status_code == 200
    return show(answer)


def print_entries(campaign: Campaign, many: int) -> None:
    """Release an edition with one signature and that many more names on its list."""
    campaign.join(1, display="named")
    campaign.release()
    letter = campaign.letter.id
    rows = [
        {
            "letter_id": letter,
            "edition": 1,
            "position": number,
            "signature_id": number.to_bytes(16),
            "name_box": lock_name(
                campaign.runtime.keyring, f"Printed Example {number:03}", number.to_bytes(16), secrets.token_bytes
            ),
            "profession": "nurse",
            "region": "BY-MI",
            "leaving": False,
        }
        for number in range(100, 100 + many)
    ]
    campaign.runtime.settle(lambda session: session.execute(insert(EntryRow), rows))


def test_nothing_of_a_signature_shows_before_its_edition(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1, display="named")
    for path in ("", "/signatories", "/count"):
        assert "Signer Example 1" not in read(campaign, path).text
    assert campaign.letter.total == 0
    campaign.release()
    assert "Signer Example 1" in read(campaign, "/signatories").text


def test_a_page_number_that_is_none_is_no_page(campaign: Campaign) -> None:
    url = f"/en/letters/{campaign.slug}/signatories?page="
    for page in ("0", "-1", "+1", "1.5", "one", "", " 1", "1e3", "٣", "９", "0x1", "1;2", "%00", "1" * 10, "9" * 5000):
        assert campaign.client.get(url + page).status_code == 404, page


@pytest.mark.parametrize("page", [3, 4, 999_999_999])
def test_a_page_beyond_the_last_shows_the_last(campaign: Campaign, page: int) -> None:
    print_entries(campaign, 201)
    assert read(campaign, f"/signatories?page={page}").text.count("Printed Example") == 2


def test_the_list_comes_in_pages_that_together_hold_everybody_once(campaign: Campaign) -> None:
    print_entries(campaign, 250)
    pages = [read(campaign, f"/signatories?page={page}").text for page in (1, 2, 3)]
    found = [re.findall(r"Printed Example \d+|Signer Example 1", page) for page in pages]
    assert [len(names) for names in found] == [100, 100, 51]
    assert len({name for names in found for name in names}) == 251


def test_searching_finds_names_however_they_are_written(campaign: Campaign) -> None:
    campaign.join(1, display="named", name="Ганна Ёлкина-Example")
    campaign.join(2, display="named", name="Somebody Else")
    campaign.release()
    for query in ("ганна", "ГАННА", "лкина", "  Ганна  ", "example", "Ганна\u3000Ёл", normalize("NFD", "Ганна Ёлк")):
        assert "Ганна Ёлкина-Example" in read(campaign, f"/signatories?q={query}").text, query
    assert "Somebody Else" not in read(campaign, "/signatories?q=ганна").text


BLANK = ["%00", "%E2%80%AE", "%0d%0a"]
ODD = [*BLANK, "%25", "_", "\\", "'", '"', "%22%3E%3Cscript%3E", "%ff", "%F0%9F%98%80", "a" * 5000, "*"]


@pytest.mark.parametrize("query", ODD, ids=lambda query: query[:12])
def test_an_odd_search_finds_nobody_and_one_of_nothing_everybody(campaign: Campaign, query: str) -> None:
    campaign.join(1, display="named")
    campaign.release()
    answer = campaign.client.get(f"/en/letters/{campaign.slug}/signatories?q={query}")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert answer.text.count("Signer Example 1") == (query in BLANK)


def test_a_search_is_kept_by_nobody(campaign: Campaign) -> None:
    answer = campaign.client.get(f"/en/letters/{campaign.slug}/signatories?q=vera")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_is_shown_as_it_was_typed_and_never_as_code(campaign: Campaign) -> None:
    name = "<b>Vera</b> & “O'Example” {{ 7*7 }} %(x)s"
    campaign.join(1, display="named", name=name)
    campaign.release()
    answer = campaign.client.get(f"/en/letters/{campaign.slug}/signatories")
    assert name in show(answer).text
    assert "<b>" not in answer.text


def test_the_badge_is_a_picture_that_other_sites_may_show(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    answer = campaign.client.get(f"/en/letters/{campaign.slug}/badge.svg")
    assert answer.content_type == "image/svg+xml"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "1 signature" in answer.text
    assert "<script" not in answer.text
    assert " style=" not in answer.text


def test_the_badge_of_an_arabic_page_begins_on_the_right(campaign: Campaign) -> None:
    badge = campaign.client.get(f"/ar/letters/{campaign.slug}/badge.svg").text
    width = re.search(r'<svg [^>]*width="(\d+)"[^>]* direction="rtl"', badge)
    assert width is not None
    assert set(re.findall(r'<text x="(\d+)"', badge)) == {str(int(width[1]) - 14)}


@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_the_badge_counts_in_the_language_asked_for(campaign: Campaign, language: str) -> None:
    badge = campaign.client.get(f"/{language}/letters/{campaign.slug}/badge.svg").text
    assert ("signature" in badge) == (language == "en")


def test_a_scheduled_letter_shows_when_it_opens_and_nothing_else(campaign: Campaign, clock: Clock) -> None:
    text = campaign.letter.texts["en"]
    change_letter(campaign, state="scheduled", opens_at=clock.now.replace(day=24))
    shown = read(campaign)
    assert "24 December 2026" in shown.text
    assert text.title not in shown.text
    assert campaign.letter.addressee["en"] not in shown.text
    assert shown.fields == {}
    for path in ("/signatories", "/count", "/badge.svg", "/editions/1"):
        assert campaign.client.get(f"/en/letters/{campaign.slug}{path}").status_code == 404
    home = campaign.client.get("/en/").text
    assert campaign.slug not in home
    assert text.title not in home


def test_a_scheduled_letter_appears_everywhere_at_its_moment(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, state="scheduled", opens_at=clock.now.replace(hour=10))
    read(campaign)
    clock.advance(hours=1)
    assert "email" in read(campaign).fields
    assert campaign.slug in campaign.client.get("/en/").text


@pytest.mark.parametrize("state", ["paused", "closed", "archived"])
def test_a_letter_that_takes_no_signatures_can_still_be_read(campaign: Campaign, clock: Clock, state: str) -> None:
    change_letter(campaign, state=state, closed_on=None if state == "paused" else clock.now.date())
    for path in PUBLIC:
        assert campaign.client.get(f"/en/letters/{campaign.slug}{path}").status_code == 200
    shown = read(campaign)
    assert campaign.letter.texts["en"].title in shown.text
    assert "email" not in shown.fields


def test_no_public_page_says_anything_about_somebody_only_counted(campaign: Campaign) -> None:
    campaign.join(1, display="counted", workplace="Secret ward")
    campaign.release()
    for path in (*PUBLIC, "/editions/1"):
        html = campaign.client.get(f"/en/letters/{campaign.slug}{path}").text
        assert not re.search("Signer Example|signer1|Secret ward", html)


def lock(campaign: Campaign) -> None:
    change_letter(campaign, locked_on=date(2026, 12, 5))


@pytest.mark.parametrize("path", ["", "/signatories", "/signatories?page=2", "/signatories?q=signer", "/count"])
def test_under_lockdown_no_page_shows_a_name(campaign: Campaign, path: str) -> None:
    campaign.join(1, display="named")
    campaign.join(2, display="pseudonym")
    campaign.release()
    people = [person.name["en"] for person in campaign.letter.first_signatories]
    before = campaign.client.get(f"/en/letters/{campaign.slug}{path}")
    lock(campaign)
    hidden = campaign.client.get(
        f"/en/letters/{campaign.slug}{path}", headers={"If-None-Match": before.headers.get("ETag", "")}
    )
    assert hidden.status_code == 200
    assert "All names are hidden" in show(hidden).text
    assert people
    for word in ("Signer Example", 'class="name', *people):
        assert word not in hidden.text


def test_after_a_lockdown_every_page_is_as_it_was(campaign: Campaign) -> None:
    campaign.join(1, display="named")
    campaign.release()
    before = {path: campaign.client.get(f"/en/letters/{campaign.slug}{path}").data for path in PUBLIC}
    lock(campaign)
    change_letter(campaign, locked_on=None)
    assert {path: campaign.client.get(f"/en/letters/{campaign.slug}{path}").data for path in PUBLIC} == before


def test_under_lockdown_signing_and_withdrawing_go_on(campaign: Campaign) -> None:
    lock(campaign)
    assert "You can still sign or withdraw." in read(campaign).text
    private = f"/en{campaign.join(1, display='named')}"
    assert "the organisers have hidden all of them" in show(campaign.client.get(private)).text
    campaign.client.post(private, data={"withdraw": "1"})
    assert "withdrawn" in show(campaign.client.get(private)).title


def test_under_lockdown_a_closed_letter_promises_no_signing(campaign: Campaign) -> None:
    lock(campaign)
    change_letter(campaign, state="closed", closed_on=date(2026, 12, 5))
    text = read(campaign).text
    assert "All names are hidden" in text
    assert "sign or withdraw" not in text


def test_the_letter_announces_when_sealed_identities_are_deleted(campaign: Campaign) -> None:
    assert "deleted from this server 90 days after the letter closes" in read(campaign).text
    change_letter(campaign, state="closed", closed_on=date(2026, 12, 5))
    assert "kept until 5 March 2027 at the latest" in read(campaign).text
    change_letter(campaign, identities_until=date(2027, 1, 31))
    assert "kept until 31 January 2027 at the latest" in read(campaign).text
    change_letter(campaign, erased=True)
    assert "They were deleted from this server" in read(campaign).text


LATER = "Professions by region are published once"


def complete(campaign: Campaign, clock: Clock) -> None:
    """Close the letter, and let the days for changes pass."""
    change_letter(campaign, state="closed", closed_on=clock.now.date())
    clock.advance(days=31)
    tend_letters(campaign.runtime)


def test_the_last_edition_shows_professions_by_region_and_no_other_does(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1, profession="midwife", region="BY-HR")
    campaign.release()
    assert LATER in read(campaign, "/count").text
    complete(campaign, clock)
    for path in ("/count", "/editions/2"):
        table = read(campaign, path).text.partition(" Professions by region")[2]
        assert "Profession and region Signatures Midwives Hrodna" in table
    assert "Professions by region" not in read(campaign, "/editions/1").text
    assert LATER not in read(campaign, "/count").text


def test_where_no_pair_is_large_enough_the_last_edition_says_so(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, figures_threshold=2, figures_step=2, figures_moves_after=1, figures_hides_below=1)
    campaign.join(1)
    campaign.join(2, profession="midwife", region="BY-HR")
    campaign.release()
    complete(campaign, clock)
    assert "In no region did enough people of one profession sign" in read(campaign, "/count").text


def test_the_count_page_shows_what_organisers_decided(campaign: Campaign) -> None:
    rows = [
        DecisionRow(letter_id=campaign.letter.id, position=1, decided_on=date(2026, 12, 2), act="accepted", count=1),
        DecisionRow(
            letter_id=campaign.letter.id,
            position=2,
            decided_on=date(2026, 12, 3),
            act="voided",
            count=1200,
            reason="One <script> sent them.",
        ),
    ]
    assert "Decisions of the organisers" not in read(campaign, "/count").text
    campaign.runtime.settle(lambda session: session.add_all(rows))
    change_letter(campaign)
    text = read(campaign, "/count").text
    assert "1,200 signatures voided: One <script> sent them." in text
    assert text.index("3 December 2026") < text.index("2 December 2026")
    assert "1 signature accepted" in text


def test_the_method_says_what_a_flood_can_learn_and_that_figures_lag(campaign: Campaign) -> None:
    assert "may lag behind the total" not in read(campaign, "/count").text
    change_letter(campaign, edition_at_least=50, figures_threshold=10, figures_step=10, figures_moves_after=10)
    text = read(campaign, "/count").text
    assert "Somebody who floods the letter with fakes can still learn a little." in text
    assert "only after 10 people have signed or withdrawn, so it may lag behind the total" in text
