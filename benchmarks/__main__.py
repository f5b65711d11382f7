"""`make bench`: measure, print, and write what was measured into the documents. ONLY=reading,writing picks parts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.appending import measure as measure_appending
from benchmarks.auditing import measure as measure_auditing
from benchmarks.country.report import measure as measure_country
from benchmarks.dashboard import measure as measure_dashboard
from benchmarks.exporting import measure as measure_exporting
from benchmarks.ground import Ground, ground
from benchmarks.laid import measure as measure_laid
from benchmarks.languages import measure as measure_languages
from benchmarks.mail_drain import measure as measure_mail
from benchmarks.memory import measure as measure_memory
from benchmarks.mixing import measure as measure_mixing
from benchmarks.reading import measure as measure_reading
from benchmarks.recounting import measure as measure_recounting
from benchmarks.releasing import measure as measure_releasing
from benchmarks.tables import Measured, overheard, renew
from benchmarks.voiding import measure as measure_voiding
from benchmarks.weighing import measure as measure_weights
from benchmarks.weight import measure as measure_weight
from benchmarks.writing import measure as measure_writing

DOCS = Path(__file__).resolve().parent.parent / "docs"
ELSEWHERE = {"country": "scaling.md", "weights": "scaling.md"}
"""The parts whose tables do not stand in `benchmarks.md`."""

PARTS: Mapping[str, Callable[[Ground], None]] = {
    "reading": measure_reading,
    "laid": measure_laid,
    "weight": measure_weight,
    "weights": measure_weights,
    "releasing": measure_releasing,
    "recounting": measure_recounting,
    "writing": measure_writing,
    "mixing": measure_mixing,
    "country": measure_country,
    "memory": measure_memory,
    "languages": measure_languages,
    "mail": lambda _: measure_mail(),
    "auditing": lambda _: measure_auditing(),
    "appending": lambda _: measure_appending(),
    "dashboard": lambda _: measure_dashboard(),
    "voiding": lambda _: measure_voiding(),
    "exporting": lambda _: measure_exporting(few=20_000, many=100_000),
}
"""In the order in which they are measured; the worker whose memory is looked at has done what stands before."""


def main(chosen: str) -> int:
    """Measure the chosen parts, all when none is named; what they print goes into the document."""
    names = chosen.split(",") if chosen else list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        print(f"There is no part {', '.join(unknown)}; choose among: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    with ground() as place:
        for name in (name for name in PARTS if name in names):
            _measure(name, place)
    return 0


def _measure(name: str, place: Ground) -> None:
    print(f"\n{name}\n")
    load, start = os.getloadavg()[0], time.monotonic()
    printed = overheard(lambda: PARTS[name](place))
    said = f"{os.cpu_count()} cores, load before it {load:.1f}, {time.monotonic() - start:.0f} s"
    measured = Measured(name, printed, datetime.now(UTC).date(), said)
    if "BENCH_DRY" not in os.environ:
        document = DOCS / ELSEWHERE.get(name, "benchmarks.md")
        document.write_text(renew(document.read_text(), measured))


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "")))
