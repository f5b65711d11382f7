"""Pressing the button: once, whoever clicks how often; each link confirms its own form, and the first one wins."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from letters.models.signatures import SignatureState
from tests.letters.signing.asking import (
    change_letter,
    everything,
    move_signatures,
    one_database,
    send,
    show,
    signatures,
)
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

ADDRESS = "vera@example.org"


def link(campaign: Campaign, **changes: object) -> str:
    """The link that this form brings."""
    send(campaign, {"email": ADDRESS, **changes})
    campaign.send_mail()
    return campaign.links(ADDRESS)[-1]


def states(campaign: Campaign) -> list[str]:
    return [row.state for row in signatures(campaign.runtime)]


@one_database
@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_opening_the_link_shows_what_would_be_signed_and_nothing_more(campaign: Campaign, language: str) -> None:
    path = link(campaign, name="Secret Name", workplace="Secret ward", display="pseudonym")
    shown = show(campaign.client.get(f"/{language}{path}"))
    assert shown.language == language
    assert campaign.letter.texts[language].title in shown.text
    profession, region = {"ru": ("медсестра", "Минск"), "be": ("медсястра", "Мінск"), "en": ("nurse", "Minsk")}[
        language
    ]
    assert profession in shown.text
    assert region in shown.text
    assert "Secret" not in shown.text
    assert ADDRESS not in shown.text


def test_pressing_the_button_confirms_and_leads_to_the_thanks(campaign: Campaign) -> None:
    path = link(campaign)
    before = everything(campaign.runtime)
    assert campaign.client.get(path).status_code == 200
    assert everything(campaign.runtime) == before
    answer = campaign.confirm(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/signed/")
    (row,) = signatures(campaign.runtime)
    assert (row.state, row.news, row.expires_on, row.fingerprint, row.edition) == ("confirmed", True, None, None, None)


def test_the_tenth_click_leads_to_the_same_page_and_counts_once(campaign: Campaign) -> None:
    path = link(campaign)
    answers = [campaign.confirm(path) for _ in range(9)] + [campaign.client.get(path)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, answers[0].location)}
    assert states(campaign) == ["confirmed"]
    assert campaign.release().total == 1


def test_racing_clicks_on_two_links_of_one_address_count_once(campaign: Campaign) -> None:
    paths = [link(campaign), link(campaign, profession="midwife")] * 4
    start = Barrier(len(paths))

    def click(path: str) -> int:
        start.wait()
        return campaign.app.test_client().post(path).status_code

    with ThreadPoolExecutor(len(paths)) as threads:
        statuses = set(threads.map(click, paths))
    assert statuses == {200, 303}
    assert states(campaign) == ["confirmed"]


@pytest.mark.parametrize("first", [0, 1])
def test_each_link_confirms_its_own_form_and_the_other_page_says_so(campaign: Campaign, first: int) -> None:
    links = [link(campaign, profession="nurse"), link(campaign, profession="midwife")]
    pages = [show(campaign.client.get(path)).text for path in links]
    assert ["midwife" in page for page in pages] == [False, True]
    assert campaign.confirm(links[first]).status_code == 303
    for answer in (campaign.confirm(links[1 - first]), campaign.client.get(links[1 - first])):
        assert answer.status_code == 200
        assert show(answer).title.startswith("Another form of yours counts")
    (row,) = signatures(campaign.runtime)
    assert (row.state, row.profession) == ("confirmed", ["nurse", "midwife"][first])


def test_another_form_can_still_be_declined_after_one_has_won(campaign: Campaign) -> None:
    links = [link(campaign), link(campaign, region="BY-HM")]
    campaign.confirm(links[0])
    answer = campaign.client.post(links[1], data={"decline": "1"})
    assert show(answer).title.startswith("Another form of yours counts")
    assert states(campaign) == ["confirmed"]


def test_declining_deletes_what_was_entered(campaign: Campaign) -> None:
    path = link(campaign, updates="1", display="named")
    answer = campaign.client.post(path, data={"decline": "1"})
    assert show(answer).title.startswith("Deleted")
    kept = everything(campaign.runtime)
    assert (kept["signatures"], kept["subscriptions"], kept["outbox"]) == ([], [], [])
    for again in (campaign.confirm(path), campaign.client.get(path), campaign.client.post(path, data={"decline": "1"})):
        assert show(again).title.startswith("Deleted")
    assert states(campaign) == []


def test_declining_what_was_confirmed_changes_nothing(campaign: Campaign) -> None:
    path = link(campaign)
    confirmed = campaign.confirm(path)
    before = everything(campaign.runtime)
    assert campaign.client.post(path, data={"decline": "1"}).location == confirmed.location
    assert everything(campaign.runtime) == before


def test_an_address_that_was_taken_meanwhile_does_not_count_twice(campaign: Campaign) -> None:
    paths = [link(campaign), link(campaign, region="BY-HM")]
    campaign.confirm(paths[0])
    move_signatures(campaign.runtime, SignatureState.CONFIRMED, SignatureState.VOIDED)
    assert show(campaign.confirm(paths[1])).title.startswith("Another form of yours counts")
    assert states(campaign) == ["voided"]


@one_database
def test_a_link_of_the_last_second_works_and_one_second_later_says_what_to_do(campaign: Campaign, clock: Clock) -> None:
    path = link(campaign)
    clock.advance(days=7)
    assert campaign.client.get(path).status_code == 200
    clock.advance(seconds=1)
    for answer in (campaign.client.get(path), campaign.confirm(path)):
        assert answer.status_code == 410
        assert "sign the letter once more" in show(answer).text
    assert states(campaign) == ["pending"]


@one_database
@pytest.mark.parametrize("state", ["closed", "archived"])
def test_a_letter_that_closed_before_the_click_takes_nothing(campaign: Campaign, clock: Clock, state: str) -> None:
    path = link(campaign)
    change_letter(campaign, state=state, closed_on=clock.now.date())
    for answer in (campaign.client.get(path), campaign.confirm(path)):
        assert answer.status_code == 409
        assert show(answer).title.startswith("The letter closed")
    assert states(campaign) == ["pending"]
    assert show(campaign.client.post(path, data={"decline": "1"})).title.startswith("Deleted")


@one_database
def test_a_letter_that_closes_by_the_clock_takes_nothing_from_that_second_on(campaign: Campaign, clock: Clock) -> None:
    path = link(campaign)
    change_letter(campaign, closes_at=clock.now)
    assert campaign.confirm(path).status_code == 409
    assert states(campaign) == ["pending"]


@one_database
def test_a_paused_letter_still_takes_confirmations(campaign: Campaign) -> None:
    path = link(campaign)
    change_letter(campaign, state="paused")
    assert campaign.client.get(path).status_code == 200
    assert campaign.confirm(path).status_code == 303


@one_database
def test_a_link_whose_signature_is_gone_says_so(campaign: Campaign) -> None:
    path = link(campaign)
    with campaign.runtime.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM signatures")
    for answer in (campaign.client.get(path), campaign.confirm(path)):
        assert answer.status_code == 410
        assert "nothing behind this link" in show(answer).text
