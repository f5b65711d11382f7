"""Voiding by rule: alone or with a second organiser, with a count and a reason, undone until an edition."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.models.batches import BatchState, Reason
from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import Display, SignatureState, Suspicion
from letters.organising.burning import burn_rows
from letters.organising.defending.batches import (
    MASS,
    MOST_NAMED,
    AlreadyDecided,
    NobodyApproves,
    NoSuchBatch,
    NotUndoable,
    OwnProposal,
    TooManyNamed,
)
from letters.organising.defending.deciding import NothingFits, vouch
from letters.organising.defending.filters import Filter
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from letters.signing.managing import SignatureFinal
from tests.letters.organising.defending.guards import EDITOR, OWNER, REVIEWER, Guards, guard_letter
from tests.letters.publishing.crowd import Signer
from tests.parts.clock import Clock

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])
HELD = Filter(state=SignatureState.HELD)


@pytest.fixture
def guards(runtime: Runtime) -> Guards:
    return guard_letter(runtime)


def burst(guards: Guards, count: int = MASS + 1) -> list[Signer]:
    """A burst of held fakes."""
    fakes = guards.crowd.join_many(range(100, 100 + count), display="pseudonym")
    for fake in fakes:
        guards.crowd.hold(fake)
    return fakes


def locked(guards: Guards) -> None:
    guards.crowd.tamper(update(LetterRow).values(locked_on=guards.runtime.clock().date()))


# Alone.


def test_a_few_are_voided_at_once_and_leave_with_the_next_edition(guards: Guards) -> None:
    crowd = guards.crowd
    counted, waiting, held, stays = (crowd.join(number, display="named") for number in range(4))
    crowd.hold(held)
    crowd.hold(waiting)
    crowd.release()
    crowd.let_go(waiting)
    batch = guards.void(counted, waiting, held)
    assert (batch.state, batch.count, batch.done) == (BatchState.DONE, 3, 3)
    assert guards.states(counted, waiting, held, stays) == ["voided"] * 3 + ["confirmed"]
    edition = crowd.release()
    assert (edition.signatures, edition.voided, edition.total) == (2, 1, 1)
    assert crowd.names() == ["Signer Example 3"]
    assert guards.decisions() == [("voided", "invented", 3)]
    assert guards.batch(batch.number).state is BatchState.FINAL
    assert crowd.recount() == []


def test_final_means_that_nothing_public_is_left(guards: Guards) -> None:
    crowd = guards.crowd
    counted = crowd.join(1, display="pseudonym")
    crowd.release()
    waiting = crowd.join(2, display="named")
    for signer in (counted, waiting):
        guards.subscribe(signer)
    guards.void(counted, waiting)
    assert len(guards.subscribed()) == 2
    crowd.release()
    for signer in (counted, waiting):
        row = crowd.row(signer)
        assert (row.state, row.display, row.name_box, row.pseudonym, row.held_for, row.batch, row.listed) == (
            ("voided", "counted", None, None, None, None, False)
        )
    assert (guards.subscribed(), crowd.entries()) == (set(), [])
    assert (crowd.row(counted).removed_in, crowd.row(waiting).removed_in) == (2, None)


def test_what_leaves_before_release_never_enters_a_figure(guards: Guards) -> None:
    crowd = guards.crowd
    fake = crowd.join(1, display="named")
    guards.void(fake)
    with pytest.raises(NotDue):
        crowd.release()
    crowd.join(2)
    edition = crowd.release()
    assert (edition.signatures, edition.voided, edition.total) == (1, 0, 1)
    assert guards.decisions() == [("voided", "invented", 1)]


def test_voiding_alone_brings_an_edition_when_it_moves_the_total(guards: Guards, clock: Clock) -> None:
    crowd = guards.crowd
    signers = crowd.join_many(range(3))
    crowd.release()
    guards.void(signers[0])
    crowd.tend()
    assert crowd.letter.number == 1
    clock.advance(minutes=2)
    crowd.tend()
    assert (crowd.letter.number, crowd.letter.total) == (2, 2)


def test_an_undone_voiding_leaves_everything_exactly_as_it_was(guards: Guards) -> None:
    crowd = guards.crowd
    signers = [
        crowd.join(1, display="named"),
        crowd.join(2, display="pseudonym"),
        crowd.join(3, display="named"),
        crowd.join(4),
    ]
    for signer in signers:
        guards.subscribe(signer)
    crowd.hold(signers[3])
    crowd.release()
    crowd.change(signers[2], display="pseudonym")
    signers += [crowd.join(5, display="named"), crowd.join(6, display="pseudonym")]
    crowd.hold(signers[5])
    before = [guards.facts(signer) for signer in signers], crowd.entries(), guards.subscribed()
    batch = guards.void(*signers)
    assert batch.done == 6
    undone = guards.undo(batch.number)
    assert (undone.state, undone.done) == (BatchState.UNDONE, 0)
    assert ([guards.facts(signer) for signer in signers], crowd.entries(), guards.subscribed()) == before
    assert crowd.release().total == 4
    assert (guards.decisions(), crowd.recount()) == ([], [])


def test_the_signer_of_a_voided_signature_changes_nothing_until_it_is_undone(guards: Guards) -> None:
    crowd = guards.crowd
    signer = crowd.join(1, display="named")
    crowd.release()
    batch = guards.void(signer)
    with pytest.raises(SignatureFinal):
        crowd.withdraw(signer)
    with pytest.raises(SignatureFinal):
        crowd.change(signer)
    with pytest.raises(NothingFits):
        guards.do(vouch, [signer.signature])
    guards.undo(batch.number)
    crowd.withdraw(signer)
    edition = crowd.release()
    assert (edition.withdrawn, edition.voided, edition.total) == (1, 0, 0)
    assert crowd.recount() == []


def test_a_voided_address_cannot_sign_again(guards: Guards) -> None:
    crowd = guards.crowd
    guards.void(crowd.join(1))
    again = crowd.sign(1)
    for number in (2, 3):
        with pytest.raises(AssertionError):
            crowd.confirm(again)
        crowd.join(number)
        crowd.release()
    assert crowd.letter.total == 2


def test_what_is_final_is_not_undone(guards: Guards) -> None:
    crowd = guards.crowd
    batch = guards.void(crowd.join(1))
    crowd.join(2)
    crowd.release()
    with pytest.raises(NotUndoable):
        guards.undo(batch.number)


def test_what_has_withdrawn_or_waits_for_its_mail_is_not_voided(guards: Guards) -> None:
    crowd = guards.crowd
    gone, pending = crowd.join(1), crowd.sign(2)
    crowd.release()
    crowd.withdraw(gone)
    with pytest.raises(NothingFits):
        guards.void(gone, pending)
    assert guards.batches() == []


@sqlite_only
def test_readers_see_why_once_it_is_final(guards: Guards, client: FlaskClient) -> None:
    crowd, page = guards.crowd, f"/en/letters/{guards.crowd.slug}/count"
    signers = crowd.join_many(range(3))
    crowd.release()
    guards.void(*signers[:2], reason=Reason.DUPLICATE)
    assert "voided:" not in client.get(page).text
    crowd.release()
    assert "2 signatures voided: <bdi>The same person more than once</bdi>" in client.get(page).text


# Together.


def test_many_wait_for_a_second_organiser_and_are_voided_by_the_worker(guards: Guards) -> None:
    fakes = burst(guards)
    batch = guards.propose(Filter(held_for=Suspicion.BURST), by=REVIEWER, reason=Reason.BURST)
    assert (batch.state, batch.count, batch.done, batch.what) == ("proposed", 21, 0, Filter(held_for=Suspicion.BURST))
    guards.work()
    assert set(guards.states(*fakes)) == {"held"}
    assert guards.approve(batch.number).state is BatchState.RUNNING
    guards.work()
    assert set(guards.states(*fakes)) == {"voided"}
    done = guards.batch(batch.number)
    assert (done.state, done.done, done.account_id, done.approved_by) == (BatchState.DONE, 21, REVIEWER, EDITOR)
    assert guards.trail() == [
        ("void-proposed", 21, "burst", REVIEWER),
        ("void-approved", 21, "burst", EDITOR),
        ("voided", 21, "burst", REVIEWER),
    ]


def test_no_more_are_voided_than_the_second_organiser_saw(guards: Guards) -> None:
    """Whoever proposed it holds genuine ones once it is looked at, and even after it is approved."""
    burst(guards)
    genuine = guards.crowd.join_many(range(5))
    batch = guards.propose(HELD, by=REVIEWER)
    for signer in genuine[:3]:
        guards.crowd.hold(signer)
    guards.approve(batch.number, seen=MASS + 1)
    for signer in genuine[3:]:
        guards.crowd.hold(signer)
    guards.work()
    done = guards.batch(batch.number)
    assert (done.state, done.count, done.done) == (BatchState.DONE, MASS + 1, MASS + 1)


def test_what_has_come_and_was_seen_is_voided_too(guards: Guards) -> None:
    burst(guards)
    batch = guards.propose(HELD)
    guards.crowd.hold(guards.crowd.join(1))
    assert guards.approve(batch.number, seen=MASS + 2).count == MASS + 2
    guards.work()
    assert guards.batch(batch.number).done == MASS + 2


def test_many_that_are_named_one_by_one_are_voided_too(guards: Guards) -> None:
    fakes = burst(guards)
    batch = guards.void(*fakes)
    assert batch.what == sorted(fake.signature for fake in fakes)
    guards.approve(batch.number)
    guards.work()
    assert set(guards.states(*fakes)) == {"voided"}


def test_nobody_approves_their_own_proposal(guards: Guards) -> None:
    burst(guards)
    batch = guards.propose(HELD)
    with pytest.raises(OwnProposal):
        guards.approve(batch.number, by=OWNER)
    assert guards.batch(batch.number).state is BatchState.PROPOSED


def test_where_nobody_else_could_approve_many_are_not_voided(runtime: Runtime) -> None:
    guards = guard_letter(runtime, OWNER, REVIEWER)
    fakes = burst(guards)
    with pytest.raises(NobodyApproves):
        guards.propose(HELD)
    assert guards.propose(HELD, by=REVIEWER).state is BatchState.PROPOSED
    assert guards.void(*fakes[:MASS]).state is BatchState.DONE


def test_many_in_small_portions_are_many(guards: Guards) -> None:
    fakes = burst(guards)
    first = guards.void(*fakes[:MASS])
    assert guards.void(fakes[MASS]).state is BatchState.PROPOSED
    assert guards.void(fakes[MASS], by=EDITOR).state is BatchState.DONE
    guards.undo(first.number)
    assert guards.void(*fakes[:MASS]).state is BatchState.DONE


def test_many_from_edition_to_edition_are_many_until_the_next_day(guards: Guards, clock: Clock) -> None:
    """Where an edition comes every minute, one organiser would otherwise void a letter away within hours, for good."""
    fakes = burst(guards, MASS + 2)
    guards.crowd.join(1)
    guards.void(*fakes[:MASS])
    guards.crowd.release()
    assert guards.batch(1).state is BatchState.FINAL
    clock.advance(minutes=2)
    assert guards.void(fakes[MASS]).state is BatchState.PROPOSED
    assert guards.void(fakes[MASS], by=EDITOR).state is BatchState.DONE
    clock.advance(hours=25)
    assert guards.void(fakes[MASS + 1]).state is BatchState.DONE


def test_a_dropped_proposal_is_neither_approved_nor_undone(guards: Guards) -> None:
    fakes = burst(guards)
    batch = guards.propose(HELD)
    assert guards.drop(batch.number, by=EDITOR).state is BatchState.DROPPED
    for act, refusal in ((guards.approve, AlreadyDecided), (guards.drop, AlreadyDecided), (guards.undo, NotUndoable)):
        with pytest.raises(refusal):
            act(batch.number)
    guards.work()
    assert set(guards.states(*fakes)) == {"held"}
    assert [act for act, *_ in guards.trail()] == ["void-proposed", "void-dropped"]


def test_an_approved_batch_is_not_approved_again(guards: Guards) -> None:
    burst(guards)
    batch = guards.propose(HELD)
    guards.approve(batch.number)
    with pytest.raises(AlreadyDecided):
        guards.approve(batch.number)


@sqlite_only
def test_a_batch_that_is_not_there_is_said_to_be(guards: Guards) -> None:
    for act in (guards.approve, guards.drop, guards.undo, guards.batch):
        with pytest.raises(NoSuchBatch):
            act(7)


@sqlite_only
def test_not_too_many_are_named_one_by_one(guards: Guards) -> None:
    with pytest.raises(TooManyNamed):
        guards.propose([number.to_bytes(16) for number in range(MOST_NAMED + 1)])


@sqlite_only
def test_whoever_is_named_twice_counts_once(guards: Guards) -> None:
    signer = guards.crowd.join(1)
    assert guards.propose([signer.signature] * 600).count == 1


@sqlite_only
def test_batches_are_listed_the_latest_first(guards: Guards) -> None:
    for number in range(3):
        guards.void(guards.crowd.join(number), reason=Reason.REQUEST)
    assert [batch.number for batch in guards.batches()] == [3, 2, 1]


# Around the end of a letter, and under lockdown.


def test_under_lockdown_fakes_are_voided_and_nothing_becomes_final(guards: Guards) -> None:
    crowd = guards.crowd
    signer = crowd.join(1, display="named")
    crowd.release()
    locked(guards)
    batch = guards.void(signer)
    with pytest.raises(NotDue):
        crowd.release()
    guards.undo(batch.number)
    assert (guards.states(signer), crowd.recount()) == (["confirmed"], [])


def test_the_last_edition_makes_final_what_is_done(guards: Guards, clock: Clock) -> None:
    crowd = guards.crowd
    fake, held, _stays = crowd.join_many(range(3))
    crowd.release()
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    clock.advance(days=31)
    batch = guards.void(fake)
    crowd.tend()
    assert (crowd.letter.total, guards.batch(batch.number).state) == (2, BatchState.FINAL)
    assert guards.decisions() == [("voided", "invented", 1)]
    with pytest.raises(NothingFits):
        guards.void(held)
    assert crowd.recount() == []


def test_a_letter_that_nobody_signed_ends_with_its_batches_final(guards: Guards, clock: Clock) -> None:
    crowd = guards.crowd
    batch = guards.void(crowd.join(1))
    crowd.enter(LetterState.CLOSED)
    for days in (0, 31):
        clock.advance(days=days)
        crowd.tend()
    assert guards.batch(batch.number).state is BatchState.FINAL
    assert guards.decisions() == [("voided", "invented", 1)]


def test_after_the_last_edition_what_is_held_is_voided_for_good(guards: Guards, clock: Clock) -> None:
    crowd = guards.crowd
    crowd.join(1)
    held = crowd.join(2, display="named")
    crowd.hold(held)
    crowd.enter(LetterState.CLOSED)
    for days in (0, 31):
        clock.advance(days=days)
        crowd.tend()
    batch = guards.propose(Filter())
    assert (batch.state, batch.count) == (BatchState.FINAL, 1)
    assert (crowd.row(held).name_box, guards.decisions()) == (None, [("voided", "invented", 1)])
    assert crowd.recount() == []


def test_the_last_edition_waits_for_a_batch_that_is_half_done(guards: Guards, clock: Clock) -> None:
    crowd = guards.crowd
    crowd.join_many(range(MASS + 2))
    crowd.release()
    batch = guards.propose(Filter())
    crowd.enter(LetterState.CLOSED)
    crowd.tend()
    clock.advance(days=31)
    guards.approve(batch.number)
    crowd.tend()
    assert not guards.read(lambda session: session.scalars(select(LetterRow.completed)).one())
    guards.work()
    clock.advance(minutes=2)
    crowd.tend()
    assert guards.read(lambda session: session.scalars(select(LetterRow.completed)).one())
    assert (crowd.letter.total, guards.batch(batch.number).state) == (0, BatchState.FINAL)
    assert crowd.recount() == []


@pytest.mark.parametrize("act", ["propose", "approve", "void"])
def test_a_burned_letter_keeps_true_figures_and_no_batch(guards: Guards, act: str) -> None:
    crowd = guards.crowd
    signers = crowd.join_many(range(MASS + 2), display="named")
    crowd.release()
    batch = guards.void(*signers[:5]) if act == "void" else guards.propose(Filter(display=Display.NAMED))
    if act == "approve":
        guards.approve(batch.number)

    def verb(session: Session) -> None:
        burn_rows(session, crowd.slug, guards.runtime.keyring, guards.runtime.clock())

    guards.runtime.settle(verb)
    crowd.tend()
    guards.work()
    crowd.tend()
    assert guards.batches() == []
    assert crowd.letter.total == len(signers) - 5 * (act == "void")
    assert crowd.recount() == []
    with pytest.raises(NothingFits):
        guards.propose(Filter())
