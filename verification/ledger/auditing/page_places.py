"""Which pages of a letter are read: those of its site, and on a mirror also what readers open there.

What a server of files shows where index.html is left away need not be that file. So every page of a mirror is read both
ways, whoever says that it is one: a letter's own site may be laid down as files too, and as any other it is not
believed that readers are shown those files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from verification.ledger.auditing.fetching import Site
from verification.ledger.auditing.letter_address import LetterAddress

ENDINGS = ("", "/")
"""How readers of a mirror write a page's address who leave index.html away."""


@dataclass(frozen=True)
class Place:
    """A page at a path of the host. Of the letter's text it has the one in a `language`, "" for whichever, None for no
    text. `absent` is what is noted where it is not there; "" if it has to be."""

    what: str
    path: str
    language: str | None
    absent: str = ""

    @property
    def where(self) -> str:
        """Where the letter's text stands."""
        own = self.what.removeprefix("letter's ")
        return f"the {own}" if own == self.what else f"its {own}"


def page_places(site: Site, languages: Sequence[str], edition: int) -> list[Place]:
    """The pages to be read, in these languages of the letter and of this edition, 0 for none; each path once."""
    address, mirror = site.address, site.mirror
    places = list(_on_site(address, languages, edition))
    if mirror:
        files = [replace(place, path=mirror.path_of(place.path)) for place in places]
        places = [*files, *(opened for place in places for opened in _opened(mirror.root, place))]
    if address.named:
        places.append(_named(site, languages))
    first: dict[str, Place] = {}
    for place in places:
        first.setdefault(place.path, place)
    return list(first.values())


def unread(address: LetterAddress) -> str:
    """What is noted of an address that is none of a page which is read; "" where it is one."""
    if address.named:
        return ""
    return "The page that was named is not read itself: checked are the letter's page and its count page."


def _on_site(address: LetterAddress, languages: Sequence[str], edition: int) -> Iterator[Place]:
    own = f"/letters/{address.slug}"
    if edition:
        yield Place("newest edition's page", f"{own}/editions/{edition}", None)
    yield Place("count page", f"{own}/count", None)
    yield Place("letter's page without a language", own, "")
    for language in languages:
        absent = f"The site has no page in {language}: only its JSON shows that text."
        yield Place(f"letter's page in {language}", address.page(language), language, absent)


def _opened(root: str, place: Place) -> Iterator[Place]:
    """A page of a mirror as readers open it; stores of files may have nothing there."""
    absent = "Not all pages of this mirror are there without index.html: links have to lead to index.html."
    for ending in ENDINGS:
        path = f"{root}{place.path}{ending}"
        yield Place(f"page at {path}", path, place.language, absent)


def _named(site: Site, languages: Sequence[str]) -> Place:
    """The page that was given to be audited, whatever else is read; a mirror's own folder may be called en, too."""
    address = site.address
    whole = site.mirror is not None and site.mirror.root == address.before
    language = address.folder if address.folder in languages and not whole else ""
    absent = "The page that was named is not there: the letter's page and its count page were read in its place."
    return Place(f"page at {address.named}", address.named, None if address.names_count else language, absent)
