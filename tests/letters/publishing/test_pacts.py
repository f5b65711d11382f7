"""Pacts: names that wait are nowhere, and all appear in the edition that counts enough of them, or never."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState
from letters.models.editions import EntryRow, TallyRow
from letters.models.letters import LetterRow, LetterState
from letters.models.pacts import PactRow
from letters.models.signatures import SignatureRow
from letters.models.values import Pact
from letters.organising.burning import burn_rows
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from letters.settings import Settings
from letters.signing.confirming import LetterClosed
from letters.signing.managing import NameMissing, NobodyWaits
from tests.letters.organising.defending.guards import Guards, guard, guard_letter
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.parts.clock import Clock
from verification.database import make_engine

T = TypeVar("T")
sqlite_only = pytest.mark.parametrize("database", ["sqlite"])
NEEDED = 3


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """An ordinary letter whose names wait for three."""
    return open_crowd(runtime, pact=NEEDED)


def pact(crowd: Crowd) -> Pact:
    found = crowd.letter.pact
    assert found is not None
    return found


def waiting(crowd: Crowd) -> int:
    """Rows that carry the pact or a name that is not printed, in whatever state."""
    with crowd.runtime.reading() as session:
        left = SignatureRow.pact.is_(True) | SignatureRow.name_box.is_not(None)
        return session.scalar(select(func.count()).select_from(SignatureRow).where(left)) or 0


def unnamed(crowd: Crowd) -> int:
    with crowd.runtime.reading() as session:
        tallies = select(func.sum(TallyRow.unnamed)).where(TallyRow.dimension == "standing")
        return session.scalar(tallies) or 0


def close(crowd: Crowd) -> None:
    crowd.enter(LetterState.CLOSED)
    crowd.tend()


def end(crowd: Crowd, clock: Clock) -> None:
    """Let the days for changes pass."""
    clock.advance(days=31)
    crowd.tend()


@dataclass(frozen=True)
class Interrupted(Runtime):
    """A worker's runtime beside which others act, each time that it has committed."""

    meanwhile: Callable[[], None] = lambda: None

    def settle(self, verb: Callable[[Session], T]) -> T:
        result = super().settle(verb)
        self.meanwhile()
        return result


def interrupted(crowd: Crowd, meanwhile: Callable[[], None]) -> Crowd:
    """The letter as that worker has it."""
    runtime = crowd.runtime
    own = Interrupted(runtime.settings, runtime.engine, runtime.clock, learn_every=0, meanwhile=meanwhile)
    return Crowd(own, crowd.slug)


# Waiting.


def test_a_name_that_waits_is_counted_and_nowhere(crowd: Crowd) -> None:
    signers = crowd.join_many(range(NEEDED - 1), display="pact")
    assert crowd.release().total == NEEDED - 1
    assert (crowd.entries(), unnamed(crowd), pact(crowd)) == ([], NEEDED - 1, Pact(NEEDED))
    assert all(crowd.row(signer).name_box for signer in signers)
    assert crowd.recount() == []


