"""Whoever submits an address learns nothing about it, neither from the answer nor from its time."""

import random
import time
from collections.abc import Sequence
from contextlib import closing

from letters.runtime import Runtime
from tests.faults.measured import Measure
from tests.faults.processes import Answer, Visitor, Web, form_of, person
from tests.letters.publishing.crowd import Crowd
from tests.parts.campaign import Campaign

CHANCE = (0.45, 0.55)
"""With 500 of each, one run in 150 of two that do not differ at all lies outside."""
EACH, TRIES = 500, 2
WARM_UP = 20

Timed = tuple[float, Answer]


def test_a_known_address_is_answered_like_a_new_one(
    campaign: Campaign, runtime: Runtime, web: Web, measured: Measure
) -> None:
    known = [person(number) for number in range(EACH)]
    Crowd(runtime, campaign.slug).join_many(range(EACH))
    web.start()
    for attempt in range(1, TRIES + 1):
        new = [person(attempt * 10_000 + number) for number in range(EACH)]
        of_known, of_new = ask(web.url, campaign.slug, known, new)
        assert len({told(answer) for _, answer in (*of_known, *of_new)}) == 1
        area = area_under_curve([seconds for seconds, _ in of_known], [seconds for seconds, _ in of_new])
        if CHANCE[0] < area < CHANCE[1]:
            break
    print(f"known against new: AUC {area:.3f}")  # noqa: T201
    assert CHANCE[0] < area < CHANCE[1]
    measured(
        "known and new addresses submitted in turn",
        f"{EACH} of each",
        remark=f"the same bytes; told apart by time with an AUC of {area:.2f} (0.5 is chance)",
    )


def ask(
    url: str, slug: str, known: Sequence[dict[str, str]], new: Sequence[dict[str, str]]
) -> tuple[list[Timed], list[Timed]]:
    """Submit the forms in a random order over one connection."""
    form, answers = form_of(url, slug), {True: list[Timed](), False: list[Timed]()}
    queue = [*((True, who) for who in known), *((False, who) for who in new)]
    random.shuffle(queue)
    with closing(Visitor(url)) as visitor:
        for number in range(WARM_UP):
            visitor.post(f"/letters/{slug}/sign", {**form, **person(-1 - number)})
        for is_known, who in queue:
            begun = time.perf_counter()
            answer = visitor.post(f"/letters/{slug}/sign", {**form, **who, "workplace": "Example clinic"})
            answers[is_known].append((time.perf_counter() - begun, answer))
    return answers[True], answers[False]


def told(answer: Answer) -> tuple[object, ...]:
    """Everything that an answer says but the time of day."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "date")
    return answer.status, tuple(headers), answer.body


def area_under_curve(some: Sequence[float], others: Sequence[float]) -> float:
    """How often one of `some` is greater than one of `others`; ties count half (Mann and Whitney)."""
    wins = sum((one > other) + (one == other) / 2 for one in some for other in others)
    return wins / (len(some) * len(others))
