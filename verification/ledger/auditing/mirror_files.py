"""A static mirror of a site: which file there has what the site answers at a path, and what the mirror says of itself.

Whoever makes a mirror and whoever audits one read the same rules here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from verification.ledger.auditing.answers import BadAnswer, as_figure, as_list, as_object, as_text, parsed_object

MIRROR_FORMAT = "undersigned mirror 1"
MIRROR_FILE = "mirror.json"
OWN = "own"
"""Its field that lists what in the root is the mirror's own; all else there is somebody else's."""

MIRROR_BYTES = 1024 * 1024
"""Bytes in the longest mirror.json that is read."""

MOST_MIRRORED = 10_000
"""Letters on the largest mirror that is read."""

_ROOTS = ("", "../")
"""Where a mirror's root is from one of its mirror.json: beside it, or above the folder of a language."""

_AS_IT_IS = re.compile(r".*/log/(?:checkpoint|tile/.*)|.*/[^/]+\.[^/]+")


@dataclass(frozen=True)
class Mirror:
    """A mirror below the path `root` of its host, as it says of itself: the address of the site that it is a copy of,
    the day when it was made, and each letter's edition then."""

    root: str
    of: str
    made_on: str
    editions: Mapping[str, int]

    def path_of(self, path: str) -> str:
        """Where on this host stands what the site answers at a path."""
        return f"{self.root}/{mirrored_file(path)}"


def mirrored_file(path: str) -> str:
    """The file below a mirror's root for a path of the site: pages are the index.html of a folder, JSON ends in .json,
    the second page of a list is page-2, everything else is called as it is."""
    place, _mark, query = path.partition("?")
    page = query.removeprefix("page=")
    place = place.strip("/") + (f"/page-{page}" if page not in ("", "1") else "")
    if place.startswith("api/"):
        return f"{place}.json"
    if _AS_IT_IS.fullmatch(f"/{place}"):
        return place
    return f"{place}/index.html".lstrip("/")


def read_own(data: bytes) -> frozenset[str]:
    """What a mirror.json says is the mirror's own in its root. Raises `BadAnswer` where it does not say."""
    return frozenset(as_text(name, "a name") for name in as_list(parsed_object(data).get(OWN), "the mirror's own"))


def read_mirror(data: bytes, before: str) -> Mirror:
    """Read the mirror.json in the folder `before`. Raises `BadAnswer` for what is none."""
    found = parsed_object(data)
    if found.get("format") != MIRROR_FORMAT or found.get("root") not in _ROOTS:
        raise BadAnswer(f"It does not say that it is an {MIRROR_FORMAT!r}.")
    letters = [as_object(one, "a letter") for one in as_list(found.get("letters"), "the letters", MOST_MIRRORED)]
    return Mirror(
        before.rpartition("/")[0] if found["root"] else before,
        as_text(found.get("of"), "the site"),
        as_text(found.get("made_on"), "the day"),
        {as_text(one.get("letter"), "a letter"): as_figure(one.get("edition"), "its edition") for one in letters},
    )