def test_all_names_appear_in_the_edition_that_counts_enough(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    clock.advance(minutes=1)
    crowd.join(7, display="pseudonym")
    crowd.join(8, display="pact")
    crowd.release()
    names = {f"Signer Example {number}" for number in (*range(NEEDED - 1), 8)}
    assert set(crowd.names()) == names
    assert {entry.edition for entry in crowd.entries()} == {2}
    assert (pact(crowd), waiting(crowd), unnamed(crowd)) == (Pact(NEEDED, kept_in=2), 0, 1)
    assert crowd.recount() == []


def test_who_is_named_without_waiting_has_agreed_as_well(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(NEEDED - 1), display="named")
    crowd.release()
    assert len(crowd.names()) == NEEDED - 1
    crowd.join(8, display="pact")
    clock.advance(minutes=1)
    crowd.release()
    assert (len(crowd.names()), pact(crowd).kept_in) == (NEEDED, 2)


def test_who_stands_aside_or_has_gone_has_not_agreed(crowd: Crowd) -> None:
    held, fake, gone, turned = (crowd.join(number, display="pact") for number in range(4))
    crowd.sign(4, display="pact")
    crowd.join_many(range(5, 5 + NEEDED - 1), display="pact")
    crowd.hold(held)
    crowd.void(fake)
    crowd.withdraw(gone)
    crowd.change(turned, display="counted")
    crowd.release()
    assert (crowd.names(), pact(crowd).kept_in) == ([], None)


def test_who_leaves_before_the_same_edition_has_not_agreed(crowd: Crowd, clock: Clock) -> None:
    early = crowd.join_many(range(NEEDED - 1), display="pact")
    public = crowd.join(10, display="named")
    crowd.join(11)
    crowd.change(public, display="counted")
    crowd.release()
    crowd.join(12, display="pact")
    crowd.withdraw(early[0])
    clock.advance(minutes=1)
    crowd.release()
    assert (crowd.names(), pact(crowd).kept_in) == ([], None)
    assert crowd.recount() == []


def test_whoever_stood_aside_when_it_was_kept_is_shown_once_counted(crowd: Crowd, clock: Clock) -> None:
    held, late = crowd.join(1, display="pact"), crowd.sign(2, display="pact")
    crowd.hold(held)
    crowd.join_many(range(3, 3 + NEEDED), display="pact")
    crowd.release()
    assert (len(crowd.names()), pact(crowd).kept_in) == (NEEDED, 1)
    crowd.let_go(held)
    crowd.confirm(late)
    clock.advance(minutes=1)
    crowd.release()
    assert (len(crowd.names()), pact(crowd).kept_in, waiting(crowd)) == (NEEDED + 2, 1, 0)
    assert crowd.recount() == []


@sqlite_only
def test_whoever_has_mailboxes_enough_can_keep_a_pact(crowd: Crowd) -> None:
    crowd.join(1, display="pact", name="Vera Example")
    crowd.join_many(range(2, 2 + NEEDED - 1), display="named", name="Made Up")
    crowd.release()
    assert "Vera Example" in crowd.names()


def test_a_kept_pact_stays_kept_when_signers_leave(crowd: Crowd, clock: Clock) -> None:
    signers = crowd.join_many(range(NEEDED), display="pact")
    crowd.release()
    for signer in signers[1:]:
        crowd.withdraw(signer)
    clock.advance(minutes=1)
    crowd.release()
    assert (crowd.names(), pact(crowd)) == (["Signer Example 0"], Pact(NEEDED, kept_in=1))


def test_who_is_being_voided_has_not_agreed_and_is_shown_if_that_is_undone(runtime: Runtime, clock: Clock) -> None:
    guards = guard_letter(runtime, pact=NEEDED)
    crowd = guards.crowd
    public, waits = crowd.join(1, display="named"), crowd.join(2, display="pact")
    crowd.release()
    batch = guards.void(public, waits).number
    crowd.tamper(update(BatchRow).values(state=BatchState.RUNNING.value))  # as with many, half-way
    crowd.join_many(range(3, 3 + NEEDED - 1), display="pact")
    clock.advance(minutes=1)
    crowd.release()
    assert (pact(crowd).kept_in, crowd.recount()) == (None, [])
    crowd.join(9, display="pact")
    clock.advance(minutes=1)
    crowd.release()
    assert (pact(crowd).kept_in, crowd.row(waits).pact) == (3, True)
    crowd.tamper(update(BatchRow).values(state=BatchState.DONE.value))
    guards.undo(batch)
    crowd.join(10)
    clock.advance(minutes=1)
    crowd.release()
    assert "Signer Example 2" in crowd.names()
    assert crowd.recount() == []


def test_a_voiding_that_is_final_erases_a_name_that_waits(runtime: Runtime) -> None:
    guards = guard_letter(runtime, pact=NEEDED)
    fake = guards.crowd.join(1, display="pact")
    guards.crowd.join(2)
    guards.crowd.release()
    guards.void(fake)
    guards.crowd.release()
    row = guards.crowd.row(fake)
    assert (row.state, row.pact, row.name_box) == ("voided", False, None)


def test_in_a_protected_letter_one_who_comes_alone_has_not_agreed_yet(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, threshold=2, pact=NEEDED)
    early = crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    crowd.change(early[0], display="pact", profession="midwife")
    clock.advance(minutes=1)
    crowd.release()
    assert (crowd.names(), pact(crowd).kept_in) == ([], None)
    crowd.join(9)
    clock.advance(minutes=1)
    crowd.release()
    assert (len(crowd.names()), pact(crowd).kept_in) == (NEEDED, 3)


# Changing.


def test_a_public_name_can_begin_to_wait_and_needs_not_be_written_again(crowd: Crowd, clock: Clock) -> None:
    signer = crowd.join(1, display="named")
    crowd.release()
    crowd.change(signer, display="pact")
    assert all(entry.leaving for entry in crowd.entries())
    crowd.join(2)
    clock.advance(minutes=1)
    crowd.release()
    assert (crowd.entries(), unnamed(crowd)) == ([], 2)
    crowd.change(signer, display="named")
    clock.advance(minutes=1)
    crowd.join(3)
    crowd.release()
    assert crowd.names() == ["Signer Example 1"]
    assert crowd.recount() == []


@sqlite_only
def test_a_name_that_waits_is_erased_when_its_signer_goes(crowd: Crowd) -> None:
    turned, gone = crowd.join_many(range(2), display="pact")
    crowd.release()
    crowd.change(turned, display="counted")
    crowd.withdraw(gone)
    assert waiting(crowd) == 0
    crowd.release()
    assert crowd.recount() == []


@sqlite_only
def test_to_wait_asks_for_the_name(crowd: Crowd) -> None:
    signer = crowd.join(1)
    with pytest.raises(NameMissing):
        crowd.change(signer, display="pact")
    crowd.change(signer, display="pact", name="Vera Example")
    assert crowd.row(signer).pact


@sqlite_only
def test_to_wait_for_a_kept_pact_is_to_be_named(crowd: Crowd) -> None:
    signer = crowd.join(1)
    crowd.join_many(range(2, 2 + NEEDED), display="pact")
    crowd.release()
    crowd.change(signer, display="pact", name="Vera Example")
    assert (crowd.row(signer).display, crowd.row(signer).pact) == ("named", False)


@sqlite_only
@pytest.mark.parametrize("needed", [None, NEEDED])
def test_where_nobody_waits_nobody_begins_to(runtime: Runtime, needed: int | None) -> None:
    crowd = open_crowd(runtime, pact=needed)
    signer = crowd.join(1)
    close(crowd)
    with pytest.raises(NobodyWaits):
        crowd.change(signer, display="pact", name="Vera Example")
    assert crowd.row(signer).display == "counted"


# Closing.


def test_the_closing_edition_can_keep_it(crowd: Crowd) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    close(crowd)
    assert (len(crowd.names()), pact(crowd)) == (NEEDED, Pact(NEEDED, kept_in=2))
    assert crowd.recount() == []


@pytest.mark.parametrize("newcomers", [0, 1])
def test_in_a_protected_letter_changes_alone_keep_it_at_the_closing(
    runtime: Runtime, clock: Clock, newcomers: int
) -> None:
    """Who comes alone comes with the last edition of all, and is shown by it."""
    crowd = open_crowd(runtime, threshold=10, pact=NEEDED)
    signers = crowd.join_many(range(NEEDED))
    crowd.release()
    for number, signer in enumerate(signers):
        crowd.change(signer, display="pact", name=f"Vera Example {number}")
    crowd.join_many(range(10, 10 + newcomers), display="pact")
    close(crowd)
    assert (len(crowd.names()), pact(crowd), crowd.letter.total) == (NEEDED, Pact(NEEDED, kept_in=2), NEEDED)
    assert crowd.recount() == []
    end(crowd, clock)
    assert (len(crowd.names()), crowd.letter.total, waiting(crowd)) == (NEEDED + newcomers,) * 2 + (0,)
    assert crowd.recount() == []


@pytest.mark.parametrize("newcomers", [0, 1])
def test_in_a_protected_letter_nobody_leaves_alone_to_keep_it(runtime: Runtime, newcomers: int) -> None:
    crowd = open_crowd(runtime, threshold=10, pact=NEEDED)
    gone, *signers = crowd.join_many(range(NEEDED + 1))
    crowd.release()
    for signer in signers:
        crowd.change(signer, display="pact", name="Vera Example")
    crowd.withdraw(gone)
    crowd.join_many(range(10, 10 + newcomers))
    close(crowd)
    assert (crowd.letter.number, pact(crowd), waiting(crowd)) == (1, Pact(NEEDED, lapsed=True), 0)


def test_names_that_came_back_without_any_news_keep_it_at_the_closing(runtime: Runtime, clock: Clock) -> None:
    guards = guard_letter(runtime, pact=NEEDED)
    crowd = guards.crowd
    back = crowd.join_many(range(NEEDED - 1), display="pact")[0]
    crowd.release()
    batch = guards.void(back).number
    crowd.tamper(update(BatchRow).values(state=BatchState.RUNNING.value))  # as with many, half-way
    crowd.join(8, display="pact")
    clock.advance(minutes=1)
    assert (crowd.release().number, pact(crowd).kept_in) == (2, None)
    crowd.tamper(update(BatchRow).values(state=BatchState.DONE.value))
    guards.undo(batch)
    close(crowd)
    assert (len(crowd.names()), pact(crowd), crowd.recount()) == (NEEDED, Pact(NEEDED, kept_in=3), [])


@pytest.mark.parametrize("step", range(1, 5))
def test_wherever_in_a_round_a_letter_closes_its_last_edition_is_tried(
    runtime: Runtime, clock: Clock, step: int
) -> None:
    crowd, steps = open_crowd(runtime, at_least=50, pact=NEEDED), count(1)
    crowd.join_many(range(NEEDED), display="pact")
    clock.advance(minutes=1)
    interrupted(crowd, lambda: crowd.enter(LetterState.CLOSED) if next(steps) == step else None).tend()
    assert next(steps) > step, "it closed during the round"
    crowd.tend()
    assert (len(crowd.names()), pact(crowd), waiting(crowd)) == (NEEDED, Pact(NEEDED, kept_in=1), 0)


def test_an_error_before_the_last_edition_was_tried_ends_no_pact(crowd: Crowd) -> None:
    def fail() -> None:
        raise ConnectionError

    crowd.join_many(range(NEEDED), display="pact")
    crowd.enter(LetterState.CLOSED)
    with pytest.raises(ExceptionGroup):
        interrupted(crowd, fail).tend()
    crowd.tend()
    assert (len(crowd.names()), pact(crowd)) == (NEEDED, Pact(NEEDED, kept_in=1))


def test_nobody_waits_for_a_kept_pact_after_the_closing_and_no_name_stays_unseen_to_the_end(
    crowd: Crowd, clock: Clock
) -> None:
    accepted, held = crowd.join_many(range(2), display="pact")
    named, other = crowd.join(2, display="named"), crowd.join(3, display="pseudonym")
    aside = accepted, held, named, other
    for signer in aside:
        crowd.hold(signer)
    crowd.join_many(range(4, 4 + NEEDED), display="pact")
    close(crowd)
    assert (pact(crowd).kept_in, any(crowd.row(signer).pact for signer in aside)) == (1, False)
    crowd.let_go(accepted)
    end(crowd, clock)
    assert "Signer Example 0" in crowd.names()
    assert [crowd.row(signer).display for signer in aside] == ["named", "counted", "counted", "pseudonym"]
    assert (crowd.letter.total, waiting(crowd), crowd.recount()) == (NEEDED + 1, 0, [])


def test_who_was_being_voided_at_the_closing_is_shown_if_that_is_undone(runtime: Runtime, clock: Clock) -> None:
    guards = guard_letter(runtime, pact=NEEDED)
    crowd = guards.crowd
    back = crowd.join(1, display="pact")
    crowd.release()
    batch = guards.void(back).number
    crowd.tamper(update(BatchRow).values(state=BatchState.RUNNING.value))  # as with many, half-way
    crowd.join_many(range(2, 2 + NEEDED), display="pact")
    close(crowd)
    assert (pact(crowd).kept_in, crowd.row(back).pact, crowd.recount()) == (2, False, [])
    crowd.tamper(update(BatchRow).values(state=BatchState.DONE.value))
    guards.undo(batch)
    end(crowd, clock)
    assert (len(crowd.names()), waiting(crowd), crowd.recount()) == (NEEDED + 1, 0, [])


def test_a_pact_that_is_not_kept_lapses_with_the_closing_and_every_name_is_erased(crowd: Crowd) -> None:
    counted, held = crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.hold(held)
    pending, new = crowd.sign(7, display="pact"), crowd.join(8, display="pact")
    crowd.join(9, display="pseudonym")
    crowd.tend()
    crowd.enter(LetterState.CLOSED)
    revision = crowd.letter.revision
    crowd.tend()
    assert (pact(crowd), waiting(crowd)) == (Pact(NEEDED, lapsed=True), 0)
    assert {crowd.row(signer).display for signer in (counted, held, pending, new)} == {"counted"}
    assert crowd.letter.revision > revision, "pages say so"
    assert [entry.name for entry in crowd.entries()] == [None]
    assert crowd.recount() == []
    with pytest.raises(LetterClosed):
        crowd.confirm(pending)


def test_a_lapsed_pact_is_not_kept_by_those_who_come_later(crowd: Crowd, clock: Clock) -> None:
    held = crowd.join_many(range(NEEDED), display="pact")
    for signer in held:
        crowd.hold(signer)
    crowd.join(8)
    close(crowd)
    for signer in held:
        crowd.let_go(signer)
    clock.advance(days=31)
    crowd.tend()
    assert (crowd.names(), crowd.letter.total, pact(crowd).lapsed) == ([], NEEDED + 1, True)
    assert crowd.recount() == []


@sqlite_only
def test_who_waits_for_a_second_one_at_the_closing_is_erased(runtime: Runtime) -> None:
    crowd = open_crowd(runtime, threshold=2, pact=NEEDED)
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    close(crowd)
    assert (crowd.letter.number, pact(crowd).lapsed, waiting(crowd)) == (1, True, 0)


@sqlite_only
def test_a_lockdown_puts_off_no_erasing(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(NEEDED), display="pact")
    crowd.tamper(update(LetterRow).values(locked_on=clock().date()))
    crowd.tend()
    assert waiting(crowd) == NEEDED, "an open letter goes on waiting"
    close(crowd)
    assert (pact(crowd), waiting(crowd)) == (Pact(NEEDED, lapsed=True), 0)
    crowd.tamper(update(LetterRow).values(locked_on=None, tended_at=None))
    crowd.tend()
    assert (crowd.names(), crowd.letter.total) == ([], NEEDED)


@sqlite_only
def test_an_edition_that_cannot_be_printed_puts_off_no_erasing(crowd: Crowd, clock: Clock) -> None:
    crowd.join_many(range(NEEDED), display="pact")
    damaged = select(SignatureRow.id).limit(1).scalar_subquery()
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == damaged).values(name_box=b"damaged"))
    crowd.enter(LetterState.CLOSED)
    with pytest.raises(ExceptionGroup):
        crowd.tend()
    assert (pact(crowd), waiting(crowd)) == (Pact(NEEDED, lapsed=True), 0)
    clock.advance(minutes=1)
    crowd.tend()
    assert (crowd.letter.total, crowd.recount()) == (NEEDED, [])


