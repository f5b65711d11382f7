"""Who is in the frame of a sample."""

from typing import Any

import pytest
from sqlalchemy import update

from letters.models.finding import find_letter
from letters.models.log import LogHeadRow
from letters.models.signatures import SignatureRow
from letters.organising.lockdown import IdentitiesGone, UnderLockdown
from letters.organising.sampling.errors import DaysOver, LetterDown, NoSignedHead
from letters.organising.sampling.frames import count_agreeing
from letters.publishing.log import tile_reader
from tests.letters.organising.sampling.asked import Desk, sample_desk
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer
from verification.errors import Refusal
from verification.ledger.leaves import Signature, decode_leaf
from verification.ledger.trees import entries_between


def test_the_frame_is_the_leaves_of_those_who_agreed(desk: Desk) -> None:
    frame = desk.frame()
    with desk.runtime.reading() as session:
        letter = find_letter(session, desk.slug)
        entries = entries_between(0, letter.head.size, tile_reader(session, letter.id))
        assert count_agreeing(session, letter) == 24
    leaves = {leaf.commitment for leaf in map(decode_leaf, entries) if isinstance(leaf, Signature)}
    assert len(leaves) == 27
    assert len(frame.commitments) == len(set(frame.commitments)) == 24
    assert set(frame.commitments) < leaves
    assert list(frame.commitments) == sorted(frame.commitments)
    assert frame.size == letter.head.size


def test_who_has_left_is_held_or_is_not_counted_is_not_in_it(desk: Desk) -> None:
    gone, thrown_out, unwilling = desk.willing(range(30, 33))
    desk.release()
    desk.willing(range(40, 43))  # no edition has counted them
    desk.crowd.withdraw(gone)
    desk.crowd.void(thrown_out)
    desk.refuse(unwilling)
    assert len(desk.frame().commitments) == 24


def test_a_head_that_is_not_signed_yet_adds_nobody(desk: Desk) -> None:
    size = desk.frame().size
    desk.willing(range(30, 33))
    desk.release()
    assert len(desk.frame().commitments) == 27
    desk.crowd.tamper(update(LogHeadRow).where(LogHeadRow.size > size).values(note=None))
    assert (len(desk.frame().commitments), desk.frame().size) == (24, size)


def test_before_the_first_signed_head_there_is_no_frame(organiser: Organiser, mail_server: MailServer) -> None:
    desk = sample_desk(organiser, mail_server)
    desk.willing(range(1, 3))
    with pytest.raises(NoSignedHead):
        desk.frame()


def test_a_damaged_identity_is_left_out(desk: Desk) -> None:
    (broken,) = desk.willing(range(30, 31))
    desk.release()
    desk.crowd.tamper(update(SignatureRow).where(SignatureRow.id == broken.signature).values(sealed=b"\x01" * 60))
    assert len(desk.frame().commitments) == 24


def test_nobody_is_asked_under_a_letter_that_is_hidden_down_over_or_burned(desk: Desk) -> None:
    today = desk.runtime.clock().date()
    states: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"locked_on": today}, UnderLockdown),
        ({"locked_on": None, "taken_down_on": today, "taken_down_for": "An example"}, LetterDown),
        ({"taken_down_on": None, "taken_down_for": None, "forgotten": True}, DaysOver),
        ({"erased": True}, IdentitiesGone),
    ]
    for values, refusal in states:
        desk.letter_row(**values)
        with pytest.raises(refusal):
            desk.frame()
