"""Several workers feed the outbox no faster than one would, where they count together."""

from dataclasses import replace

import pytest

from letters.organising.updating.feeding import AT_ONCE
from letters.organising.updating.rounds import UpdateRounds
from letters.runtime import Runtime
from tests.letters.organising.updating.subscribing import Post, begin, subscribe, update_row
from tests.parts.campaign import Campaign
from tests.parts.redis import running_redis
from tests.verification.access.sharing import Member

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def slowly(runtime: Runtime) -> Runtime:
    return replace(runtime, settings=replace(runtime.settings, throttle=True))


def send_all(post: Post) -> None:
    while post.sender.send_some():
        pass


def test_workers_that_count_together_take_turns(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, *range(3 * AT_ONCE))
    number = begin(campaign)
    with running_redis() as server:
        members = [Member(server.url), Member(server.url)]
        for member in members:
            UpdateRounds(slowly(campaign.runtime), member.counts).round()
            send_all(post)
        assert update_row(campaign, number).queued == AT_ONCE
        with server.client() as redis:
            redis.flushall()
        UpdateRounds(slowly(campaign.runtime), members[1].counts).round()
        assert update_row(campaign, number).queued == 2 * AT_ONCE
        for member in members:
            member.close()


def test_without_redis_each_keeps_its_own_pace(campaign: Campaign, post: Post) -> None:
    subscribe(campaign, *range(3 * AT_ONCE))
    number = begin(campaign)
    rounds = [UpdateRounds(slowly(campaign.runtime)) for _ in range(2)]
    for worker in [*rounds, *rounds]:
        worker.round()
        send_all(post)
    assert update_row(campaign, number).queued == 2 * AT_ONCE
