"""What a page says of itself to those who show links to it, and to search engines."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.reading.linked import LONGEST, shortened, territorial
from letters.vocabularies.languages import LANGUAGES
from tests.letters.reading.heads import ODD_TITLES, SITE, get_head, rename
from tests.letters.reading.logging_by_hand import released
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

PAGES = ["", "/count", "/signatories", "/institutions", "/log", "/addresses", "/share", "/editions/1"]

sqlite = pytest.mark.parametrize("database", ["sqlite"])


@sqlite
def test_a_page_names_itself_in_every_language_of_its_letter(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for path, prefix in product(PAGES, ("", "/be")):
        at = f"/letters/{campaign.slug}{path}"
        head = get_head(campaign, path, prefix)
        spoken = {code: f"{SITE}/{code}{at}" for code in ("ru", "be", "en")}
        assert head.alternates == {**spoken, "x-default": SITE + at}
        assert [link["href"] for link in head.links if link["rel"] == "canonical"] == [SITE + prefix + at]
        assert head.one("og:url") == SITE + prefix + at


@sqlite
def test_a_letter_speaks_for_itself(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    head, text = get_head(campaign), campaign.letter.texts["en"]
    assert head.one("og:title") == text.title
    assert head.one("og:type") == "article"
    assert len(head.one("og:description")) <= LONGEST
    assert text.body.startswith(head.one("og:description").removesuffix("…"))
    assert head.one("og:image") == f"{SITE}/en/letters/{campaign.slug}/card.png?e=1"
    assert head.one("og:image:alt") == text.title
    assert (head.one("og:image:width"), head.one("og:image:height")) == ("1200", "630")
    assert head.one("og:locale") == "en_GB"
    assert head.meta["og:locale:alternate"] == ["ru_RU", "be_BY"]
    assert head.one("twitter:card") == "summary_large_image"


@sqlite
@pytest.mark.parametrize("page", ["", "/share", "/count", "/signatories", "/editions/1"])
def test_a_page_that_changes_with_the_edition_names_it_in_the_address_of_the_card(
    campaign: Campaign, clock: Clock, page: str
) -> None:
    released(campaign, clock)
    assert get_head(campaign, page).one("og:image") == f"{SITE}/en/letters/{campaign.slug}/card.png?e=1"


@sqlite
def test_count_and_edition_are_described_by_a_sentence_to_quote(campaign: Campaign, clock: Clock) -> None:
    addressee = campaign.letter.addressee["en"]
    assert get_head(campaign, "/count").one("og:description") == f"To: {addressee}"
    released(campaign, clock, 2)
    assert "had 2 signatures, each confirmed by e-mail" in get_head(campaign, "/count").one("og:description")
    assert "had 1 signature, confirmed by e-mail" in get_head(campaign, "/editions/1").one("og:description")
    assert get_head(campaign, "/editions/1").one("og:title").startswith("Edition 1: ")


@sqlite
def test_an_old_edition_says_the_same_for_ever(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    before = get_head(campaign, "/editions/1").meta
    released(campaign, clock)
    assert get_head(campaign, "/editions/1").meta == before


@sqlite
def test_the_letter_is_marked_up_for_machines(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    change_letter(campaign, opens_at=datetime(2026, 11, 30, 6, tzinfo=UTC))
    items = get_head(campaign, language="/be").items
    assert items["name"] == [campaign.letter.responsible["name"]["be"]]
    assert items["inLanguage"] == ["be"]
    assert items["datePublished"] == ["2026-11-30"]
    assert items["userInteractionCount"] == ["1"]
    assert items["workTranslation"] == [f"{SITE}/{code}/letters/{campaign.slug}" for code in ("ru", "en")]
    assert items["headline"] == ["h1"]
    assert items["articleBody"] == ["div"]


@sqlite
def test_any_title_stays_text(campaign: Campaign) -> None:
    tags = get_head(campaign).tags
    for title in ODD_TITLES:
        rename(campaign, title)
        head = get_head(campaign)
        assert head.one("og:title") == title
        assert head.tags == tags


@sqlite
def test_a_letter_that_has_not_opened_says_nothing_of_itself(campaign: Campaign, clock: Clock) -> None:
    change_letter(campaign, state="scheduled", opens_at=clock.now.replace(day=24))
    head = get_head(campaign)
    assert not [name for name in head.meta if name.startswith("og:")]
    assert head.alternates == {}
    assert head.items == {}


@sqlite
def test_what_is_found_by_searching_for_a_name_is_no_page_to_link_to(campaign: Campaign) -> None:
    assert get_head(campaign, "/signatories?q=vera").alternates == {}


@given(st.text(), st.integers(1, 300))
def test_a_shortened_text_is_one_line_and_its_beginning(text: str, longest: int) -> None:
    short = shortened(text, longest)
    assert len(short) <= longest
    assert not any(sign in short for sign in "\r\n\t\0\x7f\x85")
    whole = shortened(text, len(text) + 1)
    assert whole.startswith(short.removesuffix("…"))
    assert short == whole or len(whole) > longest


def test_a_text_is_cut_between_words() -> None:
    assert shortened("one two three", 20) == "one two three"
    assert shortened("one two three", 9) == "one two…"
    assert shortened("unbroken", 5) == "unbr…"
    assert shortened("ab", 1) == "…"


def test_each_language_of_the_product_has_its_territory() -> None:
    found = {code: territorial(code) for code in LANGUAGES}
    assert {"ru": "ru_RU", "be": "be_BY", "en": "en_GB"}.items() <= found.items()
    assert all(locale.partition("_")[0] == code and locale[-2:].isupper() for code, locale in found.items())