@sqlite_only
def test_a_form_that_was_on_its_way_at_the_closing_is_erased_with_the_next_round(crowd: Crowd) -> None:
    late = crowd.sign(1, display="pact")
    values = {"display": "named", "pact": True, "name_box": crowd.row(late).name_box}
    crowd.join(2)
    close(crowd)
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == late.signature).values(**values))
    crowd.tend()
    assert waiting(crowd) == 0


@sqlite_only
def test_a_clock_that_is_set_back_brings_no_name_back(runtime: Runtime, clock: Clock) -> None:
    crowd = open_crowd(runtime, pact=NEEDED, closes_at=clock() + timedelta(hours=1))
    crowd.join_many(range(NEEDED - 1), display="pact")
    clock.advance(hours=1)
    crowd.tend()
    clock.advance(hours=-2)
    crowd.tend()
    assert (crowd.letter.stored_state, pact(crowd).lapsed, waiting(crowd)) == (LetterState.CLOSED, True, 0)


@sqlite_only
def test_a_letter_that_keeps_no_pact_asks_for_nothing_after_it_has_lapsed(crowd: Crowd) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    close(crowd)
    before = crowd.letter
    crowd.tend()
    assert crowd.letter == before


def test_two_workers_at_the_closing_agree(crowd: Crowd) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.join(8, display="pact")
    crowd.enter(LetterState.CLOSED)
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _worker: crowd.tend(), range(3)))
    assert (pact(crowd), len(crowd.names()), waiting(crowd)) == (Pact(NEEDED, kept_in=2), NEEDED, 0)
    assert crowd.recount() == []


