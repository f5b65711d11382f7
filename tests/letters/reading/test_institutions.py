"""The public list of institutions: the organisers' own, as of now, in the reader's language."""

import pytest
from sqlalchemy import insert, update

from letters.models.letters import LetterRow
from letters.models.standing import InstitutionRow
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def listed(campaign: Campaign, many: int) -> None:
    """Put institutions on the letter's list."""
    letter_id = campaign.letter.id
    rows = [
        {"letter_id": letter_id, "domain": f"c{number}.example.org", "name": f"Clinic {number:03}", "region": "BY-MI"}
        for number in range(many)
    ]
    campaign.runtime.settle(lambda session: session.execute(insert(InstitutionRow), rows))
    campaign.runtime.settle(lambda session: session.execute(update(LetterRow).values(revision=LetterRow.revision + 1)))


def page(campaign: Campaign, rest: str = "", language: str = "en") -> str:
    answer = campaign.client.get(f"/{language}/letters/{campaign.slug}/institutions{rest}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers
    return " ".join(show(answer).text.split())


def test_a_letter_without_institutions_says_so(campaign: Campaign) -> None:
    assert "list no institutions" in page(campaign)
    assert "institution" not in show(campaign.client.get(f"/en/letters/{campaign.slug}/count")).text


def test_everybody_can_read_the_list(campaign: Campaign) -> None:
    before = campaign.client.get(f"/en/letters/{campaign.slug}/institutions").headers["ETag"]
    listed(campaign, 101)
    assert [page(campaign, f"?page={number}").count("c1") for number in (1, 2)] == [11, 1]
    assert campaign.client.get(f"/en/letters/{campaign.slug}/institutions").headers["ETag"] != before
    assert "Минск" in page(campaign, language="ru")


def test_the_count_page_says_what_an_institution_proves_and_leads_to_the_list(campaign: Campaign) -> None:
    listed(campaign, 3)
    shown = show(campaign.client.get(f"/en/letters/{campaign.slug}/count"))
    assert "The list has 3 institutions" in shown.text
    assert f"/en/letters/{campaign.slug}/institutions" in shown.links


def test_a_page_that_is_none_is_not_found(campaign: Campaign) -> None:
    assert campaign.client.get(f"/en/letters/{campaign.slug}/institutions?page=0").status_code == 404
    assert campaign.client.get("/en/letters/no-such-letter/institutions").status_code == 404
