"""Refusals about teams and their letters' keys, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.teams.keys import NamesClosed, NobodySeesNames
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    NamesClosed: _("Your account cannot open the names under this letter. Ask a colleague who can to share them."),
    NobodySeesNames: _("Nobody in the team may see names, so nobody could open them. Let one member see names first."),
}
