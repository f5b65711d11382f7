"""Over the limit: nobody is refused, nothing typed is lost, each proof pays once, and no address is told anywhere."""

import logging
import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from letters.signing.slowing import PAID_WITH
from tests.letters.signing.asking import Shown, everything, one_database, show, signatures, switches
from tests.parts.campaign import FORM, Campaign
from tests.parts.clock import Clock
from tests.verification.access.solving import solve
from verification.access.throttling import Throttle

FREE = 60
WORK = re.compile(r'data-work="([^"]+)"')
HOME = "198.51.100.77"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """An installation behind one proxy that takes precautions."""
    return {**environment, "UNDERSIGNED_THROTTLE": "on", "UNDERSIGNED_TRUSTED_PROXIES": "1"}


def sign(campaign: Campaign, number: int = 0, network: str = HOME) -> TestResponse:
    """Send the form from that address, as somebody new for each number."""
    return send(campaign, {"email": f"signer{number}@example.org"}, network)


def send(campaign: Campaign, fields: dict[str, Any], network: str = HOME) -> TestResponse:
    """Send these fields, the others as usual."""
    campaign.client.environ_base["HTTP_X_FORWARDED_FOR"] = network
    return campaign.sign(**fields)


def slowed(campaign: Campaign) -> TestResponse:
    """Send forms until one more is over the limit."""
    for number in range(FREE):
        assert sign(campaign, number).status_code == 303
    return sign(campaign, FREE)


def fields(answer: TestResponse) -> dict[str, str]:
    """The form on the page, as it would be sent again."""
    shown = show(answer).fields
    return {name: value for name, value in shown.items() if name != "updates"}


def work(answer: TestResponse) -> str:
    return unescape(WORK.search(answer.text)[1])


@one_database
@pytest.mark.parametrize("language", ["ru", "be", "en"])
def test_over_the_limit_the_form_comes_back_whole(campaign: Campaign, language: str) -> None:
    slowed(campaign)
    typed = {"name": "Вера “Example” <b>", "workplace": 'Ward 3 & "ICU"', "display": "pseudonym", "region": "BY-HM"}
    campaign.client.environ_base["HTTP_X_FORWARDED_FOR"] = HOME
    answer = campaign.client.post(f"/{language}/letters/{campaign.slug}/sign", data=campaign.form(**typed))
    shown: Shown = show(answer)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "66"
    assert shown.language == language
    assert {**FORM, **typed}.items() <= shown.fields.items()
    assert (switches(answer), answer.text.count('name="turn"')) == ([], 2)
    assert answer.headers["Cache-Control"] == "no-store"


@one_database
def test_only_this_page_may_run_a_script_and_it_is_ours(campaign: Campaign) -> None:
    answer = slowed(campaign)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script[^>]*>", answer.text) == [
        f'<script src="{path}" defer>' for path in re.findall(r'src="(/static/proof.js\?v=\w+)"', answer.text)
    ]
    script = campaign.client.get(re.search(r'src="(/static/proof[^"]+)"', answer.text)[1], buffered=True)
    assert script.content_type.startswith("text/javascript")
    assert "script-src" not in campaign.client.get(f"/letters/{campaign.slug}").headers["Content-Security-Policy"]
    assert "script-src" not in send(campaign, {"name": ""}).headers["Content-Security-Policy"]


def test_work_pays_for_one_signature(campaign: Campaign) -> None:
    answer = slowed(campaign)
    before = len(signatures(campaign.runtime))
    paid = {**fields(answer), "altcha": solve(work(answer))}
    assert send(campaign, paid).location.endswith("/check-mail")
    assert len(signatures(campaign.runtime)) == before + 1
    again = send(campaign, {**paid, "email": "another@example.org"})
    assert again.status_code == 429
    assert len(signatures(campaign.runtime)) == before + 1
    assert work(again) != work(answer)
    assert send(campaign, {**fields(again), "altcha": solve(work(again))}).status_code == 303


