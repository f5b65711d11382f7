"""Announcing a sample."""

import hashlib
from dataclasses import replace

import pytest

from letters.organising.sampling.announcing import FEWEST, MOST_DRAWN, Plan, announce, list_witnesses, read_plan
from letters.organising.sampling.errors import (
    BadWanted,
    FewerAgree,
    FrameStale,
    LetterDown,
    NoSource,
    NotNamed,
    SampleOpen,
    TooFewAgree,
)
from letters.organising.sampling.frames import Frame
from letters.organising.sampling.reporting import drop
from tests.letters.organising.sampling.asked import PLAN, WITNESS, Desk, sample_desk
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer


def test_an_announced_sample_fixes_its_frame_and_shows_readers(desk: Desk) -> None:
    before, frame = desk.crowd.letter, desk.frame()
    assert desk.announce() == 1
    sample = desk.sample()
    assert (sample.state, sample.candidates, sample.wanted, sample.size) == ("announced", 24, 5, before.head.size)
    assert sample.frame == b"".join(frame.commitments)
    assert sample.frame_hash == hashlib.sha256(sample.frame).digest()
    assert (sample.beacon, sample.drawn, sample.announced_on) == (None, None, desk.runtime.clock().date())
    assert desk.crowd.letter.revision > before.revision
    assert desk.acts() == [("sample-announced", 5)]


def test_of_few_nobody_is_drawn(organiser: Organiser, mail_server: MailServer) -> None:
    desk = sample_desk(organiser, mail_server)
    people = desk.willing(range(1, FEWEST + 1))
    desk.release()
    desk.refuse(people[0])
    with pytest.raises(TooFewAgree):
        desk.announce(replace(PLAN, wanted=1))
    desk.willing(range(50, 51))
    desk.release()
    with pytest.raises(FewerAgree):
        desk.announce(replace(PLAN, wanted=FEWEST // 2 + 1))
    assert desk.announce(replace(PLAN, wanted=FEWEST // 2)) == 1


def test_one_sample_is_open_at_a_time(desk: Desk) -> None:
    desk.announce()
    with pytest.raises(SampleOpen):
        desk.announce()
    desk.draw()
    with pytest.raises(SampleOpen):
        desk.announce()
    doing = desk.doing
    desk.runtime.settle(lambda session: drop(session, doing, desk.slug, 1))
    assert desk.announce() == 2


def test_a_letter_that_is_taken_down_meanwhile_has_no_sample(desk: Desk) -> None:
    frame = desk.frame()
    desk.letter_row(taken_down_on=desk.runtime.clock().date(), taken_down_for="An example")
    desk.frame = lambda: Frame(frame.size, frame.commitments)  # type: ignore[method-assign]
    with pytest.raises(LetterDown):
        desk.announce()


def test_a_witness_is_one_that_has_cosigned_the_log(desk: Desk) -> None:
    plan = replace(PLAN, source="", witness=WITNESS)
    with pytest.raises(NoSource):
        desk.announce(plan)
    desk.cosign()
    with desk.runtime.reading() as session:
        assert list_witnesses(session, desk.crowd.letter.id) == [WITNESS]
    assert desk.announce(plan) == 1
    assert desk.sample().witness == WITNESS


def test_a_plan_is_read_as_it_was_typed() -> None:
    assert read_plan(" Vera  Example ", "Example Weekly", "5", "Example lottery of Saturday", "") == PLAN
    assert read_plan("V", "E", str(MOST_DRAWN), "ignored", WITNESS) == Plan("V", "E", MOST_DRAWN, "", WITNESS)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "bell\x07", "Vera\u202eExample"])
def test_both_names_are_needed_in_one_short_line(name: str) -> None:
    for typed in ((name, "Example Weekly"), ("Vera Example", name)):
        with pytest.raises(NotNamed):
            read_plan(*typed, "5", "Example lottery", "")


@pytest.mark.parametrize("wanted", ["", "0", "-1", "5.5", "many", "301", "9" * 400, "٥"])
def test_how_many_is_a_whole_number_in_its_bounds(wanted: str) -> None:
    with pytest.raises(BadWanted):
        read_plan("Vera Example", "Example Weekly", wanted, "Example lottery", "")


def test_where_the_beacon_comes_from_is_said_beforehand() -> None:
    for source in ("", "x" * 201):
        with pytest.raises(NoSource):
            read_plan("Vera Example", "Example Weekly", "5", source, "")


def test_a_frame_from_before_an_edition_is_announced_no_more(desk: Desk) -> None:
    """Its witness may have cosigned the later head already, and so have drawn."""
    frame, doing = desk.frame(), desk.doing
    desk.willing(range(60, 62))
    desk.release()
    with pytest.raises(FrameStale):
        desk.runtime.settle(lambda session: announce(session, doing, desk.slug, PLAN, frame))
    assert desk.announce() == 1
