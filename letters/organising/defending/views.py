"""Signatures as the pages of this area show them, in the organiser's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from letters.models.signatures import SignatureState
from letters.organising.defending.looking import Line
from letters.organising.defending.words import DISPLAYS, STANDINGS, STATES, SUSPICIONS
from letters.signing.pending import Identity
from letters.vocabularies.spoken import Labels

DECIDABLE = (SignatureState.CONFIRMED, SignatureState.HELD)
"""States of signatures about which an organiser can still decide."""


@dataclass(frozen=True)
class SignatureView:
    """One signature in a list; `id` is hexadecimal, `batch` the voiding that can still be undone.

    `who` is there on the page of names only, where `closed` says why a name could not be opened.
    """

    id: str
    about: str
    facts: Sequence[str]
    state: str
    held_for: str
    batch: int | None
    decidable: bool
    who: Identity | None = None
    closed: str = ""


Identities = Mapping[bytes, Identity | None]
"""Opened identities by signature: None for a damaged one, none at all where it is erased."""


def signature_view(line: Line, labels: Labels, identities: Identities | None = None) -> SignatureView:
    """A line in words."""
    about = ", ".join(filter(None, (labels.profession(line.profession), labels.region(line.region))))
    return SignatureView(
        id=line.id.hex(),
        about=about[:1].upper() + about[1:] or _("Profession and region are erased"),
        facts=_facts(line),
        state=str(STATES[line.state]),
        held_for=str(SUSPICIONS[line.held_for]) if line.held_for and line.state is SignatureState.HELD else "",
        batch=line.batch,
        decidable=line.state in DECIDABLE,
        who=identities.get(line.id) if identities else None,
        closed=_closed(line, identities) if identities is not None else "",
    )


def _facts(line: Line) -> list[str]:
    facts = [_counted(line)] if line.state is not SignatureState.HELD else []
    if line.state is SignatureState.WITHDRAWN:
        return facts
    return [str(DISPLAYS[line.display]), str(STANDINGS[line.standing]), *facts]


def _counted(line: Line) -> str:
    if line.released is not None:
        return str(_("counted since edition %(number)s", number=line.released))
    if line.state is SignatureState.CONFIRMED:
        return str(_("waits for the next edition"))
    return str(_("never counted"))


def _closed(line: Line, identities: Identities) -> str:
    if line.id not in identities:
        return str(_("The name is erased."))
    return "" if identities[line.id] else str(_("The name is damaged and cannot be opened."))
