"""Editions: when one is due, what it counts, and that nothing is lost or counted twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.editions import EditionRow, TallyRow
from letters.models.finding import NoSuchLetter
from letters.models.letters import LetterState
from letters.organising.releasing import release_letter
from letters.publishing.changes import DIMENSIONS
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def test_an_edition_needs_the_interval_and_the_minimum(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=3)
    crowd.join_many(range(2))
    clock.advance(hours=6)
    with pytest.raises(NotDue, match="2 signatures come or go, the letter asks for 3"):
        crowd.release(at_once=False)
    crowd.join(2)
    assert crowd.release(at_once=False).total == 3
    crowd.join_many(range(3, 6))
    clock.advance(hours=5, minutes=59)
    with pytest.raises(NotDue, match="interval"):
        crowd.release(at_once=False)
    clock.advance(minutes=1)
    assert crowd.release(at_once=False).total == 6


def test_signers_who_change_to_and_fro_bring_no_edition_about(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=3)
    signers = [crowd.join(number) for number in range(3)]
    crowd.release()
    clock.advance(hours=6)
    for signer in signers:
        crowd.change(signer, profession="midwife")
    with pytest.raises(NotDue, match="0 signatures come or go"):
        crowd.release(at_once=False)
    crowd.join_many(range(3, 6))
    assert crowd.release(at_once=False).total == 6


@sqlite_only
def test_at_once_waits_for_neither(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=50)
    for number in (1, 2):
        crowd.join(number)
        assert crowd.release(at_once=True).number == number


def test_without_news_there_is_no_edition(crowd: Crowd) -> None:
    for at_once in (True, False):
        with pytest.raises(NotDue, match="Nothing waits"):
            crowd.release(at_once=at_once)
    assert crowd.letter.number == 0


@sqlite_only
def test_a_letter_that_is_not_there_has_no_edition(runtime: Runtime) -> None:
    with pytest.raises(NoSuchLetter, match="'nothing-here'"):
        release_letter(runtime, "nothing-here", at_once=True)


@sqlite_only
def test_pending_signatures_are_not_counted(crowd: Crowd) -> None:
    crowd.sign(1)
    crowd.join(2)
    assert crowd.release().total == 1


def test_numbers_are_cumulative(crowd: Crowd, clock: Clock) -> None:
    gone = crowd.join(1)
    crowd.join(2)
    crowd.release()
    crowd.withdraw(gone)
    crowd.join(3)
    clock.advance(minutes=1)
    second = crowd.release()
    assert (second.number, second.signatures, second.withdrawn, second.voided, second.total) == (2, 3, 1, 0, 2)
    fake = crowd.join(4)
    third = crowd.release()
    crowd.void(fake)
    fourth = crowd.release()
    assert (third.total, fourth.signatures, fourth.withdrawn, fourth.voided, fourth.total) == (3, 4, 1, 1, 2)
    assert fourth.released_at == clock()


def test_an_edition_counts_by_profession_region_and_standing(crowd: Crowd) -> None:
    crowd.join_many(range(3))
    crowd.join(3, profession="paramedic", region="BY-BR")
    figures = crowd.release().figures
    assert {name: figures[name]["shown"] for name in DIMENSIONS} == {
        "profession": {"nurse": 3, "paramedic": 1},
        "region": {"BY-MI": 3, "BY-BR": 1},
        "standing": {"mailbox": 4},
    }


@sqlite_only
def test_a_specialty_counts_as_its_profession(crowd: Crowd) -> None:
    crowd.join(1, profession="surgeon")
    crowd.join(2, profession="doctor")
    assert crowd.release().figures["profession"]["shown"] == {"doctor": 2}


def test_a_correction_moves_between_cells_and_not_the_total(crowd: Crowd) -> None:
    signer = crowd.join(1)
    crowd.join(2)
    crowd.release()
    crowd.change(signer, profession="midwife", region="BY-BR")
    edition = crowd.release()
    assert (edition.total, edition.signatures) == (2, 2)
    assert edition.figures["profession"]["shown"] == {"midwife": 1, "nurse": 1}
    assert edition.figures["region"]["shown"] == {"BY-BR": 1, "BY-MI": 1}


@sqlite_only
def test_two_corrections_between_editions_count_once(crowd: Crowd) -> None:
    signer = crowd.join(1)
    crowd.release()
    crowd.change(signer, profession="midwife")
    crowd.change(signer, profession="paramedic")
    assert crowd.release().figures["profession"]["shown"] == {"paramedic": 1}


def test_whoever_withdraws_before_an_edition_was_never_counted(crowd: Crowd) -> None:
    crowd.withdraw(crowd.join(1))
    crowd.join(2)
    edition = crowd.release()
    assert (edition.signatures, edition.withdrawn) == (1, 0)


def test_a_fake_thrown_out_before_an_edition_was_never_counted(crowd: Crowd) -> None:
    crowd.void(crowd.join(1))
    crowd.join(2)
    edition = crowd.release()
    assert (edition.signatures, edition.voided, crowd.recount()) == (1, 0, [])


def test_a_held_signature_is_left_out_until_it_is_let_go(crowd: Crowd) -> None:
    held = crowd.join(1)
    crowd.join(2)
    crowd.hold(held)
    assert crowd.release().total == 1
    with pytest.raises(NotDue):
        crowd.release()
    crowd.let_go(held)
    assert crowd.release().total == 2


def test_an_earlier_edition_never_changes(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named")
    before = crowd.release()
    crowd.withdraw(signer)
    crowd.join(2, profession="paramedic")
    crowd.release()
    with crowd.runtime.reading() as session:
        stored = session.get_one(EditionRow, (crowd.letter.id, 1))
        assert (stored.total, stored.figures) == (before.total, before.figures)


@sqlite_only
def test_a_protected_letter_prints_only_safe_cells(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=3)
    crowd.join_many(range(4))
    crowd.join(4, profession="paramedic")
    figures = crowd.release().figures
    assert figures["profession"] == {"shown": {"nurse": 3}, "rest": [0, 5]}
    assert figures["region"] == {"shown": {"BY-MI": 3}, "rest": [0, 5]}


def test_closing_releases_what_waits_at_once(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=50)
    crowd.join(1)
    crowd.release()
    crowd.join(2)
    crowd.enter(LetterState.CLOSED)
    assert crowd.release(at_once=False).total == 2


def test_closing_by_the_clock_releases_what_waits_at_once(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(
        runtime, every=timedelta(hours=6), at_least=50, closes_at=clock() + timedelta(hours=1), opens_at=None
    )
    crowd.join(1)
    crowd.release()
    crowd.join(2)
    clock.advance(hours=1)
    assert crowd.release(at_once=False).total == 2


@sqlite_only
def test_after_closing_withdrawals_wait_for_the_interval_but_no_minimum(runtime: Runtime, clock: Clock) -> None:
    """Otherwise each would be seen to leave at its very moment."""
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=50)
    signers = crowd.join_many(range(3))
    crowd.enter(LetterState.CLOSED)
    crowd.release(at_once=False)
    crowd.withdraw(signers[0])
    with pytest.raises(NotDue, match="interval"):
        crowd.release(at_once=False)
    crowd.withdraw(signers[1])
    clock.advance(hours=6)
    assert crowd.release(at_once=False).total == 1


def test_two_publishers_at_once_release_once(crowd: Crowd) -> None:
    crowd.join_many(range(5))
    start = threading.Barrier(4)

    def publish() -> int:
        start.wait()
        try:
            return release_letter(crowd.runtime, crowd.slug, at_once=True).number
        except NotDue:
            return 0

    with ThreadPoolExecutor(4) as pool:
        released = sorted(future.result() for future in [pool.submit(publish) for _ in range(4)])
    assert released == [0, 0, 0, 1]
    assert (crowd.letter.total, crowd.recount()) == (5, [])


def test_what_is_confirmed_during_a_release_is_neither_lost_nor_counted_twice(crowd: Crowd) -> None:
    waiting = [crowd.sign(number, display="pseudonym") for number in range(24)]
    done = threading.Event()

    def publish() -> None:
        while not done.is_set():
            try:
                crowd.release()
            except NotDue:
                done.wait(0.005)

    with ThreadPoolExecutor(5) as pool:
        publishers = [pool.submit(publish) for _ in range(2)]
        confirming = [pool.submit(partial(crowd.confirm, signer)) for signer in waiting]
        joined = [future.result() for future in confirming]
        leaving = [pool.submit(partial(crowd.withdraw, signer)) for signer in joined[:6]]
        for future in leaving:
            future.result()
        done.set()
        for publisher in publishers:
            publisher.result()
    with suppress(NotDue):
        crowd.release()
    assert (crowd.letter.total, len(crowd.entries()), crowd.recount()) == (18, 18, [])


def test_tallies_are_of_their_own_letter(runtime: Runtime) -> None:
    one, other = open_crowd(runtime), open_crowd(runtime, demo="safe-staffing")
    one.join(1)
    other.join(1, region="PL-14")
    assert one.release().figures["region"]["shown"] == {"BY-MI": 1}
    assert other.release().figures["region"]["shown"] == {"PL-14": 1}
    with runtime.reading() as session:
        assert _codes(session, one) == {"nurse", "BY-MI", "mailbox"}


def _codes(session: Session, crowd: Crowd) -> set[str]:
    return set(session.scalars(select(TallyRow.code).where(TallyRow.letter_id == crowd.letter.id)))
