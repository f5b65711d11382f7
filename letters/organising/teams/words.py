"""Refusals about teams and their letters' keys, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.teams.keys import NamesClosed, NobodySeesNames
from letters.organising.teams.members import LastKey, LastOwner, NoSuchMember, NothingToShare
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    LastKey: _("Nobody else could open the names of your letters then. Share them with another member first."),
    LastOwner: _("A team needs an owner. Make another member an owner first."),
    NamesClosed: _("Your account cannot open the names under this letter. Ask a colleague who can to share them."),
    NobodySeesNames: _("Nobody in the team may see names, so nobody could open them. Let one member see names first."),
    NoSuchMember: _("This person does not belong to the team any more."),
    NothingToShare: _("You cannot open all names yourself, so you cannot share them. Ask a member who can."),
}
