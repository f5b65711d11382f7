"""What pages of a mirror say instead of a form: of what they are a copy, and where to sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from letters.models.addresses import find_list, own_address
from letters.models.values import Letter
from letters.reading.address_pages import AddressView


@dataclass(frozen=True)
class CopiedLetter:
    """One letter on a mirror: its edition, 0 before the first, and its official addresses."""

    edition: int
    addresses: Sequence[AddressView]


@dataclass(frozen=True)
class Copied:
    """A mirror as its pages speak of it; templates know it as `mirror`, which is undefined on the site itself."""

    site: str
    made_on: date
    letters: Mapping[str, CopiedLetter]

    def of(self, slug: str) -> CopiedLetter:
        return self.letters[slug]


def copied_letter(session: Session, letter: Letter, base_url: str) -> CopiedLetter:
    """A letter as it is copied now."""
    found = find_list(session, letter.id)
    signed = found.signed if found else None
    urls = signed.addresses if signed else (own_address(base_url, letter.slug),)
    return CopiedLetter(letter.number, [AddressView.of(url) for url in urls])
