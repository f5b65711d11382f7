"""Links in pages of a mirror: relative ones that end in files, so that they work at any path, and from a disk."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

_TAG = re.compile(r"""<[a-z][a-z0-9]*(?:\s+[a-zA-Z:_-]+(?:="[^"]*")?)*\s*/?>""", re.IGNORECASE)
"""A whole tag; text holds no `<`."""

_LINK = re.compile(r'\s(href|src)="(/[^"]*)"')
_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>\s*", re.IGNORECASE | re.DOTALL)
_CHARSET = '<meta charset="utf-8">'

SAFE = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'\">\n"
    '  <meta name="referrer" content="no-referrer">'
)
"""What a server of files does not say in headers."""


@dataclass(frozen=True)
class Links:
    """`file_of` knows the file in the mirror for a path of the site; whatever has none is left at `site`."""

    site: str
    file_of: Callable[[str], str | None]

    def rewritten(self, html: str, file: str) -> str:
        """The page that is to be written as `file`, without scripts."""
        plain = _SCRIPT.sub("", html).replace(_CHARSET, f"{_CHARSET}\n  {SAFE}", 1)
        return _TAG.sub(lambda tag: _LINK.sub(lambda link: self._link(link, file), tag[0]), plain)

    def _link(self, link: re.Match[str], file: str) -> str:
        name, (place, mark, fragment) = link[1], unescape(link[2]).partition("#")
        elsewhere = place.startswith("//")
        target = None if elsewhere else self.file_of(place)
        if target is not None:
            place = posixpath.relpath(target, posixpath.dirname(file) or ".")
        elif name == "href":
            before = self.site.partition("/")[0] if elsewhere else self.site
            place = f"{before}{place}"  # on a disk //host alone would be a share on that machine
        else:
            return ""  # a copy loads nothing from elsewhere
        return f' {name}="{escape(place + mark + fragment)}"'
