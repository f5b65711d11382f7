"""About how long a download takes and how large it is; measured by benchmarks/exporting.py and written down here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from letters.organising.handover.downloads import Form


@dataclass(frozen=True)
class Pace:
    """Bytes of one signature, and signatures a second on a machine of 2 cores."""

    size: int
    rate: int


PACES: Mapping[Form, Pace] = {
    Form.CSV: Pace(130, 4_000),
    Form.JSONL: Pace(240, 4_000),
    Form.XLSX: Pace(70, 3_500),
    Form.SEALED: Pace(3_100, 8_000),
}


@dataclass(frozen=True)
class Estimate:
    """What to expect of a download, rounded up."""

    megabytes: int
    minutes: int


def expect(form: Form, total: int) -> Estimate:
    """How large a download of so many signatures becomes, and how long it takes where the line is no narrower."""
    pace = PACES[form]
    return Estimate(-(-total * pace.size // 1_000_000), -(-total // (pace.rate * 60)))
