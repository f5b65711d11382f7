"""Refusals about updates, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.updating.sending import (
    LetterHidden,
    NobodySubscribed,
    NothingWritten,
    NotSending,
    OneAtATime,
    TextMissing,
)
from letters.organising.updating.writing import BadText, ChangedMeanwhile, NotADraft
from verification.errors import Refusal

SAID: Mapping[type[Refusal], object] = {
    BadText: {
        "characters": _("This holds characters that cannot be seen. Please type it again by hand."),
        "long-subject": _("Please use at most 120 characters for the subject."),
        "long-body": _("Please use at most 10,000 characters."),
    },
    ChangedMeanwhile: _("Somebody else changed this update while you had it open. Nothing of yours was saved yet."),
    LetterHidden: _("No mail goes out while the letter’s names are hidden or the letter is taken down."),
    NobodySubscribed: _("No signer asked for updates, so there is nobody to send to."),
    NotADraft: _("This update is on its way already, so its text cannot be changed any more."),
    NothingWritten: _("Write something in this language first, then try it out."),
    NotSending: _("This update is not being sent at the moment."),
    OneAtATime: _("Another update of this letter is being sent. Wait until it has gone out, or stop it."),
    TextMissing: _("Some subscribers read a language in which you have not written anything yet."),
}
