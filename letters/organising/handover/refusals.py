"""Refusals about handing over, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.handover.paper import PaperFailed
from letters.organising.handover.paper_of import NoEditionYet, NotInThisLanguage
from letters.organising.handover.permit import KeyElsewhere
from letters.organising.handover.printing import BeingMade
from letters.organising.handover.streaming import TooManyDownloads
from letters.organising.sheets import TooManyRows
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    BeingMade: _("Another PDF is being made. Try again in a minute."),
    KeyElsewhere: _("The key to these names is not on this server. Take the sealed file and open it at home."),
    NoEditionYet: _("There is no edition yet. With the first one there is a number to hand over."),
    NotInThisLanguage: _("The letter has no text in this language. Choose another one."),
    PaperFailed: _("The PDF could not be made. Try again later; if it fails again, make the text simpler."),
    TooManyDownloads: _("Other tables are being taken just now. Try again in a few minutes."),
    TooManyRows: _("There are more signatures than an Excel sheet has lines. Take CSV instead."),
}
