"""What an edition prints, as its tally in the log has it and as the site's JSON shows it: read into the same shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.ledger.auditing.answers import BadAnswer, as_figure, as_list, as_object, as_text
from verification.ledger.auditing.findings import in_short
from verification.ledger.leaves import hashed_pairs

DIMENSIONS_PRINTED = ("profession", "region", "standing")
MOST_CELLS = 10_000
"""Cells in the largest dimension that is read."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")

Span = tuple[int, int]
"""The least and the most that something can be."""


@dataclass(frozen=True)
class PrintedCells:
    """One dimension: the cells that are shown, by code, and how many everybody else can be, None if there is nobody."""

    shown: Mapping[str, int]
    rest: Span | None


@dataclass(frozen=True)
class PrintedPairs:
    """Professions by region: how many, and their hash, as a tally has them. The JSON lists them: `counts`."""

    many: int
    sha256: str
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class PrintedEdition:
    """All that an edition prints. `pairs` are in a letter's last edition only."""

    edition: int
    released_at: str
    signatures: int
    withdrawn: int
    voided: int
    total: int
    cells: Mapping[str, PrintedCells]
    pairs: PrintedPairs | None

    @property
    def figures(self) -> Mapping[str, int]:
        return {
            "signatures": self.signatures,
            "withdrawn": self.withdrawn,
            "voided": self.voided,
            "total": self.total,
        }


@dataclass(frozen=True)
class LoggedTally:
    """A tally: what the edition prints, how many cells each dimension has, and how old a cell's reading can be."""

    printed: PrintedEdition
    of: Mapping[str, int]
    unread: int


@dataclass(frozen=True)
class PrintedHead:
    """The log's head as the site prints it beside an edition; `checkpoint` is None until it is signed."""

    origin: str
    key: str
    size: int
    root: str
    checkpoint: str | None


@dataclass(frozen=True)
class PrintedStep:
    """An edition in the site's history: its figures, what changed, why signatures were voided, and the log's head."""

    printed: PrintedEdition
    changes: Mapping[str, int]
    reasons: Mapping[str, int]
    head: PrintedHead | None


def read_tally(content: Mapping[str, Any]) -> LoggedTally:
    """A tally's content. Raises `BadAnswer`."""
    figures = as_object(content.get("figures"), "the figures")
    dimensions = {name: as_object(figures.get(name), name) for name in DIMENSIONS_PRINTED}
    cells = {name: _cells_logged(found, name) for name, found in dimensions.items()}
    pairs = figures.get("profession_region")
    printed = _edition(content, cells, None if pairs is None else _pairs_logged(pairs))
    of = {name: as_figure(found.get("of"), f"the number of cells by {name}") for name, found in dimensions.items()}
    return LoggedTally(printed, of, as_figure(figures.get("unread"), "how many events were not read"))


def read_printed(answer: Mapping[str, Any]) -> PrintedEdition:
    """The figures of an edition in the site's JSON. Raises `BadAnswer`."""
    cells = {name: _cells_shown(answer.get(f"by_{name}"), name) for name in DIMENSIONS_PRINTED}
    pairs = answer.get("by_profession_and_region")
    return _edition(answer, cells, None if pairs is None else _pairs_shown(pairs))


def read_step(answer: Mapping[str, Any]) -> PrintedStep:
    """An edition of the site's history. Raises `BadAnswer`."""
    changes = as_object(answer.get("changes"), "the changes")
    least = {"signatures": 0, "withdrawn": 0, "voided": 0, "total": -(10**12)}
    moved = {name: as_figure(changes.get(name), f"the change of {name}", low) for name, low in least.items()}
    reasons = as_object(answer.get("reasons"), "the reasons")
    head = answer.get("log")
    return PrintedStep(
        read_printed(answer),
        moved,
        {reason: as_figure(count, f"the number of {in_short(reason)}") for reason, count in reasons.items()},
        None if head is None else _head_of(as_object(head, "the log's head")),
    )


def _edition(found: Mapping[str, Any], cells: Mapping[str, PrintedCells], pairs: PrintedPairs | None) -> PrintedEdition:
    released_at = as_text(found.get("released_at"), "the moment of release")
    if not _MOMENT.fullmatch(released_at):
        raise BadAnswer(f"Found {in_short(released_at)} as the moment of release: expected one in UTC, to the second.")
    signatures, withdrawn, voided, total = (
        as_figure(found.get(name), name) for name in ("signatures", "withdrawn", "voided", "total")
    )
    number = as_figure(found.get("edition"), "the edition", 1)
    return PrintedEdition(number, released_at, signatures, withdrawn, voided, total, cells, pairs)


def _cells_logged(found: Mapping[str, Any], name: str) -> PrintedCells:
    shown = as_object(found.get("shown"), f"the cells by {name}")
    if len(shown) > MOST_CELLS:
        raise BadAnswer(f"There are {len(shown)} cells by {name}: expected at most {MOST_CELLS}.")
    rest = found.get("rest")
    counts = {code: as_figure(count, f"the cell {in_short(code)}") for code, count in shown.items()}
    return PrintedCells(counts, None if rest is None else _span_of(rest, name))


def _cells_shown(found: object, name: str) -> PrintedCells:
    shown: dict[str, int] = {}
    rest: Span | None = None
    for cell in as_list(found, f"the cells by {name}", MOST_CELLS):
        code = as_object(cell, f"a cell by {name}").get("code")
        if code is None and rest is None:
            rest = _span_of(cell.get("range"), name)
        elif isinstance(code, str) and code not in shown:
            shown[code] = as_figure(cell.get("count"), f"the cell {in_short(code)}")
        else:
            raise BadAnswer(f"Found {in_short(code)} as a cell by {name}: expected codes, each once.")
    return PrintedCells(shown, rest)


def _span_of(value: object, name: str) -> Span:
    span = as_list(value, f"the rest by {name}", 2)
    if len(span) != 2:
        raise BadAnswer(f"Found {in_short(span)} as the rest by {name}: expected two numbers.")
    return as_figure(span[0], "the least"), as_figure(span[1], "the most")


def _pairs_logged(value: object) -> PrintedPairs:
    found = as_object(value, "the pairs")
    return PrintedPairs(as_figure(found.get("pairs"), "how many pairs"), as_text(found.get("sha256"), "their hash"))


def _pairs_shown(value: object) -> PrintedPairs:
    pairs = [as_object(pair, "a pair") for pair in as_list(value, "the pairs", MOST_CELLS)]
    listed = [
        (_code(pair, "profession"), _code(pair, "region"), as_figure(pair.get("count"), "a pair")) for pair in pairs
    ]
    counts = {(profession, region): count for profession, region, count in listed}
    if len(counts) < len(listed):
        raise BadAnswer("A pair stands there twice.")
    return PrintedPairs(len(listed), str(hashed_pairs(listed)["sha256"]), counts)


def _code(pair: Mapping[str, Any], side: str) -> str:
    return as_text(as_object(pair.get(side), f"the {side} of a pair").get("code"), "a code")


def _head_of(found: Mapping[str, Any]) -> PrintedHead:
    checkpoint = found.get("checkpoint")
    return PrintedHead(
        as_text(found.get("origin"), "the log's origin"),
        as_text(found.get("key"), "the log's key"),
        as_figure(found.get("size"), "the log's size"),
        as_text(found.get("root"), "the log's root"),
        None if checkpoint is None else as_text(checkpoint, "the checkpoint"),
    )
