"""Held signatures: counted once they are accepted, gone once they are voided, and each decision is public."""

import pytest
from sqlalchemy import select, update

from letters.models.decisions import DecisionRow
from letters.models.finding import NoSuchLetter
from letters.models.letters import LetterState
from letters.models.signatures import SignatureRow, SubscriptionRow, Suspicion
from letters.organising.moderation import BadReason, NothingHeld, Selection, TooLate, accept, count_held, void
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.parts.clock import Clock

WHY = "Sent by a machine within one minute."


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime)


def held(crowd: Crowd, numbers: range, suspicion: Suspicion = Suspicion.BURST) -> list[Signer]:
    """People whose signatures are held for that."""
    signers = [crowd.join(number, display="pseudonym") for number in numbers]
    ids = [signer.signature for signer in signers]
    change = update(SignatureRow).where(SignatureRow.id.in_(ids))
    crowd.tamper(change.values(state="held", held_for=suspicion.value))
    return signers


def accept_in(crowd: Crowd, suspicion: Suspicion | None = None, only: list[bytes] | None = None) -> int:
    today = crowd.runtime.clock().date()
    return crowd.runtime.settle(lambda session: accept(session, Selection(crowd.slug, suspicion, only), today))


def void_in(
    crowd: Crowd, suspicion: Suspicion | None = None, only: list[bytes] | None = None, reason: str = WHY
) -> int:
    today = crowd.runtime.clock().date()
    return crowd.runtime.settle(lambda session: void(session, Selection(crowd.slug, suspicion, only), reason, today))


def decisions(crowd: Crowd) -> list[tuple[int, str, str | None, int]]:
    with crowd.runtime.reading() as session:
        rows = session.scalars(select(DecisionRow).order_by(DecisionRow.position)).all()
        return [(row.position, row.act, row.reason, row.count) for row in rows]


def counts(crowd: Crowd) -> dict[str, int]:
    with crowd.runtime.reading() as session:
        held = count_held(session, crowd.letter.id)
    assert held.keys() == set(Suspicion)
    return {suspicion.value: count for suspicion, count in held.items() if count}


def test_accepted_signatures_are_counted_and_printed_with_the_next_edition(crowd: Crowd) -> None:
    crowd.join(1)
    signers = held(crowd, range(2, 5))
    assert crowd.release().total == 1
    assert accept_in(crowd) == 3
    assert {(crowd.row(signer).state, crowd.row(signer).held_for) for signer in signers} == {("confirmed", None)}
    assert crowd.release().total == 4
    assert len(crowd.entries()) == 3
    assert crowd.recount() == []


def test_voided_signatures_were_never_counted_and_lose_what_is_public_of_them(crowd: Crowd) -> None:
    crowd.join(1)
    signers = held(crowd, range(2, 5))
    assert void_in(crowd) == 3
    edition = crowd.release()
    assert (edition.signatures, edition.voided, edition.total) == (1, 0, 1)
    assert crowd.entries() == []
    for signer in signers:
        row = crowd.row(signer)
        assert (row.state, row.display, row.pseudonym, row.name_box, row.held_for) == (
            "voided",
            "counted",
            None,
            None,
            None,
        )
    assert crowd.recount() == []


def test_voiding_takes_the_subscription(crowd: Crowd) -> None:
    (signer,) = held(crowd, range(1, 2))

    def subscribe(session: object) -> None:
        session.add(SubscriptionRow(signature_id=signer.signature, language="en", address_box=b"box", handle=bytes(16)))  # type: ignore[attr-defined]

    crowd.runtime.settle(subscribe)
    void_in(crowd)
    with crowd.runtime.reading() as session:
        assert session.scalars(select(SubscriptionRow)).all() == []


def test_a_decision_can_be_about_one_suspicion(crowd: Crowd) -> None:
    held(crowd, range(1, 3))
    held(crowd, range(3, 6), Suspicion.DISPOSABLE)
    assert counts(crowd) == {"disposable": 3, "burst": 2}
    assert accept_in(crowd, Suspicion.BURST) == 2
    assert counts(crowd) == {"disposable": 3}


def test_a_decision_can_be_about_some_and_leaves_the_others(crowd: Crowd) -> None:
    signers = held(crowd, range(1, 6))
    confirmed = crowd.join(6)
    chosen = [signer.signature for signer in signers[:2]]
    assert void_in(crowd, only=[*chosen, confirmed.signature, b"?" * 16]) == 2
    assert crowd.row(confirmed).state == "confirmed"
    assert counts(crowd)["burst"] == 3


def test_many_can_be_named(crowd: Crowd) -> None:
    signers = held(crowd, range(1, 4))
    strangers = [number.to_bytes(16) for number in range(1500)]
    assert accept_in(crowd, only=[*strangers, *(signer.signature for signer in signers)]) == 3


def test_each_decision_is_public_with_its_day_reason_and_count(crowd: Crowd, clock: Clock) -> None:
    held(crowd, range(1, 3))
    held(crowd, range(3, 6), Suspicion.DISPOSABLE)
    revision = crowd.letter.revision
    void_in(crowd, Suspicion.BURST)
    clock.advance(days=1)
    accept_in(crowd)
    assert decisions(crowd) == [(1, "voided", WHY, 2), (2, "accepted", None, 3)]
    assert crowd.letter.revision == revision + 2


def test_where_nothing_is_held_nothing_is_decided(crowd: Crowd) -> None:
    crowd.join(1)
    revision = crowd.letter.revision
    for decide in (accept_in, void_in):
        with pytest.raises(NothingHeld):
            decide(crowd)
        with pytest.raises(NothingHeld):
            decide(crowd, only=[])
    assert (decisions(crowd), crowd.letter.revision) == ([], revision)


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501, "a\u202eb"])
def test_a_reason_is_one_line_of_text(crowd: Crowd, reason: str) -> None:
    held(crowd, range(1, 2))
    with pytest.raises(BadReason):
        void_in(crowd, reason=reason)
    assert counts(crowd)["burst"] == 1


def test_a_letter_that_is_not_there_is_said_to_be(crowd: Crowd) -> None:
    with pytest.raises(NoSuchLetter):
        crowd.runtime.settle(lambda session: accept(session, Selection("none"), crowd.runtime.clock().date()))


def test_after_the_last_edition_what_is_held_can_only_be_voided(crowd: Crowd, clock: Clock) -> None:
    crowd.join(1)
    held(crowd, range(2, 5))
    crowd.enter(LetterState.CLOSED)
    for days in (0, 31):
        clock.advance(days=days)
        crowd.tend()
    last = crowd.letter.edition
    with pytest.raises(TooLate, match="only be voided"):
        accept_in(crowd)
    assert void_in(crowd) == 3
    with pytest.raises(NotDue, match="last edition"):
        crowd.release()
    clock.advance(days=90)
    crowd.tend()
    assert crowd.letter.edition == last
    assert crowd.recount() == []
