"""What one process alone would refuse is refused by all together, and Redis tells nobody who was counted."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from limits import RateLimitItemPerDay, RateLimitItemPerMinute

from tests.parts.redis import RedisServer, running_redis
from tests.verification.access.sharing import SECRET, Member, dump
from verification.access.guesses import Guesses, TooManyGuesses
from verification.access.mail_caps import HasEnough, MailCaps
from verification.access.shared import DAY, PREFIX, salt_place
from verification.access.throttling import FREE, Throttle
from verification.access.windows import Window
from verification.identity.addresses import parse_address

HOME = "198.51.100.77"
FEW = Window(RateLimitItemPerMinute(2, 10, namespace="few"), b"x")
VERA = parse_address("vera@example.org")

Join = Callable[..., Member]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def join(server: RedisServer) -> Iterator[Join]:
    """Return what makes one more process that counts in the server, which is empty at first."""
    members: list[Member] = []
    with server.client() as redis:
        redis.flushall()

    def make(secret: bytes = SECRET) -> Member:
        members.append(Member(server.url, secret))
        return members[-1]

    yield make
    for member in members:
        member.close()


def test_two_processes_give_a_network_as_much_as_one_would(join: Join) -> None:
    here, there = Throttle(join().counts), Throttle(join().counts)
    each = FREE.amount // 2
    assert [throttle.excess(HOME) for throttle in [here, there] * each] == [0] * FREE.amount
    assert [here.excess(HOME), there.excess("198.51.100.1"), here.excess(HOME)] == [1, 2, 3]
    assert there.excess("198.51.101.1") == 0


def test_two_processes_let_an_account_be_guessed_at_as_often_as_one_would(join: Join) -> None:
    here, there = Guesses(join().counts), Guesses(join().counts)
    for guesses in [here, there] * 5:
        guesses.count(b"one", HOME)
    for guesses in (here, there):
        with pytest.raises(TooManyGuesses) as refused:
            guesses.count(b"one", HOME)
        assert timedelta(minutes=14) < refused.value.after <= timedelta(minutes=15)
    here.forgive(b"one", HOME)
    there.count(b"one", HOME)


def test_two_workers_send_an_address_as_much_as_one_would(join: Join) -> None:
    here, there = MailCaps(join().counts), MailCaps(join().counts)
    for caps in (here, there, here, there, here):
        caps.check(VERA)
        caps.count(VERA)
    for caps in (here, there):
        with pytest.raises(HasEnough) as enough:
            caps.check(parse_address("Vera+again@Example.org"))
        assert timedelta(hours=23) < enough.value.after <= timedelta(days=1)
    there.check(parse_address("boris@example.org"))


def test_of_all_who_try_at_once_no_more_come_through_than_may(join: Join) -> None:
    members, limit = [join() for _ in range(4)], RateLimitItemPerMinute(50, 10, namespace="race")
    window, start = Window(limit, b"x"), threading.Barrier(8)

    def attempt(number: int) -> int:
        start.wait()
        return sum(members[number % 4].counts.take(window) is None for _ in range(20))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 50


def test_what_is_refused_is_counted_nowhere(join: Join) -> None:
    counts, roomy = join().counts, Window(RateLimitItemPerMinute(9, 10, namespace="roomy"), b"x")
    assert [counts.take(roomy, FEW) is None for _ in range(4)] == [True, True, False, False]
    assert counts.add(roomy) == [3]
    assert counts.full(roomy) is None
    assert counts.full(roomy, FEW) is not None


def test_another_folder_of_keys_counts_for_itself(join: Join) -> None:
    here, there = join().counts, join(secret=b"t" * 32).counts
    assert (here.add(FEW), there.add(FEW), here.add(FEW)) == ([1], [1], [2])


def test_one_question_is_one_round_trip(server: RedisServer, join: Join) -> None:
    member = join()
    member.counts.add(FEW)
    before = commands(server)
    for _ in range(10):
        member.counts.take(FEW, Window(FREE, b"y"))
    assert commands(server) - before == 10 + 1


def commands(server: RedisServer) -> int:
    """How many commands from outside the server has run, this one among them."""
    with server.client() as redis:
        ran = redis.info("commandstats")
        return sum(
            ran.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "set", "info", "script|load")
        )


def test_nothing_lives_longer_than_the_salt_and_the_salt_a_day(server: RedisServer, join: Join) -> None:
    member, daily = join(), Window(RateLimitItemPerDay(5, namespace="daily"), b"x")
    member.counts.add(FEW, daily)
    member.pace.count(1)
    with server.client() as redis:
        left = {key: redis.pttl(key) for key in redis.scan_iter()}
        assert len(left) == 4
        assert all(0 < milliseconds <= DAY * 1000 for milliseconds in left.values())
        redis.flushall()
        member.counts.add(FEW)
        redis.expire(salt_place(SECRET), 60)
        member.counts.add(daily)
        assert all(0 < redis.ttl(key) <= 600 for key in redis.scan_iter())
        assert sum(redis.ttl(key) <= 60 for key in redis.scan_iter()) == 2


def test_when_redis_ends_the_day_all_begin_anew_together(server: RedisServer, join: Join) -> None:
    here, there = join().counts, join().counts
    assert (here.add(FEW), there.add(FEW)) == ([1], [2])
    with server.client() as redis:
        redis.expire(salt_place(SECRET), 0)
    assert (there.add(FEW), here.add(FEW), here.take(FEW) is None) == ([1], [2], False)


@pytest.mark.parametrize("step", [{"hours": -30}, {"days": 2}])
def test_a_machine_whose_clock_is_wrong_counts_with_the_others(join: Join, step: dict[str, float]) -> None:
    here, there = join(), join()
    there.clock.advance(**step)
    for member in (here, there):
        assert member.counts.take(FEW) is None
    waits = [member.counts.full(FEW) for member in (here, there)]
    assert all(timedelta(minutes=9) < wait <= timedelta(minutes=10) for wait in waits)


def test_neither_what_redis_holds_nor_what_passes_through_it_names_anybody(server: RedisServer, join: Join) -> None:
    member, passed, letter = join(), list[str](), 7_654_321
    with server.client() as redis, redis.monitor() as monitor:
        listening = threading.Thread(target=lambda: passed.extend(line["command"] for line in until_end(monitor)))
        listening.start()
        Throttle(member.counts).excess(HOME)
        Guesses(member.counts).count(b"owner@example.org", HOME)
        MailCaps(member.counts).count(VERA)
        member.pace.count(letter)
        member.pace.bursting()
        with server.client() as other:
            other.echo("the end")
        listening.join()
    held = dump(server)
    assert len(held) == 8
    assert all(key.startswith(PREFIX.encode()) for key in held)
    assert len([line for line in passed if line.startswith("EVALSHA")]) >= 5
    for told in (repr(held), repr(passed)):
        for said in ("198.51", repr(bytes([198, 51, 100]))[2:-1], "owner", "vera", "example", str(letter), "guesses"):
            assert said not in told


def until_end(monitor: Any) -> Iterator[dict[str, str]]:
    for line in monitor.listen():
        if "the end" in line["command"]:
            return
        yield line


def test_without_the_folder_of_keys_or_without_the_salt_nobody_is_found(server: RedisServer, join: Join) -> None:
    """Whoever has both can test an address, for the day; with one of them a list of all networks does not help."""
    member = join()
    Throttle(member.counts).excess(HOME)
    names, network = set(dump(server)), Window(FREE, bytes([198, 51, 100]))
    assert member.counts._begin().name(network).encode() in names
    with server.client() as redis:
        salt = redis.getdel(salt_place(SECRET))
    stolen = join()
    assert stolen.counts._begin().name(network).encode() not in names
    with server.client() as redis:
        redis.set(salt_place(b"guess" * 8), salt)
    guessed = join(secret=b"guess" * 8)
    assert guessed.counts._begin().name(network).encode() not in names
