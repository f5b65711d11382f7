"""What a page needs besides itself: its style sheet, fonts, scripts and icon, laid down beside the pages.

An address with a version in its query, as the pages have it, leads to the file of that version and no other: a browser
keeps it for a year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from letters.laying.pages import ENDINGS
from letters.settings import ROOT
from letters.web.encodings import BR, GZIP, encoded

COMPRESSED = frozenset({".css", ".js", ".svg", ".ico"})
"""What has its version in its query."""

FONTS = ".woff2"
"""They are compressed by themselves, and their folder names their version."""


def asset_files(folder: Path = ROOT / "static") -> Iterator[tuple[str, bytes]]:
    """The files of the place `static`: the version's folder (`-` for fonts), then the path below /static/."""
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.suffix == FONTS:
            yield f"-/{path}", file.read_bytes()
        elif file.suffix in COMPRESSED:
            body = file.read_bytes()
            yield from _compressed(f"{hashlib.sha256(body).hexdigest()[:12]}/{path}", body)


def _compressed(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    yield path, body
    for encoding in (BR, GZIP):
        smaller = encoded(body, encoding)
        if len(smaller) < len(body):
            yield path + ENDINGS[encoding], smaller
