"""Whether an address is one where the organisers say that their letter is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from verification.errors import Refusal
from verification.ledger.auditing.fetching import NOT_THERE, BadStatus, Site
from verification.ledger.auditing.findings import Code, Finding
from verification.ledger.notes import LONGEST_NOTE, Note, UnknownKey, VerifierKey, WrongSignature
from verification.ledger.official import AddressList, open_addresses, parse_addresses, plain_official


@dataclass
class Official:
    """What came of asking for the list; `note` is the newest one that is known, "" for none. A `copied` letter is at
    another address than its site's own, and may be an older one. `languages` are the letter's."""

    note: str = ""
    copied: bool = False
    languages: Sequence[str] = ()
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def ask_addresses(site: Site, key: VerifierKey, known: str, languages: Sequence[str] = ()) -> Official:
    """Ask for the letter's signed list and hold it against the one that was seen before and the address in hand.

    Raises `Unreachable`.
    """
    official = Official(known, _is_copy(site, key.name, _known(known)), languages)
    try:
        text = site.get(f"/letters/{site.address.slug}/addresses.txt", LONGEST_NOTE).decode("utf-8", "replace")
    except BadStatus as wrong:
        _missing(official, site, key.name, wrong)
        return official
    try:
        found = open_addresses(text, key)
    except (UnknownKey, WrongSignature) as wrong:
        said = f"The list of official addresses is not signed by the log's key. {wrong}"
        official.findings.append(Finding(Code.WRONG_ADDRESSES, said))
    except Refusal as wrong:
        said = f"The list of official addresses cannot be read. {wrong}"
        official.findings.append(Finding(Code.UNREADABLE_ADDRESSES, said))
    else:
        official.copied = _is_copy(site, key.name, _known(known) or found)
        _take_list(official, site, text, found)
    return official


def _missing(official: Official, site: Site, log: str, wrong: BadStatus) -> None:
    known = _known(official.note)
    if wrong.status not in NOT_THERE:
        said = f"The list of official addresses cannot be read. {wrong}"
        official.findings.append(Finding(Code.UNREADABLE_ADDRESSES, said))
    elif known is None:
        _unlisted(official, site, log)
    else:
        if official.copied:  # it may have been made before there was one
            official.notes.append(f"The copy has no list of official addresses; list {known.number} is known.")
        else:
            said = "The site has no list of official addresses, and had one when it was seen before."
            official.findings.append(Finding(Code.NO_ADDRESSES, said))
        _place(official, site, known)


def _unlisted(official: Official, site: Site, log: str) -> None:
    """Nobody has ever seen a list: leaving it out is not to help an impostor, nor to accuse a site from before there
    were any, at the address where its log began.

    A mirror is no exception: with a mirror.json besides an impostor would pass again.
    """
    began_here = site.address.origin == log and not (site.mirror and site.mirror.root)
    if began_here or site.address.on_this_machine:
        official.notes.append("The site has no signed list of official addresses: nobody can tell it from an impostor.")
        return
    said = f"This address is on no signed list of official addresses, as the site has none, and the log began at {log}"
    official.findings.append(
        Finding(Code.NO_ADDRESSES, f"{said}. Take it for an impostor's until it has one; a mirror has to be made anew.")
    )


def _take_list(official: Official, site: Site, text: str, found: AddressList) -> None:
    known = _known(official.note)
    if known and found.number < known.number and official.copied:
        official.notes.append(f"The copy has list {found.number} of official addresses; list {known.number} is known.")
        found = known
    else:
        official.findings += _order(found, known)
        official.note = text
    _place(official, site, found)


def _is_copy(site: Site, log: str, listed: AddressList | None = None) -> bool:
    """Whether a mirror is one of another address than its own. What a site says of itself does not make it one: its own
    address is the first on the list, and where there is none, the one that it names or at which the log began."""
    address, mirror = site.address, site.mirror
    if mirror is None or not address.may_be_live:
        return mirror is not None
    if listed:
        return address.url != listed.addresses[0]
    return address.site != mirror.of and address.origin != log


def _known(note: str) -> AddressList | None:
    """The list in a note that was opened once."""
    try:
        return parse_addresses(Note.parse(note).text) if note else None
    except Refusal:
        return None


def _order(found: AddressList, known: AddressList | None) -> Iterator[Finding]:
    if known and found.number < known.number:
        said = f"The site shows list {found.number} of official addresses, and list {known.number} was seen before."
        yield Finding(Code.OLD_ADDRESSES, f"{said} It was set back, or this is a copy.")
    elif known and found.number == known.number and found != known:
        said = f"Two different lists of official addresses have the number {found.number}. Keep both as proof."
        yield Finding(Code.FORKED_ADDRESSES, said)


def _place(official: Official, site: Site, found: AddressList) -> None:
    listed = f"the organisers' signed list of official addresses (list {found.number} of {found.day})"
    if _written(site, official.languages) & set(found.addresses):
        official.notes.append(f"This address is on {listed}.")
    elif site.address.on_this_machine:
        official.notes.append(f"This address is not on {listed}, as it is one of your own machine.")
    else:
        said = f"This address is not on {listed}. The letter is at: {', '.join(found.addresses)}."
        official.findings.append(Finding(Code.IMPOSTOR, said))


def _written(site: Site, languages: Sequence[str]) -> set[str]:
    """How a list may write the address in hand: a letter's page, perhaps in one of its languages, or the root of a
    mirror or of a whole host."""
    own, root = site.address, site.mirror.root if site.mirror else ""
    folders = (root, own.before, *(f"{root}/{language}" for language in languages))
    places = (root, *(f"{folder}/letters/{own.slug}" for folder in folders))
    try:
        return {plain_official(f"{own.site}{place}") for place in places}
    except Refusal:
        return set()
