"""Holding, accepting and vouching, one signature or many."""

import pytest
from sqlalchemy import update

from letters.models.letters import LetterState
from letters.models.signatures import SignatureRow, SignatureState, Suspicion
from letters.organising.defending.deciding import NothingFits, TooLate, accept, hold, unvouch, vouch
from letters.organising.defending.filters import Filter
from letters.runtime import Runtime
from tests.letters.organising.defending.guards import OWNER, Guards, guard_letter
from tests.letters.publishing.crowd import Signer
from tests.parts.clock import Clock


@pytest.fixture
def guards(runtime: Runtime) -> Guards:
    return guard_letter(runtime)


def ids(*signers: Signer) -> list[bytes]:
    return [signer.signature for signer in signers]


def test_what_is_held_waits_and_is_counted_once_it_is_accepted(guards: Guards) -> None:
    crowd = guards.crowd
    doubted, fine = crowd.join(1, display="named"), crowd.join(2)
    assert guards.do(hold, ids(doubted)) == 1
    assert (crowd.row(doubted).state, crowd.row(doubted).held_for) == ("held", Suspicion.ORGANISER)
    assert crowd.release().total == 1
    assert guards.do(accept, ids(doubted, fine)) == 1
    edition = crowd.release()
    assert (edition.total, crowd.names()) == (2, ["Signer Example 1"])
    assert guards.decisions() == [("accepted", None, 1)]
    assert guards.trail() == [("held", 1, None, OWNER), ("accepted", 1, None, OWNER)]
    assert crowd.recount() == []


def test_what_an_edition_has_counted_is_not_held(guards: Guards) -> None:
    crowd = guards.crowd
    counted = crowd.join(1)
    crowd.release()
    waiting = crowd.join(2)
    assert guards.do(hold, ids(counted, waiting)) == 1
    assert guards.states(counted, waiting) == ["confirmed", "held"]
    with pytest.raises(NothingFits):
        guards.do(hold, ids(counted))


def test_a_filter_accepts_what_is_held_and_nothing_else(guards: Guards) -> None:
    crowd = guards.crowd
    signers = crowd.join_many(range(3), profession="doctor")
    for signer in signers[:2]:
        crowd.hold(signer)
    pending = crowd.sign(9, profession="doctor")
    assert guards.do(accept, Filter(profession="doctor")) == 2
    assert guards.states(*signers, pending) == ["confirmed"] * 3 + ["pending"]
    with pytest.raises(NothingFits):
        guards.do(accept, Filter(state=SignatureState.CONFIRMED))


def test_nothing_chosen_is_nothing_done(guards: Guards) -> None:
    guards.crowd.join(1)
    for verb in (hold, accept, vouch, unvouch):
        with pytest.raises(NothingFits):
            guards.do(verb, [])
        with pytest.raises(NothingFits):
            guards.do(verb, [b"?" * 16])
    assert (guards.trail(), guards.decisions()) == ([], [])


def test_a_voucher_changes_one_cell_with_the_next_edition_and_no_entry(guards: Guards) -> None:
    crowd = guards.crowd
    named, hidden = crowd.join(1, display="named"), crowd.join(2, display="pseudonym")
    crowd.release()
    entries = crowd.entries()
    assert guards.do(vouch, ids(named, hidden)) == 2
    assert crowd.recount() == []
    edition = crowd.release()
    assert edition.figures["standing"]["shown"] == {"vouched": 2}
    assert (edition.total, crowd.entries()) == (2, entries)
    assert crowd.recount() == []
    assert guards.do(unvouch, ids(named)) == 1
    assert crowd.release().figures["standing"]["shown"] == {"mailbox": 1, "vouched": 1}
    assert (crowd.entries(), crowd.recount()) == (entries, [])
    assert [act for act, *_ in guards.trail()] == ["vouched", "unvouched"]


def test_whoever_changes_a_vouched_signature_is_printed_anew(guards: Guards) -> None:
    crowd = guards.crowd
    signer = crowd.join(1, display="named")
    crowd.release()
    guards.do(vouch, ids(signer))
    crowd.change(signer, display="named", name="Vera Example")
    crowd.release()
    assert (crowd.names(), crowd.row(signer).standing, crowd.recount()) == (["Vera Example"], "vouched", [])


def test_an_institution_keeps_its_standing(guards: Guards) -> None:
    crowd = guards.crowd
    signer = crowd.join(1)
    crowd.tamper(update(SignatureRow).values(standing="institution"))
    for verb in (vouch, unvouch):
        with pytest.raises(NothingFits):
            guards.do(verb, ids(signer))
    assert crowd.row(signer).standing == "institution"


def test_held_and_pending_signatures_are_not_vouched_for(guards: Guards) -> None:
    crowd = guards.crowd
    held, pending = crowd.join(1), crowd.sign(2)
    crowd.hold(held)
    with pytest.raises(NothingFits):
        guards.do(vouch, ids(held, pending))


@pytest.mark.parametrize("database", ["sqlite"])
def test_after_the_last_edition_nothing_is_accepted_or_vouched_for(guards: Guards, clock: Clock) -> None:
    crowd = guards.crowd
    counted, held = crowd.join(1), crowd.join(2)
    crowd.hold(held)
    crowd.enter(LetterState.CLOSED)
    for days in (0, 31):
        clock.advance(days=days)
        crowd.tend()
    for verb, signer in ((accept, held), (vouch, counted), (unvouch, counted)):
        with pytest.raises(TooLate):
            guards.do(verb, ids(signer))
