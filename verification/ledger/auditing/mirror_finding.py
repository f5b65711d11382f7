"""Finding out whether an address is one of a static mirror, and which of its letters is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from verification.errors import Refusal
from verification.ledger.auditing.answers import BadAnswer
from verification.ledger.auditing.fetching import BadStatus, Site, Unreachable
from verification.ledger.auditing.findings import Code, Finding, in_short
from verification.ledger.auditing.letter_address import BadAddress, LetterAddress
from verification.ledger.auditing.mirror_files import MIRROR_BYTES, MIRROR_FILE, Mirror, read_mirror, read_own


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


def check_folder(site: Site, mirror: Mirror, languages: Collection[str]) -> None:
    """Take a folder for a language's of the mirror above it only where the letter has that language, or where that
    mirror says that the folder is its own.

    Whoever has a folder of their own beside a mirror could call the mirror theirs, and its honest files would be read
    in place of what stands in that folder. Raises `Unreachable`.
    """
    address = site.address
    if mirror.root == address.before or address.folder in languages or address.folder in _own(site, mirror):
        return
    host = address.site
    said = f"{host}{address.before}/{MIRROR_FILE} says that this is a language's folder of the mirror above it, but the"
    spoken = f"letter's languages are {', '.join(in_short(language) for language in sorted(languages)[:10])}"
    there = f"{host}{mirror.root}/letters/{address.slug}"
    raise Unreachable(f"{said} {spoken}. Nothing was checked: give the letter's address there, {there}.")


def _own(site: Site, mirror: Mirror) -> Collection[str]:
    """What the mirror above a folder says is its own; nothing where it does not say."""
    try:
        return read_own(site.get(f"{mirror.root}/{MIRROR_FILE}", MIRROR_BYTES, exactly=True))
    except (BadStatus, BadAnswer):
        return ()


def own_folder_findings(address: LetterAddress, mirror: Mirror) -> Iterator[Finding]:
    """That the letter's own site calls one of its folders a mirror: the pages beside that folder would not be read."""
    if mirror.root:
        said = f"{address.site}{mirror.root}/{MIRROR_FILE} says that this folder is a mirror, and it is one of the"
        told = f"letter's own site, of which other pages were not read. Audit {address.url} instead."
        yield Finding(Code.UNREADABLE_PAGE, f"{said} {told}")


def asked_letter(url: str, *, insecure: bool = False) -> LetterAddress:
    """The letter that an address leads to: one of its own, or that of a mirror with one letter.

    Raises `BadAddress` or `WhichLetter`.
    """
    try:
        *nested, plain = LetterAddress.readings(url, insecure=insecure)
        return next((address for address in nested if _mirror_at(address)), plain)
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
