"""Why a list of addresses is refused, as organisers read it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.addressing.mirrors import ListOvertaken, NoListYet, TooManyMirrors
from verification.errors import Refusal
from verification.ledger.official import BadOfficial, Unfit

SAID: Mapping[type[Refusal], object] = {
    BadOfficial: {
        Unfit.NO_ADDRESS: _("This is no address. Write one such as https://example.org/letters/name in each line."),
        Unfit.CREDENTIALS: _("An address may hold no user name and no password."),
        Unfit.QUERY: _("An address may hold no question mark and no #: leave out what follows it."),
        Unfit.PATH: _("After the first slash only Latin letters, digits, dots and hyphens may stand."),
    },
    ListOvertaken: _("A colleague has changed this part in the meantime."),
    NoListYet: _("The letter has not opened yet. Change its draft and open it again from there."),
    TooManyMirrors: _("At most 20 addresses have room on the list."),
}
