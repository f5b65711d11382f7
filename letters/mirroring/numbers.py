"""How much there is of a letter: pages of its lists, and tiles of its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from letters.models.values import Letter
from letters.publishing.listing import PAGE, list_entries
from letters.reading.institutions import list_institutions
from letters.web.site import Site
from verification.ledger.tiles import ENTRIES, WIDTH, TileAddress
from verification.ledger.trees import TILE_HEIGHT


@dataclass(frozen=True)
class Numbers:
    """Pages by endpoint; whatever is no list has one."""

    lists: Mapping[str, int]

    @classmethod
    def of(cls, site: Site, letter: Letter) -> Numbers:
        with site.runtime.reading() as session:
            names = 1
            if not letter.locked:
                names = list_entries(session, letter.id, 1, site.runtime.keyring.server("names")).pages
            institutions = list_institutions(session, letter.id, 1).pages
        editions = max(1, ceil(letter.number / PAGE))
        lists = {"signatories": names, "api.signatories": names, "institutions": institutions, "api.editions": editions}
        return cls(lists)

    def pages(self, endpoint: str) -> int:
        return self.lists.get(endpoint, 1)


def log_paths(letter: Letter) -> Iterator[str]:
    """Every tile and bundle of entries below the head of a letter's log."""
    size = letter.head.size if letter.head else 0
    levels = [level for level in range(ENTRIES, 8) if size >> TILE_HEIGHT * max(level, 0)]
    for level in levels:
        full, rest = divmod(size >> TILE_HEIGHT * max(level, 0), WIDTH)
        for number in range(full):
            yield f"/letters/{letter.slug}/log/{TileAddress(level, number, WIDTH).path}"
        if rest:
            yield f"/letters/{letter.slug}/log/{TileAddress(level, full, rest).path}"
