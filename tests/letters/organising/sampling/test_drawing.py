"""Drawing a sample."""

import hashlib
from dataclasses import replace

import pytest

from letters.organising.lockdown import UnderLockdown
from letters.organising.sampling.drawing import Draw, draw
from letters.organising.sampling.errors import BadBeacon, NoSuchSample, NotAnnounced, NotCosigned
from letters.organising.sampling.opening import ID
from tests.letters.organising.sampling.asked import PLAN, WITNESS, Desk
from verification.identity.boxes import unlock
from verification.ledger.leaves import Opening

BEACON = "3 14 15 92 65"


def drawn_again(desk: Desk, beacon: str, wanted: int) -> list[str]:
    """Who is drawn, worked out from the frame and from what the journalist gets, without the code that draws."""
    row = desk.sample()
    commitments = [row.frame[start : start + 32] for start in range(0, len(row.frame), 32)]
    head = b"undersigned sample 1\0" + beacon.encode() + b"\0" + hashlib.sha256(row.frame).digest()
    return [one.hex() for one in sorted(commitments, key=lambda one: hashlib.sha256(head + one).digest())[:wanted]]


def commitment_of(desk: Desk, signature: bytes) -> str:
    row = next(row for row in desk.rows() if row.id == signature)
    sealed = unlock(desk.runtime.keyring.identities(desk.slug), row.sealed, row.id)
    return Opening.of(row.log_secret, sealed).commitment.hex()


def test_anybody_with_the_frame_and_the_beacon_repeats_the_draw(desk: Desk) -> None:
    desk.announce()
    again = drawn_again(desk, BEACON, 5)
    desk.draw(beacon=f"  {BEACON.replace(' ', '   ')}\n")
    row = desk.sample()
    assert (row.state, row.beacon, row.found, row.drawn_on) == ("drawn", BEACON, 5, desk.runtime.clock().date())
    drawn = [row.drawn[start : start + ID] for start in range(0, len(row.drawn), ID)]
    assert sorted(commitment_of(desk, signature) for signature in drawn) == sorted(again)
    assert drawn == sorted(drawn)
    assert desk.acts() == [("sample-announced", 5), ("sample-drawn", 5)]


def test_who_left_since_the_announcement_can_be_drawn_but_is_not_found(desk: Desk) -> None:
    desk.announce(replace(PLAN, wanted=12))
    drawn = drawn_again(desk, BEACON, 12)
    people = [signer for signer in desk.signers if commitment_of(desk, signer.signature) in drawn]
    desk.crowd.withdraw(people[0])
    desk.refuse(people[1])
    desk.willing(range(30, 34))
    desk.release()
    desk.draw()
    row = desk.sample()
    assert (row.wanted, row.found, len(row.drawn)) == (12, 10, 10 * ID)


def test_a_beacon_is_one_line(desk: Desk) -> None:
    desk.announce()
    for beacon in ("", " \n", "x" * 501, "nul\0"):
        with pytest.raises(BadBeacon):
            desk.draw(beacon=beacon)
    assert desk.sample().state == "announced"


def test_the_beacon_of_a_witness_is_its_first_cosignature_on_a_later_head(desk: Desk) -> None:
    desk.cosign("\u2014 early AAAA")
    desk.announce(replace(PLAN, source="", witness=WITNESS))
    for typed in ("", "typed all the same"):
        with pytest.raises(NotCosigned):
            desk.draw(beacon=typed)
    desk.willing(range(30, 32))
    desk.release()
    desk.cosign("\u2014 first later BBBB")
    desk.willing(range(32, 34))
    desk.release()
    desk.cosign("\u2014 second later CCCC")
    desk.draw(beacon="typed all the same")
    assert desk.sample().beacon == "\u2014 first later BBBB"


def test_a_sample_is_drawn_once(desk: Desk) -> None:
    desk.announce()
    desk.draw()
    with pytest.raises(NotAnnounced):
        desk.draw(beacon="another")
    doing = desk.doing
    with pytest.raises(NotAnnounced):  # who was slower
        desk.runtime.settle(lambda session: draw(session, doing, desk.slug, 1, Draw("another", ())))
    assert desk.sample().beacon == BEACON


def test_under_lockdown_nobody_is_drawn(desk: Desk) -> None:
    desk.announce()
    desk.letter_row(locked_on=desk.runtime.clock().date())
    with pytest.raises(UnderLockdown):
        desk.draw()
    doing = desk.doing
    with pytest.raises(UnderLockdown):
        desk.runtime.settle(lambda session: draw(session, doing, desk.slug, 1, Draw("late", ())))


def test_there_is_no_sample_that_nobody_announced(desk: Desk) -> None:
    with pytest.raises(NoSuchSample):
        desk.draw(number=7)


def test_no_signature_says_that_it_was_drawn(desk: Desk) -> None:
    before = {row.id: values(row) for row in desk.rows()}
    desk.announce()
    desk.draw()
    assert {row.id: values(row) for row in desk.rows()} == before


def values(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
