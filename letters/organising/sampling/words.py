"""Refusals about samples for the press, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.sampling import errors
from letters.organising.sampling.announcing import FEWEST, MOST_DRAWN
from letters.organising.sampling.drawing import LONGEST_BEACON
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    errors.LetterDown: _("The host took this letter down, so nobody could read about the check."),
    errors.DaysOver: _(
        "The days for changes are over: signers could not take back any more that they agreed. So nobody is asked."
    ),
    errors.NoSignedHead: _("There is nothing to draw from yet. Wait for the next edition."),
    errors.SampleOpen: _("One check at a time: report the one that is open, or give it up."),
    errors.TooFewAgree: _(
        "At least %(fewest)s counted signers have to agree that a journalist may ask them. Of fewer, too many would "
        "be found out.",
        fewest=FEWEST,
    ),
    errors.FewerAgree: _(
        "At most half of those who agreed may be drawn: otherwise it would be known who agreed. Draw fewer."
    ),
    errors.NotNamed: _("Please write the journalist’s name and the outlet, each in one short line."),
    errors.NoSource: _("Please say where the drawing value will come from, in one short line."),
    errors.BadWanted: _("Please write how many to draw: a whole number from 1 to %(most)s.", most=MOST_DRAWN),
    errors.BadBeacon: _(
        "Please write the drawing value in one line of at most %(most)s characters.", most=LONGEST_BEACON
    ),
    errors.NotCosigned: _("This witness has not cosigned a later head of the log yet. Wait for the next edition."),
    errors.NotAnnounced: _("Nothing was drawn: this sample was drawn already, or has ended."),
    errors.NotDrawn: _("This sample is not drawn yet, or has ended."),
    errors.Ended: _("This sample has ended already."),
    errors.BadConfirmed: _(
        "Please write how many were confirmed: a whole number, no greater than that of those who could be asked."
    ),
    errors.NobodyLeft: _("Nobody who was drawn still agrees to be asked. Report that 0 were confirmed."),
}
