"""Why there is no receipt, each reason in a sentence for the signer."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from letters.signing.receipts import (
    CountedBeforeLog,
    HeadUnsigned,
    IdentityErased,
    LeafMissing,
    LetterDown,
    LetterLocked,
    NoReceipt,
    NotCountedYet,
    StillHeld,
    WasVoided,
    WasWithdrawn,
)

WHY_NONE: Mapping[type[NoReceipt], LazyString] = {
    NotCountedYet: _("There is none yet: your signature waits for the next edition. Come back after it."),
    HeadUnsigned: _("There is none yet: the edition that counts you is just being signed. Try again in a minute."),
    CountedBeforeLog: _("There is none: your signature was counted before this letter had a log to prove it with."),
    IdentityErased: _("There is none any more: it would be made from your sealed name, and that is erased."),
    StillHeld: _("There is none yet: an organiser looks at your signature first."),
    WasVoided: _("There is none: the organisers have taken this signature out of the count."),
    WasWithdrawn: _("There is none: this signature is withdrawn."),
    LetterDown: _("There is none while this letter is taken down."),
    LetterLocked: _("There is none now: the organisers have locked this letter. Meanwhile no evidence is made."),
    LeafMissing: _("There is none: the log does not hold your signature as it should. Please tell the organisers."),
}