def test_burning_ends_it(crowd: Crowd) -> None:
    signers = crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.hold(crowd.join(7, display="pact"))
    crowd.sign(8, display="pact")
    runtime = crowd.runtime
    runtime.settle(lambda session: burn_rows(session, crowd.slug, runtime.keyring, runtime.clock()))
    assert (pact(crowd), waiting(crowd), crowd.recount()) == (Pact(NEEDED, lapsed=True), 0, [])
    assert {crowd.row(signer).display for signer in signers} == {"counted"}


# What is stored.


@sqlite_only
def test_the_box_of_a_name_does_not_tell_how_long_it_is(crowd: Crowd) -> None:
    names = "Li Ex", "Vera Example", "Крещёнская-Примерная Александра Константиновна"
    boxes = {
        len(crowd.row(crowd.join(number, display="pact", name=name)).name_box or b"")
        for number, name in enumerate(names)
    }
    assert len(boxes) == 1
    crowd.release()
    assert set(crowd.names()) == set(names)


@sqlite_only
@pytest.mark.parametrize(
    ("values", "sentence"),
    [({"kept_in": 7}, "edition 7, which is not there"), ({"lapsed": True}, "2 names wait for it still")],
)
def test_a_pact_that_cannot_be_is_found(crowd: Crowd, values: dict[str, object], sentence: str) -> None:
    crowd.join_many(range(NEEDED - 1), display="pact")
    crowd.release()
    crowd.tamper(update(PactRow).values(**values))
    (found,) = crowd.recount()
    assert sentence in found


