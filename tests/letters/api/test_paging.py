"""Lists by `?page=`: 100 to a page, and whatever else stands there is refused in words that say what to write."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from letters.api.asking import LAST_PAGE, paging
from tests.letters.api.asking import LISTS, ask, pad_editions, pad_entries, refused
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

WRONG = ["0", "-1", "01", "1e9", "1.0", " 1", "+1", "٣", "１", "²", "", "None", "1" * 5000, "1000000000", "\0", "1,2"]


@pytest.mark.parametrize("path", LISTS)
def test_what_is_no_page_is_refused_with_what_to_write(campaign: Campaign, path: str) -> None:
    for page in WRONG:
        said = refused(ask(campaign, f"{path}?{urlencode({'page': page})}"), 422)
        assert said.startswith("Give `page` once, as a number from 1 to "), page


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query", ["?page=1&page=2", "?page=1&page=1", "?page[]=1&page=x", "?page=%ff", "?page=%ff%ff&page"]
)
def test_a_page_is_given_once_and_in_plain_digits(campaign: Campaign, path: str, query: str) -> None:
    refused(ask(campaign, path + query), 422)


@pytest.mark.parametrize("path", LISTS)
def test_beyond_the_end_is_a_404_that_says_where_the_end_is(campaign: Campaign, path: str) -> None:
    for page in (2, 3, LAST_PAGE):
        assert "from 1 to 1" in refused(ask(campaign, f"{path}?page={page}"), 404)
    assert ask(campaign, f"{path}?page=1").json == ask(campaign, path).json


@pytest.mark.parametrize("path", LISTS)
def test_what_the_query_says_besides_is_passed_over(campaign: Campaign, path: str) -> None:
    plain = ask(campaign, path)
    for query in ("?q=1", "?Page=x", "?page=1&utm=2", "?=&&;", "?" + "x=1&" * 500):
        assert ask(campaign, path + query).data == plain.data


def test_editions_come_a_hundred_to_a_page_and_the_oldest_first(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    pad_editions(campaign, 201)
    pages = [ask(campaign, f"/{{slug}}/editions?page={page}").json for page in (1, 2, 3)]
    assert [(told["page"], told["pages"], len(told["editions"])) for told in pages] == [
        (1, 3, 100),
        (2, 3, 100),
        (3, 3, 1),
    ]
    assert [edition["edition"] for told in pages for edition in told["editions"]] == list(range(1, 202))
    assert "This list has 3 pages" in refused(ask(campaign, "/{slug}/editions?page=4"), 404)


def test_the_first_edition_of_a_page_is_compared_with_the_last_of_the_page_before(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    pad_editions(campaign, 101)
    (edition,) = ask(campaign, "/{slug}/editions?page=2").json["editions"]
    assert edition["changes"] == {"signatures": 0, "withdrawn": 0, "voided": 0, "total": 0}


def test_signatories_come_a_hundred_to_a_page(campaign: Campaign) -> None:
    campaign.join(1, display="named")
    campaign.release()
    pad_entries(campaign, 100)
    first, second = (ask(campaign, f"/{{slug}}/signatories?page={page}").json for page in (1, 2))
    assert [len(told["signatories"]) for told in (first, second)] == [100, 1]
    assert {(told["found"], told["pages"]) for told in (first, second)} == {(101, 2)}
    assert first["first_signatories"] == second["first_signatories"]
    refused(ask(campaign, "/{slug}/signatories?page=3"), 404)


@given(st.text() | st.integers().map(str) | st.from_regex(r"\d{1,12}", fullmatch=True))
def test_a_page_reads_as_the_number_that_it_spells_or_not_at_all(database: str, written: str) -> None:
    schema = Schema.from_dict(paging())()
    try:
        page = schema.load({"page": written})["page"]
    except ValidationError:
        assert written not in {str(number) for number in (1, 9, LAST_PAGE)}
        assert not (written.isascii() and written.isdigit() and written[0] != "0" and len(written) < 10)
    else:
        assert str(page) == written
        assert 1 <= page <= LAST_PAGE
