"""What an organiser reads when something is refused, in their language: by outcome, never the exception's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from letters.organising.accounts.words import SAID as ACCOUNTS
from letters.organising.addressing.words import SAID as ADDRESSING
from letters.organising.defending.words import SAID as DEFENDING
from letters.organising.drafting.words import SAID as DRAFTING
from letters.organising.handover.refusals import SAID as HANDOVER
from letters.organising.sampling.words import SAID as SAMPLING
from letters.organising.standing.words import SAID as STANDING
from letters.organising.teams.words import SAID as TEAMS
from letters.organising.updating.words import SAID as UPDATING
from letters.organising.workspace.access import NotAllowed
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    **ACCOUNTS,
    **DRAFTING,
    **TEAMS,
    **STANDING,
    **DEFENDING,
    **UPDATING,
    **HANDOVER,
    **SAMPLING,
    **ADDRESSING,
    NotAllowed: lazy_gettext("Your role in the team does not allow this. Ask an owner of the team."),
}
"""By outcome, what it says; a more general one stands for all that are special cases of it."""


def says(refusal: Refusal) -> str:
    """The sentence for an outcome; one with a `reason` may have a sentence for each."""
    for kind in type(refusal).__mro__:
        said = SAID.get(kind)
        if isinstance(said, Mapping):
            return str(said[getattr(refusal, "reason", "")])
        if said is not None:
            return str(said)
    return _("This could not be done. Nothing was changed.")


def why_not(check: Callable[[], None]) -> str:
    """Why a check refuses; empty where it does not."""
    try:
        check()
    except Refusal as refusal:
        return says(refusal)
    return ""
