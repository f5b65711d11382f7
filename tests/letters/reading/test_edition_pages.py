"""An edition to cite: its figures stay, it can be quoted and checked, and the newest one is found."""

import re

import pytest

from tests.letters.reading.logging_by_hand import WITNESS, change_edition, cosigned, get, head, released, unsign
from tests.letters.signing.asking import Shown, change_letter, show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.ledger.strict import base64_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

AT = 1_798_800_000  # 1 January 2027, 10:40 UTC


def read(campaign: Campaign, number: int = 1, language: str = "en") -> Shown:
    answer = campaign.client.get(f"/{language}/letters/{campaign.slug}/editions/{number}")
    assert answer.status_code == 200
    return show(answer)


def test_an_edition_that_was_never_released_is_no_page(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    for number in (
        "0",
        "00",
        "01",
        "3",
        "999999999",
        "2147483648",
        "-1",
        "+1",
        "1.0",
        "x",
        "1 ",
        "٢",
        "１",
        "9" * 5000,
    ):
        for prefix in ("", "/be"):
            answer = campaign.client.get(f"{prefix}/letters/{campaign.slug}/editions/{number}")
            assert answer.status_code == 404, number


def test_an_editions_figures_stay_when_later_ones_come(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    before = figures(campaign)
    released(campaign, clock, 2)
    assert figures(campaign) == before
    assert "3 signatures" in read(campaign, 3).text


def figures(campaign: Campaign) -> str:
    """The page without what leads to its neighbours."""
    main = campaign.client.get(f"/en/letters/{campaign.slug}/editions/1").text.partition("<main")[2]
    return re.sub(r'<nav class="pager".*?</nav>', "", main, flags=re.DOTALL)


def test_it_says_what_changed_since_the_one_before(campaign: Campaign, clock: Clock) -> None:
    private = campaign.join(9)
    released(campaign, clock)
    campaign.client.post(private, data={"withdraw": "1"})
    released(campaign, clock)
    text = read(campaign, 2).text
    assert "Total 2 0 Signatures 3 +1 Withdrawn 1 +1 Voided 0 0" in text


def test_it_says_why_signatures_were_voided(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    assert "Voided in this edition" not in read(campaign).text
    change_edition(campaign, 1, reasons={"burst": 1200, "other": 1})
    text = read(campaign).text
    assert "A burst of signatures that nobody gave by hand : 1,200" in text
    assert "Another reason : 1" in text


def test_it_is_ready_to_be_quoted_in_each_language_of_its_letter(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    html = campaign.client.get(f"/be/letters/{campaign.slug}/editions/1").text
    quotations = re.findall(r'<figure class="quotation" lang="(\w+)" dir="ltr">.*?<p>(.*?)</p>', html, re.DOTALL)
    assert [code for code, _sentence in quotations] == ["be", "ru", "en"]
    for code, sentence in quotations:
        assert campaign.letter.texts[code].title in sentence
    assert "had 1 signature, confirmed by e-mail" in dict(quotations)["en"]
    assert len({sentence for _code, sentence in quotations}) == 3
    assert html.count(f">https://undersigned.example/letters/{campaign.slug}/editions/1<") == 3


def test_a_page_in_one_language_goes_on_in_it_after_the_quotations(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    after = campaign.client.get(f"/en/letters/{campaign.slug}/editions/1").text.rpartition("</blockquote>")[2]
    assert "How to check this number" in after
    assert "Released" not in re.findall("[а-я]+", after)


def test_the_permanent_address_is_an_address(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    address = re.search(r">https://undersigned\.example(/\S+/editions/1)<", get(campaign, "editions/1").text)[1]
    assert campaign.client.get(address).status_code == 200


def test_it_shows_the_head_of_the_log_that_it_ends_at(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    seen = head(campaign, 1)
    text = read(campaign).text
    for part in (base64_of(seen.root), seen.verifier, f"Leaves {seen.size}", " ".join(seen.note.split())):
        assert part in text
    assert base64_of(head(campaign, 2).root) not in text
    assert f"python audit.py https://undersigned.example/letters/{campaign.slug} " in text
    assert "For edition 1 it must find 1 signature." in text


def test_a_cosignature_that_comes_later_shows_with_its_moment(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    assert "no witness so far" in read(campaign).text
    line = cosigned(campaign, 1, AT)
    text = read(campaign).text
    assert f"Cosigned by {WITNESS} 1 January 2027, 10:40" in text.replace("\u00a0", " ")
    assert line.strip() in text
    released(campaign, clock)
    assert WITNESS not in read(campaign, 2).text


def test_an_edition_whose_head_waits_for_its_signature_says_so(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    assert "being signed" not in read(campaign).text
    unsign(campaign, 1)
    text = read(campaign).text
    assert "It is being signed. Look again in a minute." in text
    assert "The signed checkpoint" not in text


def test_an_edition_from_before_there_was_a_log_shows_its_figures_and_promises_no_check(
    campaign: Campaign, clock: Clock
) -> None:
    released(campaign, clock)
    change_edition(campaign, 1, log_size=None)
    text = read(campaign).text
    assert "had 1 signature" in text
    assert "nobody outside can check it" in text
    assert "python audit.py" not in text


def test_it_leads_to_its_data_and_to_the_history(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    links = read(campaign).links
    base = f"/letters/{campaign.slug}"
    for link in (f"/api/v1{base}/editions/1", f"/api/v1{base}/editions", f"{base}/editions.csv", f"/en{base}/log"):
        assert link in links
        assert campaign.client.get(link).status_code == 200
    feed = f'type="application/atom+xml" title="Editions" href="https://undersigned.example/en{base}/editions.atom"'
    for page in ("editions/1", "count", "log"):
        assert feed in campaign.client.get(f"/en{base}/{page}").text


def test_latest_leads_to_the_newest_edition_in_the_same_language(campaign: Campaign, clock: Clock) -> None:
    for number in (1, 2):
        released(campaign, clock)
        for prefix in ("", "/be", "/en"):
            answer = campaign.client.get(f"{prefix}/letters/{campaign.slug}/editions/latest")
            assert answer.status_code == 302
            assert answer.location == f"{prefix}/letters/{campaign.slug}/editions/{number}"
            assert answer.headers["Cache-Control"] == "public, max-age=5"


def test_before_the_first_edition_latest_says_what_will_come(campaign: Campaign) -> None:
    answer = campaign.client.get(f"/en/letters/{campaign.slug}/editions/latest")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert "The first one is yet to come." in show(answer).text


def test_the_count_page_names_who_cosigned_the_number_that_it_prints(campaign: Campaign, clock: Clock) -> None:
    url = f"/en/letters/{campaign.slug}/count"
    released(campaign, clock)
    assert "cosigned" not in campaign.client.get(url).text
    cosigned(campaign, 1, AT)
    assert f"They saw that it has only grown: {WITNESS} 1 January 2027" in show(campaign.client.get(url)).text
    released(campaign, clock)
    assert WITNESS not in campaign.client.get(url).text


def test_a_letter_that_is_not_open_yet_or_taken_down_shows_no_edition(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    paths = ("editions/1", "editions/latest", "editions.csv", "editions.atom", "log", "log/checkpoint")
    change_letter(campaign, state="scheduled", opens_at=clock.now.replace(year=2028))
    assert {get(campaign, path).status_code for path in paths} == {404}
    change_letter(campaign, state="open", taken_down_for="Example", taken_down_on=clock.now.date())
    assert {get(campaign, path).status_code for path in paths} == {410}