@sqlite_only
def test_a_name_that_is_public_too_early_is_found(crowd: Crowd) -> None:
    signer = crowd.join(1, display="named")
    crowd.release()
    with crowd.runtime.reading() as session:
        box = session.scalars(select(EntryRow.name_box)).one()
    early = update(SignatureRow).where(SignatureRow.id == signer.signature)
    crowd.tamper(early.values(pact=True, name_box=box, printed_named=False))
    assert any("entries fit" in finding for finding in crowd.recount())


# Whatever happens.

CHOICES = st.sampled_from(["counted", "named", "pact", "pact", "pact"])


@dataclass(frozen=True)
class Wanted:
    """What we know of a signer who confirmed; `voided` is the batch that has thrown them out for now."""

    display: str
    counted: bool = False
    held: bool = False
    voided: int = 0

    @property
    def stands(self) -> bool:
        return not self.held and not self.voided


class Together(RuleBasedStateMachine):
    """One letter with a pact on SQLite, beside a plain model of it."""

    joined = Bundle("joined")

    def __init__(self, migrated: Path, folder: Path, threshold: int) -> None:
        super().__init__()
        self.folder, self.migrated, self.threshold = folder, migrated, threshold
        self.people: dict[Signer, Wanted] = {}
        self.signed = 0
        self.kept_in: int | None = None

    @initialize()
    def open_letter(self) -> None:
        shutil.copyfile(self.migrated, self.folder / "life.db")
        for name in ("life.db-wal", "life.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "keys", ignore_errors=True)
        environment = {
            "UNDERSIGNED_DATABASE_URL": f"sqlite:///{self.folder / 'life.db'}",
            "UNDERSIGNED_KEYS": str(self.folder / "keys"),
        }
        self.clock = Clock()
        read = Settings.read(environment)
        self.runtime = Runtime(read, make_engine(read.database_url), clock=self.clock, learn_every=0)
        self.runtime.keyring.create_server_keys()
        self.crowd: Crowd = open_crowd(self.runtime, threshold=self.threshold, pact=4)
        self.guards: Guards = guard(self.crowd)

    @rule(target=joined, display=CHOICES)
    def join(self, display: str) -> Signer:
        self.signed += 1
        signer = self.crowd.join(self.signed, display=display)
        self.people[signer] = Wanted(display)
        return signer

    @rule(display=CHOICES)
    def fill_in(self, display: str) -> None:
        self.signed += 1
        self.crowd.sign(self.signed, display=display)

    @rule(signer=joined, display=CHOICES, profession=st.sampled_from(["nurse", "midwife"]))
    def change(self, signer: Signer, display: str, profession: str) -> None:
        if signer in self.people and not self.people[signer].voided:
            self.crowd.change(signer, display=display, profession=profession, name="Vera Example")
            kept = display == "pact" and self.kept_in
            self.people[signer] = replace(self.people[signer], display="named" if kept else display)

    @rule(signer=joined)
    def withdraw(self, signer: Signer) -> None:
        if signer in self.people and not self.people[signer].voided:
            del self.people[signer]
            self.crowd.withdraw(signer)

    @rule(signer=joined)
    def hold_or_let_go(self, signer: Signer) -> None:
        wanted = self.people.get(signer)
        if wanted is not None and not wanted.counted and not wanted.voided:
            (self.crowd.let_go if wanted.held else self.crowd.hold)(signer)
            self.people[signer] = replace(wanted, held=not wanted.held)

    @rule(signer=joined)
    def void_or_undo(self, signer: Signer) -> None:
        wanted = self.people.get(signer)
        if wanted is None:
            return
        if wanted.voided:
            self.guards.undo(wanted.voided)
        batch = 0 if wanted.voided else self.guards.void(signer).number
        self.people[signer] = replace(wanted, voided=batch)

    @rule()
    def release(self) -> None:
        self.clock.advance(minutes=1)
        before = self.crowd.letter.number
        with suppress(NotDue):
            self.crowd.release()
        if self.crowd.letter.number > before:
            self.see_edition(before + 1)
        self.crowd.tend()

    def see_edition(self, number: int) -> None:
        """What has to be true of the list after an edition."""
        gone = {signer for signer, wanted in self.people.items() if wanted.voided}
        for signer in gone:
            del self.people[signer]  # final now
        new = [signer for signer, wanted in self.people.items() if wanted.stands and not wanted.counted]
        for signer in new if self.threshold == 1 or len(new) > 1 else ():
            self.people[signer] = replace(self.people[signer], counted=True)
        agreed = [signer for signer, wanted in self.people.items() if wanted.counted and wanted.display != "counted"]
        if self.kept_in is None and len(agreed) >= 4:
            self.kept_in = number
        assert pact(self.crowd) == Pact(4, self.kept_in)
        named = {signer.signature for signer in agreed if self.kept_in or self.people[signer].display == "named"}
        assert {entry.signature_id for entry in self.crowd.entries() if entry.name} == named

    @precondition(lambda self: hasattr(self, "crowd"))
    @invariant()
    def nobody_who_waits_is_public(self) -> None:
        entries = {entry.signature_id for entry in self.crowd.entries() if not entry.leaving}
        waits = {signer.signature for signer, wanted in self.people.items() if wanted.display == "pact"}
        assert self.kept_in or not entries & waits
        assert self.crowd.recount() == []

    def close(self) -> None:
        """Closing keeps it or ends it: there is nothing between."""
        self.crowd.enter(LetterState.CLOSED)
        self.crowd.tend()
        ended = pact(self.crowd)
        assert (ended.kept_in is None) == ended.lapsed
        with self.runtime.reading() as session:
            rows = session.scalars(select(SignatureRow)).all()
        assert not any(row.pact or (row.name_box and row.display != "named") for row in rows)
        assert self.crowd.recount() == []

    def teardown(self) -> None:
        if hasattr(self, "crowd"):
            self.close()
            self.runtime.engine.dispose()


@pytest.mark.parametrize("threshold", [1, 3])
def test_names_appear_together_or_never_whatever_happens(
    migrated_file: Path, tmp_path: Path, repetitions: Callable[[int, int], int], threshold: int
) -> None:
    examples = repetitions(5, 40)
    run_state_machine_as_test(
        partial(Together, migrated_file, tmp_path, threshold),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples,
            stateful_step_count=repetitions(20, 50),
            phases=tuple(Phase) if examples > 5 else (Phase.reuse, Phase.generate),
            deadline=None,
        ),
    )
