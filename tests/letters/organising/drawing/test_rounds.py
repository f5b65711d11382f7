"""Which drawings are made, and when: once for what they say, and again only when that changes."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from letters.models.drawings import DrawingRow
from letters.models.letters import LetterRow, LetterTextRow
from letters.organising.drawing.rounds import Drawings
from letters.organising.takedown import take_down
from letters.organising.typesetting.starting import NotTypeset, alone
from letters.publishing.editions import lock_letter
from letters.reading.drawable import TEMPLATES, Card, Drawable
from letters.runtime import Runtime
from tests.parts.campaign import Campaign
from tests.parts.drawings import in_words

ALL = 2 * 3
"""A card and a poster in each of the demo letter's languages."""


def rows(runtime: Runtime) -> dict[tuple[str, str], bytes]:
    with runtime.reading() as session:
        return {(row.kind, row.language): row.data for row in session.scalars(select(DrawingRow))}


def total_of(card: bytes) -> str:
    return json.loads(card)["total"]


class Hours:
    """A clock of seconds that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def drawing(campaign: Campaign, draw: Callable[[Drawable], bytes] = in_words, seconds: Hours | None = None) -> Drawings:
    return Drawings(campaign.runtime, campaign.app, draw, seconds or Hours())


def test_a_card_says_what_the_edition_says_and_is_drawn_once_for_it(campaign: Campaign) -> None:
    drawings = drawing(campaign)
    assert [drawings.round(), drawings.round()] == [ALL, 0]
    assert total_of(rows(campaign.runtime)["card", "en"]) == ""
    campaign.join(1)
    assert drawings.round() == 0, "nothing of a signature shows before its edition"
    campaign.release()
    assert [drawings.round(), drawings.round()] == [ALL // 2, 0], "posters have no figures"
    card = json.loads(rows(campaign.runtime)["card", "en"])
    assert (card["total"], card["signatures"], card["goal"]) == ("1", "signature", "Goal: 5,000")
    assert card["edition"].startswith("Edition 1, ")
    assert "подпись" in json.loads(rows(campaign.runtime)["card", "ru"])["signatures"]


def test_a_worker_that_starts_anew_draws_nothing_that_is_there(campaign: Campaign) -> None:
    assert [drawing(campaign).round(), drawing(campaign).round()] == [ALL, 0]


@pytest.mark.parametrize("database", ["sqlite"])
def test_another_title_is_drawn_in_its_language(campaign: Campaign) -> None:
    drawings = drawing(campaign)
    drawings.round()
    of_letter = LetterTextRow.letter_id == campaign.letter.id
    renamed = update(LetterTextRow).where(of_letter, LetterTextRow.language == "en").values(title="Another title")
    campaign.runtime.settle(lambda session: session.execute(renamed))
    campaign.runtime.settle(lambda session: session.execute(update(LetterRow).values(revision=LetterRow.revision + 1)))
    assert drawings.round() == 2
    assert json.loads(rows(campaign.runtime)["poster", "en"])["title"] == "Another title"


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_fails_is_tried_again_later_and_holds_up_nothing(campaign: Campaign) -> None:
    clock, working = Hours(), False

    def draw(drawable: Drawable) -> bytes:
        if isinstance(drawable, Card) and drawable.tongue.language == "be" and not working:
            raise NotTypeset("The typesetter failed.")
        return in_words(drawable)

    drawings = drawing(campaign, draw, clock)
    assert [drawings.round(), drawings.round()] == [0, 0]
    made = len(rows(campaign.runtime))
    assert made < ALL
    working, clock.now = True, 3600.0
    assert drawings.round() == ALL - made


def test_a_worker_that_is_killed_while_it_draws_loses_one_drawing_and_doubles_none(campaign: Campaign) -> None:
    begun: list[Drawable] = []

    def draw(drawable: Drawable) -> bytes:
        begun.append(drawable)
        if len(begun) == 4:
            raise SystemExit
        return in_words(drawable)

    with pytest.raises(SystemExit):
        drawing(campaign, draw).round()
    assert len(rows(campaign.runtime)) == 3
    assert drawing(campaign, draw).round() == ALL - 3
    assert len(begun) == ALL + 1
    assert begun[3] == begun[4]
    assert len(rows(campaign.runtime)) == ALL


def test_a_slow_worker_keeps_nothing_of_an_edition_that_is_over(campaign: Campaign) -> None:
    """Another machine may have drawn the next one already."""
    known: dict[tuple[str, str], bytes] = {}

    def draw(drawable: Drawable) -> bytes:
        if isinstance(drawable, Card) and not known:
            campaign.join(2)
            campaign.release()
            known.update(rows(campaign.runtime))
        return in_words(drawable)

    drawing(campaign).round()
    campaign.join(1)
    campaign.release()
    drawings = drawing(campaign, draw)
    assert drawings.round() == 0
    assert rows(campaign.runtime) == known
    assert drawings.round() == ALL // 2
    assert total_of(rows(campaign.runtime)["card", "en"]) == "2"


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_machine_draws_one_thing_at_a_time(campaign: Campaign) -> None:
    with alone(TEMPLATES / "fitting.typ") as mine:
        assert mine
        assert drawing(campaign).round() == 0
    assert drawing(campaign).round() == ALL


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_letter_that_is_taken_down_is_not_drawn(campaign: Campaign) -> None:
    today = campaign.runtime.clock().date()
    campaign.runtime.settle(lambda session: take_down(lock_letter(session, campaign.slug), "A made-up reason.", today))
    assert drawing(campaign).round() == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_lockdown_changes_no_drawing(campaign: Campaign) -> None:
    campaign.join(1, display="named")
    campaign.release()
    drawings = drawing(campaign)
    drawings.round()
    assert not any(b"Signer Example" in data for data in rows(campaign.runtime).values())
    today = campaign.runtime.clock().date()
    locked = update(LetterRow).values(locked_on=today, revision=LetterRow.revision + 1)
    campaign.runtime.settle(lambda session: session.execute(locked))
    assert drawings.round() == 0


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_worker_draws_what_readers_are_given(campaign: Campaign, app: Flask) -> None:
    one = replace(campaign.runtime, settings=replace(campaign.runtime.settings, languages=("en",)))
    assert Drawings(one, app).round() == 2
    drawn = rows(campaign.runtime)
    assert drawn["card", "en"].startswith(b"\x89PNG")
    assert drawn["poster", "en"].startswith(b"%PDF")
