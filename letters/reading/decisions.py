"""Why organisers voided signatures, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.models.batches import Reason
from letters.publishing.log import UNKNOWN_REASON

REASONS: Mapping[str, object] = {
    Reason.BURST: _("A burst of signatures that nobody gave by hand"),
    Reason.DISPOSABLE: _("Throw-away mailboxes"),
    Reason.DOMAIN: _("A mail domain that made up signers"),
    Reason.INVENTED: _("Invented people"),
    Reason.DUPLICATE: _("The same person more than once"),
    Reason.OUTSIDE: _("People whom this letter is not for"),
    Reason.REQUEST: _("The signer asked for it"),
}
"""By code, in the words that organisers choose from."""

_SAID: Mapping[str, object] = {**REASONS, UNKNOWN_REASON: _("Another reason")}


def in_words(reason: str) -> str:
    """What a code means; a reason that was written on the command line as it is."""
    return str(_SAID.get(reason, reason))
