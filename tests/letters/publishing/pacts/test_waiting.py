"""Names that wait are counted and nowhere, until an edition counts enough of them; signers change their minds."""

import pytest
from sqlalchemy import update

from letters.models.batches import BatchRow, BatchState
from letters.models.values import Pact
from letters.runtime import Runtime
from letters.signing.managing import NameMissing, NobodyWaits
from tests.letters.organising.defending.guards import guard_letter
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.publishing.pacts.letters import NEEDED, close, pact, unnamed, waiting
from tests.parts.clock import Clock

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


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
