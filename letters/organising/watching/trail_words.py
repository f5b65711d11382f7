"""Each act of the trail as a sentence. Who did it stands beside the sentence, never in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _

from letters.organising.teams.trail import Act, Trace
from letters.organising.watching.words import reason_words


def tell(trace: Trace, about: str) -> str:
    """The sentence for a line, with its reason; `about` is the name of the account that it concerns, if any."""
    sentence = _tell(trace.act, trace.count, about)
    if trace.reason is None:
        return sentence
    return gettext("%(sentence)s (%(reason)s)", sentence=sentence, reason=reason_words(trace.reason))


def _tell(act: Act, count: int | None, about: str) -> str:
    if act in SENTENCES and (count is None or act not in COUNTED):
        return str(SENTENCES[act]) % {"name": about}
    return COUNTED[act](num=count or 0, count=format_decimal(count or 0))


SENTENCES: Mapping[Act, object] = {
    Act.TEAM_FOUNDED: _("The team was founded."),
    Act.INVITED: _("An invitation was sent."),
    Act.INVITATION_WITHDRAWN: _("An invitation was withdrawn."),
    Act.JOINED: _("Joined the team."),
    Act.ROLE_CHANGED: _("Another role was given to %(name)s."),
    Act.NAMES_SHARED: _("From then on %(name)s could see names."),
    Act.NAMES_WITHHELD: _("From then on %(name)s could no longer be shown names."),
    Act.REMOVED: _("A member was removed: %(name)s."),
    Act.LEFT: _("Left the team."),
    Act.TRANSFERRED: _("The team was handed to %(name)s."),
    Act.KEYS_LOST: _("Set a new password without a recovery code, so names no longer open."),
    Act.DRAFTED: _("A draft was begun."),
    Act.DISCARDED: _("A draft was deleted."),
    Act.OPENED: _("The letter was opened."),
    Act.PAUSED: _("Signing was paused."),
    Act.RESUMED: _("Signing went on."),
    Act.CLOSED: _("The letter was closed."),
    Act.ARCHIVED: _("The letter was archived."),
    Act.CORRECTED: _("A correction was added."),
    Act.CHANGED: _("The letter’s settings were changed."),
    Act.DELIVERED: _("The letter was noted as delivered."),
    Act.ADDRESSES_CHANGED: _("The list of official addresses was changed."),
    Act.LOCKED: _("All names were hidden."),
    Act.NAMES_OPENED: _("Names were opened."),
    Act.DOMAINS_CHANGED: _("The watched mail domains were changed."),
    Act.INSTITUTIONS_CHANGED: _("The list of institutions was changed."),
    Act.PRINTED: _("The document for the addressee was made."),
    Act.UPDATE_SENT: _("News for signers was sent."),
    Act.UPDATE_STOPPED: _("Sending news was stopped."),
    Act.SAMPLE_DROPPED: _("A sample for a journalist was given up."),
}
"""Acts about the team or the whole letter; `%(name)s` is the other account."""

COUNTED: Mapping[Act, Callable[..., str]] = {
    Act.NAMES_OPENED: lambda **n: ngettext("A name was opened.", "%(count)s names were opened.", **n),
    Act.HELD: lambda **n: ngettext("A signature was held.", "%(count)s signatures were held.", **n),
    Act.ACCEPTED: lambda **n: ngettext(
        "A held signature was accepted.", "%(count)s held signatures were accepted.", **n
    ),
    Act.VOID_PROPOSED: lambda **n: ngettext(
        "Voiding a signature was proposed.", "Voiding %(count)s signatures was proposed.", **n
    ),
    Act.VOID_APPROVED: lambda **n: ngettext(
        "Voiding a signature was approved.", "Voiding %(count)s signatures was approved.", **n
    ),
    Act.VOID_DROPPED: lambda **n: ngettext(
        "Voiding a signature was dropped.", "Voiding %(count)s signatures was dropped.", **n
    ),
    Act.VOIDED: lambda **n: ngettext("A signature was voided.", "%(count)s signatures were voided.", **n),
    Act.VOID_UNDONE: lambda **n: ngettext(
        "The voiding of a signature was undone.", "The voiding of %(count)s signatures was undone.", **n
    ),
    Act.VOUCHED: lambda **n: ngettext("A signature was vouched for.", "%(count)s signatures were vouched for.", **n),
    Act.UNVOUCHED: lambda **n: ngettext(
        "Vouching for a signature was taken back.", "Vouching for %(count)s signatures was taken back.", **n
    ),
    Act.EXPORTED: lambda **n: ngettext(
        "A table with %(count)s signature was downloaded.",
        "A table with %(count)s signatures was downloaded.",
        **n,
    ),
    Act.UNVERIFIED_REPORTED: lambda **n: ngettext(
        "%(count)s signature from elsewhere was reported.",
        "%(count)s signatures from elsewhere were reported.",
        **n,
    ),
    Act.SAMPLE_ANNOUNCED: lambda **n: ngettext(
        "A sample of %(count)s signer for a journalist was announced.",
        "A sample of %(count)s signers for a journalist was announced.",
        **n,
    ),
    Act.SAMPLE_DRAWN: lambda **n: ngettext(
        "A sample of %(count)s signer was drawn.", "A sample of %(count)s signers was drawn.", **n
    ),
    Act.SAMPLE_OPENED: lambda **n: ngettext(
        "%(count)s drawn signer was taken for a journalist.",
        "%(count)s drawn signers were taken for a journalist.",
        **n,
    ),
    Act.SAMPLE_REPORTED: lambda **n: ngettext(
        "It was reported that a journalist confirmed %(count)s signer.",
        "It was reported that a journalist confirmed %(count)s signers.",
        **n,
    ),
}
"""Acts about so many signatures."""
