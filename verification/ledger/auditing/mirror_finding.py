"""Finding out whether an address is one of a static mirror, and which of its letters is meant."""

from __future__ import annotations

from dataclasses import replace

from verification.errors import Refusal
from verification.ledger.auditing.answers import BadAnswer
from verification.ledger.auditing.fetching import BadStatus, Site, Unreachable
from verification.ledger.auditing.findings import in_short
from verification.ledger.auditing.letter_address import BadAddress, LetterAddress
from verification.ledger.auditing.mirror_files import MIRROR_BYTES, MIRROR_FILE, Mirror, read_mirror


class WhichLetter(Refusal):
    """A mirror has several letters, and the address names none."""


def find_mirror(site: Site) -> Mirror | None:
    """The mirror that the address belongs to, None where it is a letter's own site. One file is asked for.

    Raises `Unreachable`, also when it can be neither.
    """
    before = site.address.before
    try:
        found = read_mirror(site.get(f"{before}/{MIRROR_FILE}", MIRROR_BYTES, exactly=True), before)
        if found.root == before or site.address.ends_in_language:
            return found  # another's folder beside a mirror is not to pass for the mirror
    except (BadStatus, BadAnswer):
        pass
    if site.address.may_be_live:
        return None
    where = in_short(f"{site.address.site}{before}/")
    raise Unreachable(f"{where} has no {MIRROR_FILE} and can be no letter's own site. Nothing was checked.")


def asked_letter(url: str, *, insecure: bool = False) -> LetterAddress:
    """The letter that an address leads to: one of its own, or that of a mirror with one letter.

    Raises `BadAddress` or `WhichLetter`.
    """
    try:
        return LetterAddress.parse(url, insecure=insecure)
    except BadAddress:
        root = LetterAddress.of_mirror(url, insecure=insecure)
        mirror = _mirror_at(root)
        if mirror is None:
            raise
    if len(mirror.editions) != 1:
        names = ", ".join(in_short(slug) for slug in list(mirror.editions)[:10]) or "none"
        raise WhichLetter(
            f"The mirror has these letters: {names}. Add the one you mean, as {url.rstrip('/')}/letters/…"
        )
    return replace(root, slug=next(iter(mirror.editions)))


def _mirror_at(root: LetterAddress) -> Mirror | None:
    site = Site(root)
    try:
        return find_mirror(site)
    except Unreachable:
        return None
    finally:
        site.close()
