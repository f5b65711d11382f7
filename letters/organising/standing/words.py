"""Refusals about institutions and reported signatures, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.standing.errors import BadNumber, ListChanged, NoFile, TooMuchAtOnce
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    BadNumber: _("Please write a whole number of at least 1."),
    ListChanged: _("Somebody else has just changed the list. Nothing was stored: here is what would change now."),
    NoFile: _("Please choose a file first."),
    TooMuchAtOnce: _("The file is larger than 4 MB. Please split it, or take out what is not needed."),
}
