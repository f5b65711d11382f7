"""What the clock alone does to letters: opening, closing, releasing, forgetting."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from letters.models.letters import LetterState
from letters.publishing.clockwork import destroy_copies, erase_identities
from letters.publishing.editions import lock_letter
from letters.runtime import Runtime
from letters.signing.managing import SignatureFinal
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock
from verification.identity.boxes import BoxDamaged
from verification.identity.keyring import KeyMissing, Keyring

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def test_a_scheduled_letter_opens_at_its_moment(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, opens_at=clock() + timedelta(hours=1))
    states = []
    for hours in (0, 1):
        clock.advance(hours=hours)
        crowd.tend()
        states.append(crowd.letter.stored_state)
    assert states == [LetterState.SCHEDULED, LetterState.OPEN]


def test_a_letter_closes_at_its_moment_and_notes_the_day(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, closes_at=clock() + timedelta(hours=1))
    crowd.join(1)
    clock.advance(hours=1)
    assert crowd.letter.state_at(clock()) is LetterState.CLOSED
    crowd.tend()
    assert (crowd.letter.stored_state, crowd.letter.closed_on) == (LetterState.CLOSED, date(2026, 12, 1))


@sqlite_only
def test_a_paused_letter_closes_too(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, closes_at=clock() + timedelta(hours=1))
    crowd.enter(LetterState.PAUSED)
    clock.advance(hours=1)
    crowd.tend()
    assert crowd.letter.stored_state is LetterState.CLOSED


@sqlite_only
def test_a_worker_that_slept_through_a_letter_closes_it(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, opens_at=clock() + timedelta(hours=1), closes_at=clock() + timedelta(hours=2))
    clock.advance(hours=3)
    crowd.tend()
    assert crowd.letter.stored_state is LetterState.CLOSED


@sqlite_only
def test_a_worker_that_slept_for_months_breaks_no_promise(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, closes_at=clock() + timedelta(days=10))
    crowd.join(1)
    promised = crowd.letter.changeable_until, crowd.letter.identities_until
    clock.advance(days=200)
    crowd.tend()
    letter = crowd.letter
    assert (letter.closed_on, letter.total, letter.forgotten, letter.erased) == (date(2026, 12, 11), 1, True, True)
    assert (letter.changeable_until, letter.identities_until) == promised


def test_the_worker_releases_what_closing_leaves(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=50, closes_at=clock() + timedelta(hours=1))
    crowd.join(1, display="named")
    crowd.tend()
    assert crowd.letter.number == 0
    clock.advance(hours=1)
    crowd.tend()
    assert (crowd.letter.total, len(crowd.names())) == (1, 1)


def test_the_worker_releases_what_is_due(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=2)
    crowd.join_many(range(2))
    clock.advance(hours=6)
    crowd.tend()
    crowd.join_many(range(2, 4))
    crowd.tend()
    assert (crowd.letter.number, crowd.letter.total) == (1, 2)
    clock.advance(hours=6)
    crowd.tend()
    assert (crowd.letter.number, crowd.letter.total) == (2, 4)


def test_no_edition_comes_at_the_moment_of_the_click_that_completes_it(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=2)
    crowd.join(1)
    clock.advance(hours=9)
    crowd.tend()
    crowd.join(2)
    crowd.tend()
    assert crowd.letter.number == 0
    clock.advance(hours=6)
    crowd.tend()
    assert (crowd.letter.number, crowd.letter.total) == (1, 2)


def test_a_name_leaves_at_the_interval_and_not_at_the_click_that_hides_it(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, every=timedelta(hours=6), at_least=50)
    signer = crowd.join(1, display="named", name="Vera Example")
    crowd.release()
    clock.advance(hours=20)
    crowd.tend()
    crowd.change(signer, display="counted")
    crowd.tend()
    assert crowd.names() == ["Vera Example"]
    clock.advance(hours=6)
    crowd.tend()
    assert crowd.names() == []


def test_the_dedupe_key_lives_through_the_days_for_changes_and_no_longer(crowd: Crowd, clock: Clock) -> None:
    signer = crowd.join(1)
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    assert crowd.letter.changeable_until == date(2026, 12, 31)
    clock.now = datetime.fromisoformat("2026-12-31T23:59:59Z")
    crowd.tend()
    assert crowd.runtime.keyring.dedupe(crowd.slug)
    crowd.change(signer, profession="midwife")
    clock.advance(seconds=1)
    crowd.tend()
    assert crowd.letter.forgotten
    with pytest.raises(KeyMissing):
        crowd.runtime.keyring.dedupe(crowd.slug)
    with pytest.raises(SignatureFinal):
        crowd.withdraw(signer)
    with pytest.raises(SignatureFinal):
        crowd.change(signer, profession="nurse")


@sqlite_only
def test_a_copy_of_the_keys_on_another_machine_is_destroyed_there(
    crowd: Crowd, clock: Clock, runtime: Runtime, tmp_path: Path
) -> None:
    copy = tmp_path / "another machine's keys"
    shutil.copytree(runtime.keyring.folder, copy)
    there = Keyring(copy, runtime.chance.token)
    with runtime.reading() as session:
        destroy_copies(session, there)
    assert there.dedupe(crowd.slug) and there.identities(crowd.slug)  # noqa: PT018
    crowd.enter(LetterState.CLOSED)
    clock.advance(days=100)
    crowd.tend()
    with runtime.reading() as session:
        destroy_copies(session, there)
    assert list(copy.glob("dedupe/*")) == list(copy.glob("identities/*")) == []
    assert there.server("tokens")


def test_an_archived_letter_forgets_as_well(crowd: Crowd, clock: Clock) -> None:
    crowd.enter(LetterState.CLOSED)
    crowd.enter(LetterState.ARCHIVED)
    clock.advance(days=31)
    crowd.tend()
    assert crowd.letter.forgotten


def test_one_letter_in_trouble_stops_no_other(runtime: Runtime, clock: Clock) -> None:
    broken = open_crowd(runtime, closes_at=clock() + timedelta(days=1))
    sound = open_crowd(runtime, demo="safe-staffing")
    broken.join(1, display="named")
    key = runtime.settings.keys / "names.key"
    key.unlink()
    runtime.keyring.create_server_keys()
    sound.join(1, display="named", region="PL-14")
    clock.advance(hours=6)
    with pytest.raises(ExceptionGroup) as failures:
        broken.tend()
    assert failures.group_contains(BoxDamaged)
    assert (broken.letter.number, sound.letter.number) == (0, 1)


@sqlite_only
def test_a_letter_that_cannot_be_printed_still_closes_and_forgets(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, closes_at=clock() + timedelta(days=1))
    crowd.join(1, display="named")
    (runtime.settings.keys / "names.key").unlink()
    runtime.keyring.create_server_keys()
    for days in (1, 31):
        clock.advance(days=days)
        with pytest.raises(ExceptionGroup):
            crowd.tend()
    assert (crowd.letter.stored_state, crowd.letter.forgotten) == (LetterState.CLOSED, True)


@sqlite_only
@pytest.mark.parametrize("state", [LetterState.OPEN, LetterState.PAUSED, LetterState.CLOSED, LetterState.ARCHIVED])
def test_looking_at_a_letter_that_asks_for_nothing_changes_nothing(
    crowd: Crowd, clock: Clock, state: LetterState
) -> None:
    crowd.join(1, display="named")
    crowd.release()
    if state is LetterState.ARCHIVED:
        crowd.enter(LetterState.CLOSED)
    crowd.enter(state)
    crowd.tend()
    before = crowd.letter
    clock.advance(days=2)
    crowd.tend()
    assert crowd.letter == before


def test_many_identities_are_erased_a_few_at_a_time(crowd: Crowd) -> None:
    signers = crowd.join_many(range(3))
    crowd.sign(4)

    def erase_two(session: Session) -> bool:
        letter = lock_letter(session, crowd.slug)
        erase_identities(session, letter, crowd.runtime.keyring, at_most=2)
        return letter.erased

    assert [crowd.runtime.settle(erase_two) for _ in range(3)] == [False, False, True]
    assert {crowd.row(signer).sealed for signer in signers} == {None}
    with pytest.raises(KeyMissing):
        crowd.runtime.keyring.identities(crowd.slug)
