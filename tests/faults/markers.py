"""Words that stand nowhere else, and the search for them in whatever form a file could hold them."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

STEM = "zvkomarker"
"""Every marker holds this, in small letters; so a file without it, in any form, holds no marker."""


@dataclass(frozen=True)
class Finding:
    """A file that holds a marker, or only its stem when `marker` is empty."""

    file: Path
    marker: str


def search(folders: Iterable[Path], markers: Iterable[str]) -> tuple[list[Finding], int]:
    """Look into every file below the folders; return what was found, and how many bytes were read."""
    forms = {marker: forms_of(marker) for marker in markers}
    stems = set(_encoded(STEM))
    findings, size = [], 0
    for file in files_below(folders):
        content = file.read_bytes()
        size += len(content)
        if any(form in content for form in stems):
            held = [marker for marker, known in forms.items() if any(form in content for form in known)]
            findings += [Finding(file, marker) for marker in held or [""]]
    return findings, size


def files_below(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def forms_of(text: str) -> set[bytes]:
    """The text as typed and folded: in UTF-8 and UTF-16, hexadecimal, base64, and as forms and JSON escape it."""
    return {form for written in (text, text.casefold()) for form in _encoded(written)}


def _encoded(text: str) -> Iterator[bytes]:
    for plain in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        yield from _base64(plain)
    for safe in ("", "@"):
        yield quote(text, safe=safe).encode()
        yield quote(text, safe=safe).replace("%20", "+").encode()
    yield json.dumps(text)[1:-1].encode()


def _base64(plain: bytes) -> Iterator[bytes]:
    """What base64 makes of these bytes wherever they begin in a longer text."""
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(plain)) * 8 // 6
        whole = bytes(before) + plain
        yield base64.b64encode(whole)[first:last]
        yield base64.urlsafe_b64encode(whole)[first:last]
