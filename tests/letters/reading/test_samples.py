"""What readers learn of a sample for the press."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, g, render_template
from sqlalchemy import insert

from letters.models.samples import SampleRow, SampleState
from letters.reading.samples import Sample, list_samples, rounded_up
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd

DAY = date(2026, 12, 1)
ANNOUNCED = Sample(
    number=1,
    state=SampleState.ANNOUNCED,
    journalist="Vera <Example>",
    outlet="Example Weekly",
    size=80,
    wanted=20,
    candidates=31,
    frame_hash="ab" * 32,
    source="Example lottery of Saturday",
    witness=None,
    beacon=None,
    found=None,
    confirmed=None,
    announced_on=DAY,
    drawn_on=None,
    ended_on=None,
)
DRAWN = {"state": SampleState.DRAWN, "beacon": "3 14 15", "drawn_on": DAY, "found": 19}


def sample(**changes: Any) -> Sample:
    return Sample(**{**vars(ANNOUNCED), **changes})


def shown(app: Flask, *samples: Sample, language: str = "en") -> str:
    with app.test_request_context(headers={"Accept-Language": language}):
        g.language = language
        return " ".join(render_template("reading/samples.html", samples=samples).split())


def row(letter_id: int, number: int, **changes: Any) -> dict[str, Any]:
    known = {**vars(ANNOUNCED), "letter_id": letter_id, "number": number, "state": "announced", **changes}
    return {**known, "frame_hash": bytes(32), "frame": bytes(32 * 31)}


def announced(runtime: Runtime) -> Crowd:
    crowd = open_crowd(runtime)
    letter_id = crowd.letter.id
    ended = {"state": "dropped", "ended_on": DAY}
    crowd.tamper(insert(SampleRow).values({**row(letter_id, 1, **ended), "frame": None}))
    crowd.tamper(insert(SampleRow).values(row(letter_id, 2)))
    return crowd


def test_samples_are_listed_the_newest_first_and_with_those_given_up(runtime: Runtime) -> None:
    crowd = announced(runtime)
    with runtime.reading() as session:
        listed = list_samples(session, crowd.letter.id)
        assert list_samples(session, crowd.letter.id + 1) == []
    assert [(one.number, one.state.value) for one in listed] == [(2, "announced"), (1, "dropped")]
    assert listed[0].frame_hash == "00" * 32


def test_a_value_for_readers_holds_neither_list() -> None:
    assert {"frame", "drawn"} & vars(ANNOUNCED).keys() == set()


@pytest.mark.parametrize(
    ("share", "told"), [(0.95, "0.950"), (0.2161, "0.217"), (1.0, "1.000"), (0.0495076, "0.050"), (0.0100001, "0.011")]
)
def test_a_share_is_rounded_up(share: float, told: str) -> None:
    assert rounded_up(share) == Decimal(told)


@pytest.mark.parametrize("database", ["sqlite"])
def test_without_a_sample_nothing_is_said(app: Flask) -> None:
    assert shown(app) == ""


@pytest.mark.parametrize("database", ["sqlite"])
def test_an_announced_sample_tells_what_fixes_it(app: Flask) -> None:
    text = shown(app, ANNOUNCED)
    for told in ("Announced on 1 December 2026", "ab" * 32, "Example lottery of Saturday", "31", "first 80 leaves"):
        assert told in text
    assert "Vera &lt;Example&gt;" in text
    assert "the first cosignature of w.example on a later" in shown(app, sample(source="", witness="w.example"))


@pytest.mark.parametrize("database", ["sqlite"])
def test_how_many_of_those_drawn_are_left_is_not_told_before_the_result(app: Flask) -> None:
    """It would tell of withdrawals before their edition."""
    assert "19" not in shown(app, sample(**DRAWN))
    reported = sample(**{**DRAWN, "state": SampleState.REPORTED, "confirmed": 19, "ended_on": DAY})
    assert "1 of those drawn had withdrawn or no longer agreed." in shown(app, reported)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_result_says_who_reported_what_and_with_what_confidence(app: Flask) -> None:
    reported = sample(**{**DRAWN, "state": SampleState.REPORTED, "found": 20, "confirmed": 19, "ended_on": DAY})
    text = shown(app, reported)
    assert (
        "20 drawn, 19 confirmed, so with 95% confidence at most 21.7% of those who agreed to be asked are not real."
        in text
    )
    assert "As the organisers reported for Vera &lt;Example&gt; (Example Weekly) on 1 December 2026." in text
    assert "Only signers who agreed could be drawn." in text
    assert "Ask the journalist" in text
    assert "21,7" in shown(app, reported, language="ru")


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_sample_that_was_given_up_says_whether_it_was_drawn(app: Flask) -> None:
    ended = {"state": SampleState.DROPPED, "ended_on": DAY}
    assert "before the draw" in shown(app, sample(**ended))
    assert "after the draw. There is no result." in shown(app, sample(**{**DRAWN, **ended}))
