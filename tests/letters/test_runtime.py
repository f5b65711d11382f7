"""One transaction per verb: committed whole, tried again where another won, never half."""

import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.runtime import ATTEMPTS, Chance, Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock
from verification.identity.keyring import KeyMissing
from verification.mailbox.tokens import Purpose, TokenExpired

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """A stored letter; what is stored of it does not matter."""
    return open_crowd(runtime)


def raise_goal(session: Session) -> int:
    """Make the goal one greater and return it."""
    letter = session.scalars(select(LetterRow).with_for_update()).one()
    letter.goal = (letter.goal or 0) + 1
    session.flush()
    return letter.goal


def goal(runtime: Runtime) -> int:
    with runtime.reading() as session:
        return session.scalars(select(LetterRow.goal)).one() or 0


def break_a_rule(session: Session) -> None:
    session.execute(update(LetterRow).values(state="no such state"))


def test_a_verb_is_committed_and_its_result_returned(crowd: Crowd) -> None:
    before = goal(crowd.runtime)
    assert crowd.runtime.settle(raise_goal) == before + 1
    assert goal(crowd.runtime) == before + 1


def test_of_a_verb_that_fails_nothing_is_kept(crowd: Crowd) -> None:
    before = goal(crowd.runtime)

    def verb(session: Session) -> None:
        raise_goal(session)
        raise KeyMissing("the key is lost half way")

    with pytest.raises(KeyMissing):
        crowd.runtime.settle(verb)
    assert goal(crowd.runtime) == before


def test_a_verb_that_met_a_constraint_runs_again_from_the_start(crowd: Crowd) -> None:
    before, runs = goal(crowd.runtime), []

    def verb(session: Session) -> int:
        runs.append(raise_goal(session))
        if len(runs) < 3:
            break_a_rule(session)
        return len(runs)

    assert crowd.runtime.settle(verb) == 3
    assert runs == [before + 1] * 3
    assert goal(crowd.runtime) == before + 1


def test_a_verb_that_always_meets_a_constraint_ends_with_it(crowd: Crowd) -> None:
    runs = Counter[str]()

    def verb(session: Session) -> None:
        runs["here"] += 1
        break_a_rule(session)

    with pytest.raises(IntegrityError):
        crowd.runtime.settle(verb)
    assert runs["here"] == ATTEMPTS


@sqlite_only
def test_other_failures_are_not_tried_again(crowd: Crowd) -> None:
    runs = Counter[str]()

    def verb(session: Session) -> None:
        runs["here"] += 1
        session.execute(text("SELECT nonsense FROM nowhere"))

    with pytest.raises(OperationalError):
        crowd.runtime.settle(verb)
    assert runs["here"] == 1


def test_verbs_from_many_threads_all_count(crowd: Crowd) -> None:
    before, threads = goal(crowd.runtime), []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: [crowd.runtime.settle(raise_goal) for _ in range(10)]))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert goal(crowd.runtime) == before + 40


@pytest.mark.parametrize("database", ["postgresql"])
def test_verbs_that_lock_each_other_out_both_come_through(runtime: Runtime) -> None:
    """Each holds one letter and wants the other; the database ends one of them, and that one runs again."""
    open_crowd(runtime)
    open_crowd(runtime, demo="safe-staffing")
    both_hold = threading.Barrier(2)
    runs = Counter[str]()

    def take(first: str, second: str) -> None:
        def verb(session: Session) -> None:
            runs[first] += 1
            for slug in (first, second):
                session.execute(update(LetterRow).where(LetterRow.slug == slug).values(goal=LetterRow.goal + 1))
                if slug == first and runs[first] == 1:
                    both_hold.wait()

        runtime.settle(verb)

    slugs = ("stop-the-violence", "safe-staffing")
    threads = [threading.Thread(target=take, args=order) for order in (slugs, slugs[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(runs.values()) > 2
    with runtime.reading() as session:
        assert sorted(session.scalars(select(LetterRow.goal))) == [2002, 5002]


def test_what_a_reading_session_writes_is_not_kept(crowd: Crowd) -> None:
    before = goal(crowd.runtime)
    with crowd.runtime.reading() as session:
        raise_goal(session)
    assert goal(crowd.runtime) == before


def test_a_reading_session_sees_one_moment(crowd: Crowd) -> None:
    with crowd.runtime.reading() as session:
        before = session.scalar(select(LetterRow.goal))
        crowd.runtime.settle(raise_goal)
        assert session.scalar(select(LetterRow.goal)) == before
    assert goal(crowd.runtime) == (before or 0) + 1


def test_a_reader_does_not_wait_for_a_writer(crowd: Crowd) -> None:
    def verb(session: Session) -> tuple[int, int]:
        return raise_goal(session), goal(crowd.runtime)

    written, read = crowd.runtime.settle(verb)
    assert written == read + 1


@sqlite_only
def test_links_live_by_the_clock_that_was_passed_in(runtime: Runtime, clock: Clock) -> None:
    link = runtime.tokens.mint(Purpose.CONFIRM, b"0" * 16)
    clock.advance(days=7)
    assert runtime.tokens.read(Purpose.CONFIRM, link) == b"0" * 16
    clock.advance(seconds=1)
    with pytest.raises(TokenExpired):
        runtime.tokens.read(Purpose.CONFIRM, link)


@sqlite_only
def test_another_key_makes_other_links(runtime: Runtime, clock: Clock) -> None:
    link = runtime.tokens.mint(Purpose.MANAGE, b"0" * 16)
    (runtime.settings.keys / "tokens.key").unlink()
    with pytest.raises(KeyMissing):
        runtime.tokens.mint(Purpose.MANAGE, b"0" * 16)
    runtime.keyring.create_server_keys()
    assert runtime.tokens.mint(Purpose.MANAGE, b"0" * 16) != link


@given(st.lists(st.integers()))
def test_chance_puts_each_item_somewhere_once(items: list[int]) -> None:
    before = list(items)
    assert sorted(Chance().shuffled(items)) == sorted(before)
    assert items == before


def test_every_order_is_as_likely() -> None:
    """Fisher and Yates: each sequence of draws leads to an order of its own."""
    orders = {
        tuple(Chance(below={3: one, 2: other}.__getitem__).shuffled([1, 2, 3]))
        for one in range(3)
        for other in range(2)
    }
    assert len(orders) == 6
