"""What a language that is switched on costs a web worker in memory."""

from __future__ import annotations

from statistics import median

from benchmarks.ground import PRODUCT, Ground
from benchmarks.load import ask
from benchmarks.servers import resident_megabytes, serving
from benchmarks.tables import head, line
from benchmarks.weight import PAGES, open_everywhere, refuse
from letters.vocabularies.languages import LANGUAGES

GOAL = 2.0
ALONE = "en"
FURTHER = ("/knows", f"{PAGES['letter']}/log", f"{PAGES['letter']}/addresses", f"{PAGES['letter']}/nothing-there")
ROUNDS = 3
"""How many workers each figure is the middle of."""


def measure(ground: Ground) -> None:
    """Print it for workers that have shown each kind of page, and a refused form, in every language that they speak.

    The letter has all languages; with one language switched on the others of its texts are not shown.
    """
    place = ground.place("spoken")
    place.runtime.settle(lambda session: open_everywhere(session, place.runtime))
    alone = median(_held(place.environment, [ALONE]) for _ in range(ROUNDS))
    everything = median(_held(place.environment, list(LANGUAGES)) for _ in range(ROUNDS))
    each = (everything - alone) / (len(LANGUAGES) - 1)
    head("web worker", f"{ALONE} alone MB", f"{len(LANGUAGES)} languages MB", "each further one MB", "goal under")
    line("resident memory", f"{alone:.1f}", f"{everything:.1f}", f"{each:.1f}", f"{GOAL:.0f}")


def _held(environment: dict[str, str], languages: list[str]) -> float:
    with serving(PRODUCT, {**environment, "UNDERSIGNED_LANGUAGES": ",".join(languages)}) as served:
        for language in languages:
            for path in (*PAGES.values(), *FURTHER):
                ask(served.port, f"/{language}{path}")
            refuse(f"http://127.0.0.1:{served.port}", language)
        return resident_megabytes(served.worker)
