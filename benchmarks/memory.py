"""What the web worker of a million signatures holds after all that the parts before have asked of it."""

from __future__ import annotations

from benchmarks.ground import PAGE, PRODUCT, Ground
from benchmarks.load import ask
from benchmarks.servers import resident_megabytes, serving
from benchmarks.tables import head, line

GOAL = 120


def measure(ground: Ground) -> None:
    """Print it beside a worker that has begun just now and answered one page."""
    with serving(PRODUCT, ground.place("million").environment) as fresh:
        ask(fresh.port, PAGE)
        idle = resident_megabytes(fresh.worker)
    after = resident_megabytes(ground.product("million").worker)
    head("web worker", "just begun MB", "after all of it MB", "goal under")
    line("resident memory", f"{idle:.0f}", f"{after:.0f}", f"{GOAL}")
