"""Which pages are laid down: where the application has them, where their files lie, and what the proxy says of them.

A file's name is its variant: `en` for an address that begins with /en, `as-en` for one without a language asked by a
browser that prefers English, `as-any` for whoever names no language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from werkzeug.datastructures import Headers

from letters.api.resource import JSON
from letters.api.routes import ROOT as API
from letters.models.values import Letter
from letters.reading.pages import BADGE_POLICY
from letters.web.encodings import BR, GZIP
from letters.web.headers import ALWAYS
from letters.web.pages import FRESH, HTML, VARY

ENDINGS: Mapping[str, str] = {GZIP: ".gz", BR: ".br"}
"""What the proxies look for beside a file."""

_SHARED = {**ALWAYS, "Cache-Control": f"public, max-age={FRESH}", "Vary": VARY}

_OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}

SAID: Mapping[str, Mapping[str, str]] = {
    "html": {**_SHARED, "Content-Type": HTML},
    "json": {**_SHARED, **_OPEN, "Content-Type": JSON},
    "svg": {
        **_SHARED,
        "Content-Type": "image/svg+xml",
        "Content-Security-Policy": BADGE_POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
    },
}
"""By kind of file, what deploy/nginx.conf and deploy/Caddyfile say of it, apart from what each file says for itself."""

OF_EACH_FILE = frozenset({"etag", "content-length", "content-encoding"})

_PLACES = ("", "/check-mail", "/count", "/signatories", "/institutions", "/log")


@dataclass(frozen=True)
class LaidPage:
    """One page: what to ask the application, and the path of its file in the folder of its place."""

    path: str
    file: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.file.rpartition(".")[2]


def is_as_the_proxy_says(page: LaidPage, headers: Headers) -> bool:
    """Whether an answer has exactly the headers that the proxy gives to a file of this kind."""
    found = {name.lower(): value for name, value in headers.items() if name.lower() not in OF_EACH_FILE}
    return found == {name.lower(): value for name, value in SAID[page.kind].items()}


def home_pages(languages: Sequence[str]) -> list[LaidPage]:
    """The list of letters in every variant."""
    return [LaidPage(f"{prefix}/", f"{name}.html", headers) for prefix, name, headers in _variants(languages)]


def letter_pages(letter: Letter, languages: Sequence[str]) -> list[LaidPage]:
    """A letter's pages in every variant; `languages` are those that the letter and the site speak."""
    own, current = f"/letters/{letter.slug}", f"/editions/{letter.number}"
    places = (*_PLACES, current) if letter.number else _PLACES
    variants = _variants(languages)
    pages = [
        LaidPage(f"{prefix}{own}{place}", f"{place}/{name}.html".lstrip("/"), headers)
        for place, (prefix, name, headers) in product(places, variants)
    ]
    badges = [LaidPage(f"{prefix}{own}/badge.svg", f"badge/{name}.svg", headers) for prefix, name, headers in variants]
    counts = [
        LaidPage(f"{API}{own}/count", f"api/{name}.json", headers) for prefix, name, headers in variants if not prefix
    ]
    return pages + badges + counts


def _variants(languages: Sequence[str]) -> list[tuple[str, str, Mapping[str, str]]]:
    """Beginning of the address, name of the file, headers to ask with."""
    variants: list[tuple[str, str, Mapping[str, str]]] = [("", "as-any", {})]
    for code in languages:
        variants += ((f"/{code}", code, {}), ("", f"as-{code}", {"Accept-Language": code}))
    return variants