def test_waiting_pays_for_one_signature_without_javascript(campaign: Campaign, clock: Clock) -> None:
    paid = fields(slowed(campaign))
    clock.advance(seconds=30)
    early = send(campaign, paid)
    assert (early.status_code, early.headers["Retry-After"]) == (429, "30")
    assert "too early" in show(early).text
    assert fields(early)["ticket"] == paid["ticket"]
    clock.advance(seconds=30)
    assert send(campaign, paid).status_code == 303
    assert send(campaign, paid).status_code == 429


@one_database
def test_a_form_with_a_mistake_keeps_what_was_paid(campaign: Campaign) -> None:
    answer = slowed(campaign)
    paid = {**fields(answer), "altcha": solve(work(answer))}
    wrong = send(campaign, {**paid, "name": ""})
    assert wrong.status_code == 422
    assert {name: fields(wrong)[name] for name in PAID_WITH} == {name: paid[name] for name in PAID_WITH}
    assert send(campaign, {**fields(wrong), "name": "Vera Example"}).status_code == 303


@one_database
def test_mistakes_are_not_counted(campaign: Campaign) -> None:
    for _ in range(2 * FREE):
        assert send(campaign, {"name": ""}).status_code == 422
    assert sign(campaign).status_code == 303


@one_database
def test_work_for_one_letter_does_not_pay_for_another_network_or_day_twice(campaign: Campaign, clock: Clock) -> None:
    answer = slowed(campaign)
    paid = {**fields(answer), "altcha": solve(work(answer))}
    assert send(campaign, paid, network="203.0.113.5").status_code == 303
    clock.advance(minutes=11)
    assert send(campaign, paid).status_code == 429


@one_database
def test_other_networks_notice_nothing_and_an_onion_service_is_one(campaign: Campaign) -> None:
    slowed(campaign)
    assert sign(campaign, network="203.0.113.5").status_code == 303
    for number in range(FREE):
        sign(campaign, number, network="127.0.0.1")
    assert sign(campaign, network="192.168.7.7").status_code == 429


@one_database
def test_the_answer_is_the_same_whoever_the_address_belongs_to(campaign: Campaign) -> None:
    campaign.join(number=500)
    slowed(campaign)
    known, new = send(campaign, {"email": "signer500@example.org"}), send(campaign, {"email": "signer501@example.org"})
    trapped = send(campaign, {"email": "signer502@example.org", "website": "x"})
    assert known.status_code == new.status_code == trapped.status_code == 429
    hidden = re.compile(r'data-work="[^"]+"|name="(?:ticket|website)"[^>]*|signer50\d|\d+ minutes?')
    assert len({hidden.sub("", answer.text) for answer in (known, new, trapped)}) == 1


@one_database
def test_a_clock_that_steps_shuts_nobody_out(campaign: Campaign, clock: Clock) -> None:
    for step in ({"hours": -1}, {"days": 1}):
        answer = slowed(campaign)
        assert answer.status_code == 429
        clock.advance(**step)
        assert send(campaign, fields(answer)).status_code == 303


@one_database
def test_a_failure_inside_is_logged_without_a_word_about_who(
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(self: Throttle, address: str) -> int:
        raise RuntimeError(f"no room for {address}")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Throttle, "excess", fail)
    answer = sign(campaign)
    told = capsys.readouterr()
    said = answer.text + told.out + told.err + caplog.text
    assert answer.status_code == 500
    assert "request failed" in told.out + told.err
    assert "198.51" not in said
    assert "signer0" not in said


@one_database
def test_no_address_is_stored(campaign: Campaign) -> None:
    answer = slowed(campaign)
    send(campaign, {**fields(answer), "altcha": solve(work(answer))})
    assert "198.51" not in str(everything(campaign.runtime))
    assert len(everything(campaign.runtime)["spent_proofs"]) == 1


@one_database
def test_disposable_addresses_are_held_once_confirmed_and_told_so(campaign: Campaign) -> None:
    assert send(campaign, {"email": "vera@yopmail.com"}).status_code == 303
    campaign.send_mail()
    thanks = campaign.client.get(campaign.confirm(campaign.links("vera@yopmail.com")[0]).location)
    (row,) = signatures(campaign.runtime)
    assert (row.state, row.held_for, row.news) == ("held", "disposable", True)
    assert "An organiser looks at your signature" in thanks.text
    assert "/signature/" in thanks.text
