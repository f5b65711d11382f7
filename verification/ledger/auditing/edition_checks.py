"""Whether the editions in the log add up: their leaves, their tallies, their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.ledger.auditing.answers import BadAnswer, as_figure, as_object
from verification.ledger.auditing.cell_rules import CellPolicy, cell_findings
from verification.ledger.auditing.findings import Code, Finding
from verification.ledger.auditing.log_reading import LoggedEdition, LogReading
from verification.ledger.auditing.printed import LoggedTally, PrintedEdition, read_tally

COUNTED = ("signatures", "withdrawn", "voided")


@dataclass(frozen=True)
class CheckedEdition:
    """An edition's leaves, and its tally as far as it can be read."""

    number: int
    leaves: LoggedEdition
    tally: LoggedTally | None


@dataclass
class EditionChecks:
    """The editions of a log in their order, by number, and what is wrong with them."""

    findings: list[Finding] = field(default_factory=list)
    editions: dict[int, CheckedEdition] = field(default_factory=dict)
    before: int = 0
    """How many editions there were before the log began."""
    policy: CellPolicy | None = None
    """The rules of figures, None where leaf 0 does not say them."""
    start: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    """What those had counted."""

    @property
    def newest(self) -> int:
        return self.before + len(self.editions)

    @property
    def start_total(self) -> int:
        return self.start["signatures"] - self.start["withdrawn"] - self.start["voided"]

    def printed(self, number: int) -> PrintedEdition | None:
        """What the log says that an edition prints."""
        found = self.editions.get(number)
        return found.tally.printed if found and found.tally else None


def check_editions(reading: LogReading) -> EditionChecks:
    """Count the leaves of every edition and hold its tally against them and against the letter's rules."""
    checks = EditionChecks()
    policy = checks.policy = _begun(reading.beginning, checks)
    counted, moment = checks.start, ""
    for number, leaves in enumerate(reading.editions, start=checks.before + 1):
        counted = _added(counted, leaves)
        tally = _tally_of(number, leaves, checks)
        checks.editions[number] = CheckedEdition(number, leaves, tally)
        if tally:
            checks.findings += _tally_findings(number, tally.printed, counted, moment)
            checks.findings += cell_findings(tally, policy) if policy else ()
            moment = max(moment, tally.printed.released_at)
    if reading.loose > 0:
        said = f"The last {reading.loose} leaves of the log belong to no edition: expected a tally after them."
        checks.findings.append(Finding(Code.EDITION_WITHOUT_TALLY, said))
    return checks


def _begun(beginning: Mapping[str, Any] | None, checks: EditionChecks) -> CellPolicy | None:
    """Take from leaf 0 what was counted before the log; returns the rules of figures, None where they are not known."""
    if beginning is None:
        return None
    try:
        before = as_object(beginning.get("before"), "what was counted before the log")
        checks.before = as_figure(before.get("edition"), "the last edition before the log")
        checks.start = {name: as_figure(before.get(name), f"{name} before the log") for name in COUNTED}
        return CellPolicy.of(beginning)
    except BadAnswer as wrong:
        checks.findings.append(Finding(Code.BAD_BEGINNING, f"Leaf 0 is not as expected. {wrong}"))
        return None


def _added(counted: Mapping[str, int], leaves: LoggedEdition) -> Mapping[str, int]:
    new = {"signatures": leaves.signatures, "withdrawn": leaves.withdrawn, "voided": leaves.voided}
    return {name: counted[name] + new[name] for name in COUNTED}


def _tally_of(number: int, leaves: LoggedEdition, checks: EditionChecks) -> LoggedTally | None:
    try:
        return read_tally(leaves.content)
    except BadAnswer as wrong:
        said = f"The tally of edition {number}, leaf {leaves.size - 1}, is not as expected. {wrong}"
        checks.findings.append(Finding(Code.BAD_TALLY, said))
        return None


def _tally_findings(number: int, printed: PrintedEdition, counted: Mapping[str, int], moment: str) -> Iterator[Finding]:
    if printed.edition != number:
        said = f"The tally after edition {number - 1} is that of edition {printed.edition}: expected {number}."
        yield Finding(Code.EDITION_ORDER, said)
    if printed.released_at < moment:
        said = f"Edition {number} was released at {printed.released_at}: expected no moment before {moment}."
        yield Finding(Code.TIME_RUNS_BACK, said)
    for name in COUNTED:
        if printed.figures[name] != counted[name]:
            said = f"The tally of edition {number} says {printed.figures[name]} {name}: expected {counted[name]}"
            yield Finding(Code.WRONG_SUM, f"{said}, as many as the leaves up to it.")
    total = counted["signatures"] - counted["withdrawn"] - counted["voided"]
    if printed.total != total:
        said = f"The tally of edition {number} has the total {printed.total}: expected {total}, which is"
        sums = " - ".join(str(counted[name]) for name in COUNTED)
        yield Finding(Code.WRONG_TOTAL, f"{said} signatures - withdrawn - voided = {sums} by the leaves.")
