"""A burst that no process sees alone is seen by all together, whatever their clocks say."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.parts.redis import RedisServer, running_redis
from tests.verification.access.sharing import Member
from verification.access.line import AGAIN
from verification.access.pace import DAY, SLOT
from verification.access.shared_pace import LOOK_EVERY

LETTER = 7

Join = Callable[[], Member]


@pytest.fixture(scope="module")
def shared() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def join(shared: RedisServer) -> Iterator[Join]:
    """Return what makes one more process that counts in the server, which is empty at first."""
    members: list[Member] = []
    with shared.client() as redis:
        redis.flushall()
    if SLOT - time.time() % SLOT < 5:
        time.sleep(5)

    def make() -> Member:
        members.append(Member(shared.url))
        return members[-1]

    yield make
    for member in members:
        member.close()


def arrive(members: list[Member], number: int, letter: int = LETTER) -> None:
    for count in range(number):
        members[count % len(members)].pace.count(letter)


def passed(server: RedisServer, *slots: int) -> None:
    """Let slots pass in which so many arrived in each letter that has been counted."""
    with server.client() as redis:
        (now,) = redis.keys("*:*:*")
        place, number = now.rsplit(b":", 1)
        for back, arrived in enumerate(slots, 1):
            for letter in redis.hkeys(now):
                redis.hset(place + b":%d" % (int(number) - back), letter, arrived)


def bursting(member: Member) -> list[int]:
    member.ticks.seconds += LOOK_EVERY
    return member.pace.bursting()


def test_a_burst_that_is_spread_over_processes_is_one(shared: RedisServer, join: Join) -> None:
    members = [join(), join(), join()]
    arrive(members, 60)
    passed(shared, 6, 6, 6, 6, 6, 6)
    assert [bursting(member) for member in members] == [[], [], []]
    arrive(members, 1)
    assert [bursting(member) for member in members] == [[LETTER]] * 3
    assert bursting(join()) == [LETTER]


def test_one_letters_burst_is_no_others(shared: RedisServer, join: Join) -> None:
    members = [join(), join()]
    arrive(members, 100, letter=8)
    arrive(members, 5)
    passed(shared, 6, 6, 6, 6, 6, 6)
    assert bursting(members[0]) == [8]


def test_the_first_hour_of_a_letter_is_no_burst(shared: RedisServer, join: Join) -> None:
    members = [join(), join()]
    arrive(members, 200)
    passed(shared, 6, 6, 6, 6, 6)
    assert bursting(members[0]) == []


def test_what_was_more_than_a_day_ago_does_not_count(shared: RedisServer, join: Join) -> None:
    members = [join()]
    arrive(members, 61)
    passed(shared, *[0] * (DAY - 1), 6, 6, 6, 6, 6, 6)
    with shared.client() as redis:
        for key in redis.keys("*:*:*"):
            for letter, arrived in redis.hgetall(key).items():
                if arrived == b"0":
                    redis.hdel(key, letter)
    assert bursting(members[0]) == []


@pytest.mark.parametrize("step", [{"hours": -1}, {"days": 400}])
def test_a_machine_whose_clock_is_wrong_sees_the_same(shared: RedisServer, join: Join, step: dict[str, float]) -> None:
    members = [join(), join()]
    members[1].clock.advance(**step)
    arrive(members, 61)
    passed(shared, 6, 6, 6, 6, 6, 6)
    assert [bursting(member) for member in members] == [[LETTER]] * 2


def test_what_is_known_is_good_for_a_second(shared: RedisServer, join: Join) -> None:
    here, there = join(), join()
    arrive([here], 1)
    passed(shared, 6, 6, 6, 6, 6, 6)
    assert bursting(here) == []
    arrive([there], 80)
    assert here.pace.bursting() == []
    assert bursting(here) == [LETTER]


def test_without_redis_a_process_goes_by_what_it_has_seen_itself() -> None:
    with running_redis() as server:
        member = Member(server.url)
        for _ in range(6):
            arrive([member], 6)
            member.clock.advance(seconds=SLOT)
        server.kill()
        arrive([member], 61)
        assert bursting(member) == [LETTER]
        server.start()
        member.ticks.seconds += AGAIN
        assert bursting(member) == []
        assert member.told == ["ConnectionError", None]
        member.close()


def test_what_nobody_of_ours_has_written_is_passed_over(shared: RedisServer, join: Join) -> None:
    member = join()
    arrive([member], 61)
    with shared.client() as redis:
        (now,) = redis.keys("*:*:*")
        redis.hset(now, b"short", 100)
        redis.hset(now, b"x" * 24, 100)
    passed(shared, 6, 6, 6, 6, 6, 6)
    assert bursting(member) == [LETTER]
