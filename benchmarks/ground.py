"""What the parts of one run stand on: one PostgreSQL, installations of several sizes on it, and their servers.

Each is made when a part asks for it first, and stays: the web worker whose memory is looked at last has done it all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crowds import crowd
from benchmarks.floors import write_page
from benchmarks.installation import SLUG, Installation, installed
from benchmarks.load import ask
from benchmarks.servers import Served, serving
from tests.parts.postgres import Postgres, running_postgres

PRODUCT = "letters.app:app_from_environment"
PAGE = f"/en/letters/{SLUG}"
SIZES = {"empty": 0, "hundred thousand": 100_000, "million": 1_000_000}
if "BENCH_MILLION" in os.environ:
    SIZES["million"] = int(os.environ["BENCH_MILLION"])


class Ground:
    """Installations by the names in `SIZES`; every other name is an empty one of its own."""

    def __init__(self, postgres: Postgres, folder: Path, stack: ExitStack) -> None:
        self._postgres, self._folder, self._stack = postgres, folder, stack
        self._places: dict[str, Installation] = {}
        self._served: dict[tuple[str, str], Served] = {}

    def place(self, name: str) -> Installation:
        """The installation of that name, with its crowd."""
        if name not in self._places:
            self._places[name] = self._stack.enter_context(installed(self._postgres))
            if many := SIZES.get(name, 0):
                crowd(self._places[name].runtime, SLUG, many)
        return self._places[name]

    def product(self, name: str, **changes: str) -> Served:
        """A server of the product on it; `changes` are settings in capitals without their prefix."""
        changed = {f"UNDERSIGNED_{key}": value for key, value in changes.items()}
        return self._serve(name, PRODUCT, changed)

    def bare(self, name: str) -> Served:
        """The floor for it: a bare Flask that answers the bytes of its letter's page, and writes rows beside it."""
        page = ask(self.product(name).port, PAGE)
        return self._serve(name, "benchmarks.floors:bare", write_page(self._folder / name, page))

    def _serve(self, name: str, target: str, changes: dict[str, str]) -> Served:
        key = (name, f"{target} {sorted(changes.items())}")
        if key not in self._served:
            environment = {**self.place(name).environment, **changes}
            self._served[key] = self._stack.enter_context(serving(target, environment))
        return self._served[key]


@contextmanager
def ground() -> Iterator[Ground]:
    """An empty one; everything on it is gone at the end."""
    with TemporaryDirectory() as folder, running_postgres(durable=True) as postgres, ExitStack() as stack:
        yield Ground(postgres, Path(folder), stack)
