"""While the database has too much to do: everything typed comes back, nothing is stored, links stay good."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from letters.runtime import SILENT, Runtime
from tests.letters.signing.asking import one_database, send, show, stored, switches
from tests.parts.campaign import Campaign
from tests.verification.test_gate import Seconds
from verification.gate import MOVING, Gate

pytestmark = one_database

TYPED = {"name": "Вера “Example” <b>", "workplace": "Ward 3", "email": "vera+x@example.org", "display": "pseudonym"}


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def runtime(runtime: Runtime, seconds: Seconds) -> Runtime:
    """One request may be at the database at once; pages know their letters for an hour."""
    return replace(runtime, gate=Gate(1, SILENT, seconds), queue=Gate(1, SILENT, seconds), learn_every=3600)


@contextmanager
def stuck(campaign: Campaign, seconds: Seconds) -> Iterator[None]:
    """Somebody is at the database, and it does not answer."""
    with campaign.runtime.gate.passed(), campaign.runtime.queue.passed():
        seconds.now += MOVING
        yield


def test_a_form_that_cannot_be_kept_comes_back_as_it_was_typed(campaign: Campaign, seconds: Seconds) -> None:
    form = campaign.form(**TYPED)
    with stuck(campaign, seconds):
        answer = send(campaign, form)
    page = show(answer)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert 1 <= int(answer.headers["Retry-After"]) <= 120
    assert "not stored" in page.text
    assert stored(campaign.runtime) == 0
    assert {name: page.fields[name] for name in TYPED} == TYPED
    assert (switches(answer), answer.text.count('name="turn"')) == ([], 2)
    again = {name: page.fields[name] for name in form if name in page.fields}
    assert send(campaign, again).status_code == 303
    assert stored(campaign.runtime) == 2


def test_a_reader_is_served_meanwhile(campaign: Campaign, seconds: Seconds) -> None:
    before = campaign.client.get(f"/en/letters/{campaign.slug}")
    with stuck(campaign, seconds):
        after = campaign.client.get(f"/en/letters/{campaign.slug}")
    assert (after.status_code, after.data) == (200, before.data)


def test_a_reader_is_served_although_nothing_new_can_be_learned(
    campaign: Campaign, seconds: Seconds, runtime: Runtime
) -> None:
    path = f"/en/letters/{campaign.slug}"
    before = campaign.client.get(path)
    runtime.clock.advance(seconds=30)  # type: ignore[attr-defined]
    with stuck(campaign, seconds):
        after = campaign.client.get(path)
    assert (after.status_code, after.data) == (200, before.data)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_stays_good(campaign: Campaign, seconds: Seconds, method: str) -> None:
    send(campaign, TYPED)
    campaign.send_mail()
    (link,) = campaign.links(TYPED["email"])
    with stuck(campaign, seconds):
        answer = getattr(campaign.client, method)(link)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert "Retry-After" in answer.headers
    assert "Yours stays good" in show(answer).text
    assert (switches(answer) == []) == (method == "post")
    assert campaign.confirm(link).status_code == 303
