"""Signing in: each proof once, also when two use it at the same moment; guesses are slowed; nobody waits for long."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from letters.models.accounts import AccountRow, RecoveryCodeRow, SessionRow
from letters.organising.accounts.factors import FactorRefused, prove_by_code
from letters.organising.accounts.sessions import Opened, SessionOver, find_session, promote
from letters.organising.accounts.signing_in import SignInRefused, sign_in
from letters.organising.accounts.turns import AT_ONCE, in_turn
from letters.runtime import Runtime
from tests.letters.organising.accounts.browsing import is_in, token_at
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from verification.access.guesses import TooManyGuesses
from verification.errors import Refusal
from verification.identity.account_keys import Stretch

SIGN_IN = "/workspace/sign-in"
FACTOR = "/workspace/second-factor"
sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run both in threads that start together; refusals are returned."""
    gate = threading.Barrier(2)

    def run(verb: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return verb()
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(2) as threads:
        return [done.result() for done in [threads.submit(run, first), threads.submit(run, second)]]


def twice(runtime: Runtime, verb: Callable[[Session], Any]) -> list[Any]:
    return at_once(lambda: runtime.settle(verb), lambda: runtime.settle(verb))


def test_of_two_who_use_one_time_code_at_once_one_comes_through(organiser: Organiser, runtime: Runtime) -> None:
    keyring, account_id = runtime.keyring, organiser.account_id
    for _ in range(5):
        code, now = organiser.code, runtime.clock()
        done = twice(runtime, lambda session: prove_by_code(session, keyring, account_id, code, now))  # noqa: B023
        assert sorted(map(str, done)) == sorted(map(str, [False, FactorRefused]))


def test_of_two_who_use_one_recovery_code_at_once_one_comes_through(organiser: Organiser, runtime: Runtime) -> None:
    keyring, account_id, now = runtime.keyring, organiser.account_id, runtime.clock()
    for code in organiser.recovery_codes[:5]:
        done = twice(runtime, lambda session: prove_by_code(session, keyring, account_id, code, now))  # noqa: B023
        assert sorted(map(str, done)) == sorted(map(str, [True, FactorRefused]))
    with runtime.reading() as session:
        assert len(session.scalars(select(RecoveryCodeRow)).all()) == 3


def test_of_two_who_exchange_one_session_at_once_one_comes_through(organiser: Organiser, runtime: Runtime) -> None:
    opened = half_open(organiser, runtime)
    done = twice(runtime, lambda session: promote(session, runtime.keyring, opened, runtime.clock()))
    assert sorted(type(one).__name__ for one in done) == ["bytes", "type"]
    assert SessionOver in done


def half_open(organiser: Organiser, runtime: Runtime) -> Opened:
    """A session after the password."""
    cookie = sign_in(runtime, organiser.address, organiser.password)
    with runtime.reading() as session:
        return find_session(session, runtime.keyring, cookie, runtime.clock())


def test_a_session_keeps_hours_alone(organiser: Organiser, runtime: Runtime, clock: Clock) -> None:
    clock.now = clock.now.replace(minute=47, second=13)
    sign_in(runtime, organiser.address, organiser.password)
    with runtime.reading() as session:
        moments = [moment for row in session.scalars(select(SessionRow)) for moment in (row.opened_at, row.seen_at)]
    assert {(moment.minute, moment.second) for moment in moments} == {(0, 0)}


@pytest.mark.parametrize("address", ["owner@example.org", "OWNER@example.org", " owner+tag@EXAMPLE.org "])
@sqlite_only
def test_the_address_is_found_however_it_is_typed(organiser: Organiser, runtime: Runtime, address: str) -> None:
    assert len(sign_in(runtime, address, organiser.password)) == 32


@sqlite_only
@pytest.mark.parametrize(
    ("address", "password"),
    [("owner@example.org", "wrong"), ("nobody@example.org", "wrong"), ("owner@example.org", ""), ("no address", "x")],
)
def test_nobody_learns_which_of_the_two_is_wrong(
    organiser: Organiser, runtime: Runtime, address: str, password: str
) -> None:
    with pytest.raises(SignInRefused, match="do not belong together"):
        sign_in(runtime, address, password)


@sqlite_only
def test_an_unknown_address_takes_as_long(organiser: Organiser, runtime: Runtime) -> None:
    """The same work is done: the time of either is mostly that of stretching."""
    slow = replace(runtime, stretch=Stretch(16_384, 2, 1))
    change_password_of(organiser, slow)
    known = [seconds(slow, organiser.address) for _ in range(9)]
    unknown = [seconds(slow, "nobody@example.org") for _ in range(9)]
    assert 0.5 < median(known) / median(unknown) < 2


def change_password_of(organiser: Organiser, slow: Runtime) -> None:
    """A right password is wrapped anew with the dearer parameters."""
    sign_in(slow, organiser.address, organiser.password)


def seconds(runtime: Runtime, address: str) -> float:
    begun = time.perf_counter()
    with pytest.raises(SignInRefused):
        sign_in(runtime, address, "not the password")
    return time.perf_counter() - begun


def test_a_password_is_wrapped_anew_when_it_should_cost_more(organiser: Organiser, runtime: Runtime) -> None:
    dearer = replace(runtime, stretch=Stretch(16, 2, 1))
    assert box_of(organiser, runtime)[1:5] != (16).to_bytes(4)
    sign_in(dearer, organiser.address, organiser.password)
    assert box_of(organiser, runtime)[1:5] == (16).to_bytes(4)
    sign_in(dearer, organiser.address, organiser.password)


def box_of(organiser: Organiser, runtime: Runtime) -> bytes:
    with runtime.reading() as session:
        return session.get_one(AccountRow, organiser.account_id).secret_box


def test_while_a_password_is_stretched_nobody_waits_for_the_database(organiser: Organiser, runtime: Runtime) -> None:
    """On SQLite a transaction that writes would hold up whoever signs a letter."""
    slow = replace(runtime, stretch=Stretch(65_536, 8, 1))
    sign_in(slow, organiser.address, organiser.password)
    with ThreadPoolExecutor(1) as threads:
        stretching = threads.submit(sign_in, slow, organiser.address, organiser.password)
        waits = []
        while not stretching.done():
            begun = time.perf_counter()
            runtime.settle(lambda session: session.execute(select(1)))
            waits.append(time.perf_counter() - begun)
            time.sleep(0.005)
    assert len(waits) > 5
    assert median(waits) < 0.05


@sqlite_only
def test_who_finds_all_places_taken_is_told_to_come_back_at_once(organiser: Organiser, runtime: Runtime) -> None:
    with ExitStack() as taken:
        for _ in range(AT_ONCE):
            taken.enter_context(in_turn())
        with pytest.raises(TooManyGuesses) as refused:
            sign_in(runtime, organiser.address, organiser.password)
        organiser.client.delete_cookie("__Secure-workspace", path="/workspace", domain="undersigned.example")
        answer = password_at(organiser, organiser.password)
    assert refused.value.after <= timedelta(seconds=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert 'value="owner@example.org"' in answer.text
    assert sign_in(runtime, organiser.address, organiser.password)


def password_at(who: Organiser, password: str, address: str = "") -> TestResponse:
    form = {"csrf_token": token_at(who, SIGN_IN), "address": address or who.address, "password": password}
    return who.client.post(SIGN_IN, base_url=who.base, data=form)


@sqlite_only
class TestClockSkew:
    """A code of the step before or after is right; older and later ones are not."""

    @pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
    def test_a_phone_may_be_half_a_minute_off(
        self, organiser: Organiser, clock: Clock, steps: int, status: int
    ) -> None:
        organiser.sign_out()
        clock.advance(minutes=5)
        code = pyotp.TOTP(organiser._secret).at(clock.now + timedelta(seconds=30 * steps))
        assert organiser.sign_in(code).status_code == status

    def test_an_earlier_code_is_spent_by_a_later_one(self, organiser: Organiser, clock: Clock) -> None:
        organiser.sign_out()
        clock.advance(minutes=5)
        earlier, later = (pyotp.TOTP(organiser._secret).at(clock.now + timedelta(seconds=30 * n)) for n in (-1, 1))
        assert organiser.sign_in(later).status_code == 303
        organiser.sign_out()
        assert organiser.sign_in(earlier).status_code == 422

    def test_a_clock_that_is_set_back_lets_no_code_in_twice(self, organiser: Organiser, clock: Clock) -> None:
        organiser.sign_out()
        code = organiser.code
        assert organiser.sign_in(code).status_code == 303
        clock.advance(minutes=-1)
        assert organiser.sign_in(code).status_code == 422


HOME, AWAY = "198.51.100.7", "203.0.113.9"


@sqlite_only
class TestThrottled:
    """With precautions on, behind one proxy."""

    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return {**environment, "UNDERSIGNED_THROTTLE": "on", "UNDERSIGNED_TRUSTED_PROXIES": "1"}

    @pytest.fixture
    def guesser(self, organiser: Organiser) -> Organiser:
        """Somebody at another network than the organiser's."""
        return browser(organiser, AWAY)

    def test_ten_guesses_at_an_account_and_no_more(self, guesser: Organiser) -> None:
        assert [password_at(guesser, "wrong").status_code for _ in range(12)] == [422] * 10 + [429] * 2

    def test_the_refusal_says_how_long_and_keeps_the_address(self, guesser: Organiser) -> None:
        for _ in range(10):
            password_at(guesser, "wrong")
        answer = password_at(guesser, "wrong")
        assert "Please wait 15 minutes and try again" in answer.text
        assert 'value="owner@example.org"' in answer.text
        assert int(answer.headers["Retry-After"]) <= 900

    def test_then_not_even_the_right_password_is_tried(self, guesser: Organiser) -> None:
        for _ in range(10):
            password_at(guesser, "wrong")
        assert password_at(guesser, guesser.password).status_code == 429

    def test_whoever_waits_comes_in(self, guesser: Organiser, clock: Clock) -> None:
        for _ in range(11):
            password_at(guesser, "wrong")
        clock.advance(minutes=15)
        assert guesser.sign_in().status_code == 303

    def test_the_owner_elsewhere_is_not_kept_out(self, organiser: Organiser, guesser: Organiser) -> None:
        for _ in range(15):
            password_at(guesser, "wrong")
        assert browser(organiser, HOME).sign_in().status_code == 303

    def test_an_unknown_address_is_slowed_alike(self, guesser: Organiser) -> None:
        answers = [password_at(guesser, "wrong", "nobody@example.org").status_code for _ in range(12)]
        assert answers == [422] * 10 + [429] * 2

    def test_other_spellings_of_an_address_are_the_same_account(self, guesser: Organiser) -> None:
        answers = [password_at(guesser, "wrong", f"OWNER+{n}@example.org").status_code for n in range(11)]
        assert answers[-1] == 429

    def test_many_networks_together_are_slowed(self, organiser: Organiser) -> None:
        answers = [password_at(browser(organiser, f"198.51.{n}.1"), "wrong").status_code for n in range(51)]
        assert answers == [422] * 50 + [429]

    def test_one_network_is_slowed_at_many_accounts(self, guesser: Organiser) -> None:
        answers = [password_at(guesser, "wrong", f"somebody{n}@example.org").status_code for n in range(61)]
        assert answers == [422] * 60 + [429]

    def test_the_right_password_begins_anew(self, guesser: Organiser) -> None:
        for _ in range(3):
            for _ in range(9):
                assert password_at(guesser, "wrong").status_code == 422
            assert password_at(guesser, guesser.password).status_code == 303
            guesser.client.delete_cookie("__Secure-workspace", path="/workspace", domain="undersigned.example")

    def test_codes_are_slowed_too(self, guesser: Organiser) -> None:
        password_at(guesser, guesser.password)
        token = token_at(guesser, FACTOR)
        form = {"csrf_token": token, "code": "000000"}
        answers = [guesser.client.post(FACTOR, base_url=guesser.base, data=form).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
        assert (
            guesser.client.post(FACTOR, base_url=guesser.base, data={**form, "code": guesser.code}).status_code == 429
        )
        assert not is_in(guesser)

    def test_showing_again_who_one_is_is_slowed_too(self, organiser: Organiser, clock: Clock) -> None:
        clock.advance(minutes=11)
        wrong = {"again_password": "wrong", "again_code": "000000"}
        answers = [organiser.post("/workspace/again", **wrong).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]

    def test_asking_for_mails_is_slowed(self, guesser: Organiser) -> None:
        path = "/workspace/lost-password"
        form = {"csrf_token": token_at(guesser, path), "address": guesser.address}
        answers = [guesser.client.post(path, base_url=guesser.base, data=form).status_code for _ in range(11)]
        assert answers == [303] * 10 + [429]

    @pytest.mark.parametrize("network", [AWAY, "127.0.0.1"])
    def test_nobody_fills_the_queue_of_mails_from_one_network(self, organiser: Organiser, network: str) -> None:
        """Nor over the onion service: what signers wait for stands in the same queue."""
        stranger, path = browser(organiser, network), "/workspace/lost-password"
        token = token_at(stranger, path)
        forms = [{"csrf_token": token, "address": f"nobody{n}@example.org"} for n in range(62)]
        answers = [stranger.client.post(path, base_url=stranger.base, data=form).status_code for form in forms]
        assert answers == [303] * 60 + [429] * 2

    def test_nothing_that_is_kept_or_logged_names_anybody(
        self, guesser: Organiser, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            for _ in range(12):
                password_at(guesser, "wrong")
        assert AWAY not in caplog.text
        assert guesser.address not in caplog.text


def browser(organiser: Organiser, network: str) -> Organiser:
    """A browser of that network, in which the organiser's things may be typed."""
    other = Organiser(organiser.runtime, organiser.app, organiser.address)
    other._secret = organiser._secret
    other.client.environ_base["HTTP_X_FORWARDED_FOR"] = network
    return other
