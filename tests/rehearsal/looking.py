"""What a rehearsal leaves behind: whether anything is missing, and what visitors were told meanwhile."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.rehearsal.installation import SLUG, Installation
from tests.rehearsal.visitors import Visitors, name_of

COLUMNS = ("part", "times", "away (s)", "refused", "without an answer", "signed", "confirmed", "mails sent twice")


@dataclass(frozen=True)
class Loss:
    """What was seen from the moment when a part was killed until people signed and confirmed again."""

    part: str
    away: float
    refused: Counter[int]
    """By the status that they were answered with."""
    unanswered: int
    signed: int
    confirmed: int
    mails_twice: int


@dataclass(frozen=True)
class Outcome:
    """What a rehearsal has shown. Everything in `wrong` is a sentence, and none is to be there."""

    killed: Sequence[Loss]
    rolled: Sequence[Loss]
    """Web machines that were asked to end and started again one after the other, as an upgrade does."""
    signed: int
    confirmed: int
    total: int
    editions: int
    lost_mails: int
    lost_names: int
    counted_twice: int
    mails_twice: int
    wrong: Sequence[str]


def look(installation: Installation, visitors: Visitors, killed: Sequence[Loss], rolled: Sequence[Loss]) -> Outcome:
    """Release what waits, then ask the public pages, the rows and the auditor."""
    installation.command("editions", "release", SLUG, "--now")
    asked = [("recount",), ("audit", f"{installation.url}/letters/{SLUG}")]
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda words: installation.command(*words), asked))
    wrong = [
        f"{words[0]}: {done.stdout}{done.stderr}" for words, done in zip(asked, answers, strict=True) if done.returncode
    ]
    mailed = {address for mail in installation.mail.accepted for address in mail.recipients}
    count = _api(installation, "count")
    names = Counter(_names(installation, count["total"]))
    expected = Counter(name_of(int(address.removeprefix("signer").split("@")[0])) for address in visitors.confirmed)
    return Outcome(
        killed=killed,
        rolled=rolled,
        signed=len(visitors.signed),
        confirmed=len(visitors.confirmed),
        total=count["total"],
        editions=count["edition"],
        lost_mails=len(visitors.signed - mailed),
        lost_names=(expected - names).total(),
        counted_twice=(names - expected).total() + count["total"] - names.total(),
        mails_twice=visitors.told().mails_twice,
        wrong=wrong,
    )


def _names(installation: Installation, total: int) -> Iterator[str]:
    """Everybody on the public list, as the JSON interface gives it."""
    page = 1
    while page == 1 or (page - 1) * 100 < total:
        listed = _api(installation, f"signatories?page={page}")
        yield from (entry["name"] for entry in listed["signatories"])
        page += 1


def _api(installation: Installation, what: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{installation.url}/api/v1/letters/{SLUG}/{what}", timeout=30) as answer:
        loaded: dict[str, Any] = json.load(answer)
        return loaded


def table(losses: Sequence[Loss]) -> list[str]:
    """One line for each part, over all the times it was lost; the longest absence stands for all."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for name in dict.fromkeys(loss.part for loss in losses):
        own = [loss for loss in losses if loss.part == name]
        figures = ((one.refused.total(), one.unanswered, one.signed, one.confirmed, one.mails_twice) for one in own)
        sums = (str(sum(column)) for column in zip(*figures, strict=True))
        cells = [name, str(len(own)), f"{max(one.away for one in own):.1f}", *sums]
        lines.append("| " + " | ".join(cells) + " |")
    return lines
