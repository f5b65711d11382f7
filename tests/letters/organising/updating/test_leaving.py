"""Whoever leaves takes the subscription along, and every mail that waits for it."""

import pytest
from sqlalchemy import func, select

from letters.models.signatures import SubscriptionRow
from letters.organising.burning import burn
from letters.organising.updating.feeding import feed_outbox
from tests.letters.organising.updating.subscribing import another_letter, begin, outbox, subscribe
from tests.parts.campaign import Campaign


def subscriptions(campaign: Campaign) -> int:
    with campaign.runtime.reading() as session:
        return session.scalar(select(func.count()).select_from(SubscriptionRow)) or 0


@pytest.fixture
def private(campaign: Campaign) -> str:
    """The private link of a subscriber whose update waits."""
    private = campaign.join(1, updates="1")
    begin(campaign)
    feed_outbox(campaign.runtime)
    assert (len(outbox(campaign.runtime)), subscriptions(campaign)) == (1, 1)
    return private


def test_withdrawing_ends_the_subscription_and_what_waits(campaign: Campaign, private: str) -> None:
    campaign.client.post(private, data={"withdraw": "1"})
    assert (outbox(campaign.runtime), subscriptions(campaign)) == ([], 0)


def test_so_does_the_button_on_the_private_page(campaign: Campaign, private: str) -> None:
    campaign.client.post(private, data={"unsubscribe": "1"})
    assert (outbox(campaign.runtime), subscriptions(campaign)) == ([], 0)


def test_burning_ends_them_all_and_no_other_letters(campaign: Campaign, private: str) -> None:
    other = another_letter(campaign)
    (kept,) = subscribe(other, 2)
    begin(other)
    feed_outbox(campaign.runtime)
    assert len(outbox(campaign.runtime)) == 2
    burn(campaign.runtime, campaign.slug, lambda _seconds: None)
    assert [row.subject for row in outbox(campaign.runtime)] == [kept]
    assert subscriptions(campaign) == 1
