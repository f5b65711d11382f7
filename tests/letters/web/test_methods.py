"""Looking changes nothing: every page, asked by every method that only reads, leaves every row as it was."""

import pytest
from flask.testing import FlaskClient

from tests.letters.signing.asking import everything
from tests.letters.web.everywhere import WORKSPACE, busy, every_address
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

READING = ["GET", "HEAD", "OPTIONS"]


def test_every_rule_has_an_address_to_try(campaign: Campaign) -> None:
    addresses = every_address(campaign, busy(campaign))
    adapter = campaign.app.url_map.bind("undersigned.example")
    reached = {
        adapter.match(address.partition("?")[0], method=method)[0] for address in addresses for method in ("GET",)
    }
    assert reached == {rule.endpoint for rule in campaign.app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def test_reading_never_changes_anything(campaign: Campaign, clock: Clock) -> None:
    addresses = every_address(campaign, busy(campaign))
    clock.advance(minutes=2)
    before = everything(campaign.runtime)
    for address in addresses:
        for method in READING:
            query = "?withdraw=1&decline=1&display=named&name=Vera&q=a&page=1"
            for url in (address, address + query):
                answer = campaign.client.open(url, method=method, headers={"Accept-Language": "en"}, buffered=True)
                assert answer.status_code < 400, (method, url)
    assert everything(campaign.runtime) == before


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_form_in_the_body_of_a_reading_request_changes_nothing(campaign: Campaign) -> None:
    links = busy(campaign)
    before = everything(campaign.runtime)
    for method in READING:
        for path in (links.waiting, links.private, f"/en/letters/{campaign.slug}/sign"):
            campaign.client.open(path, method=method, data={"withdraw": "1", "decline": "1", **campaign.form()})
    assert everything(campaign.runtime) == before


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "XYZZY"])
def test_other_methods_are_refused_with_those_that_are_allowed(campaign: Campaign, method: str) -> None:
    links = busy(campaign)
    before = everything(campaign.runtime)
    for address in every_address(campaign, links):
        answer = campaign.client.open(address, method=method)
        assert answer.status_code == 405, address
        assert "GET" in answer.headers["Allow"]
    assert everything(campaign.runtime) == before


@pytest.mark.parametrize("database", ["sqlite"])
def test_posting_to_a_page_that_only_shows_is_refused(campaign: Campaign) -> None:
    takes_posts = {
        rule.endpoint
        for rule in campaign.app.url_map.iter_rules()
        if "POST" in (rule.methods or set()) and not rule.rule.startswith(WORKSPACE)
    }
    assert takes_posts == {"sign", "confirm", "receipt", "signature", "unsubscribe"}
    assert campaign.client.post(f"/letters/{campaign.slug}").status_code == 405


def head(client: FlaskClient, address: str) -> tuple[int, list[tuple[str, str]]]:
    answer = client.head(address, buffered=True)
    assert answer.data == b""
    return answer.status_code, sorted(answer.headers)


@pytest.mark.parametrize("database", ["sqlite"])
def test_head_says_what_get_would_say(campaign: Campaign) -> None:
    for address in every_address(campaign, busy(campaign)):
        shown = campaign.client.get(address, buffered=True)
        status, headers = head(campaign.client, address)
        volatile = {"Date"}
        assert status == shown.status_code
        assert {name for name, _value in headers} - volatile == set(shown.headers.keys()) - volatile, address
