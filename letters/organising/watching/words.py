"""Codes of the dashboard and the trail in an organiser's words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.models.standing import Gathered
from letters.models.teams import Role
from letters.organising.defending.words import BATCH_STATES, SUSPICIONS
from letters.organising.handover.downloads import Content
from letters.organising.watching.mails import Trouble
from letters.reading.decisions import REASONS

__all__ = ["BATCH_STATES", "REASONS", "SUSPICIONS", "TROUBLES", "reason_words"]

ROLES: Mapping[str, object] = {
    Role.OWNER: _("owner"),
    Role.EDITOR: _("editor"),
    Role.REVIEWER: _("reviewer"),
}

GATHERED: Mapping[str, object] = {
    Gathered.PAPER: _("on paper"),
    Gathered.EARLIER: _("collected elsewhere before"),
}

CONTENTS: Mapping[str, object] = {
    Content.NAMES: _("with names"),
    Content.SEALED: _("names sealed"),
    Content.PROOFS: _("entries of the log, without names"),
}

TROUBLES: Mapping[str, object] = {
    Trouble.RECIPIENT: _("refused by the recipient’s mail server"),
    Trouble.SERVER: _("our mail server could not take them for now"),
    Trouble.UNREACHABLE: _("our mail server could not be reached"),
    Trouble.OTHER: _("something else"),
}


def reason_words(code: str) -> str:
    """What a reason's code in the trail means; a code that is none of ours stands for itself."""
    return str({**SUSPICIONS, **REASONS, **ROLES, **GATHERED, **CONTENTS}.get(code, code))
