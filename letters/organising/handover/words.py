"""What the paper says of itself, in the language that its caller has chosen."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from letters.models.standing import Gathered
from letters.models.values import FigurePolicy, Letter
from letters.organising.handover.paper import Words


def words() -> Words:
    """The headings and the small print."""
    return Words(
        open_letter=_("Open letter"),
        corrections=_("Corrections"),
        corrections_note=_("The text above stands as it was signed. What was put right later:"),
        responsible=_("Responsible"),
        who_signed=_("Who signed"),
        signatures=_("Signatures"),
        reported=_("Unverified: reported by the organisers"),
        reported_note=_("Nobody confirmed these by e-mail. They stand apart and are no part of the total."),
        reported_by=_("Where they come from"),
        reported_count=_("Reported"),
        check=_("How to check this count"),
        log_head=_("Head of the log"),
        log_head_note=_(
            "These lines fix every signature that was counted up to this edition. The letter’s page on its log says "
            "how to check them."
        ),
        signatories=_("Signatories"),
        first_signatories=_("First signatories"),
        names=_("Names and pseudonyms"),
        names_note=_(
            "Pseudonyms are drawn by chance and say nothing about a person. The order within an edition is shuffled."
        ),
    )


def proofs() -> list[str]:
    """What the number proves, and what it does not."""
    return [
        _(
            "Each signature counted here was confirmed through a link mailed to its own address; each address counts "
            "once. That shows that somebody reads a mailbox, not who they are."
        ),
        _("It does not show that nobody signed from two mailboxes. Fakes that are found are voided."),
        _(
            "The edition named on this paper stays at its address, and its figures never change. Names can be taken "
            "away there at any time, so the list may have become shorter since this paper was made."
        ),
    ]


def breakdowns_note(policy: FigurePolicy) -> str:
    """How figures are rounded, empty where they are not."""
    if policy.threshold <= 1:
        return ""
    return str(
        _(
            "To protect signers, a profession or region is shown from %(threshold)s signatures on, rounded down to a "
            "multiple of %(step)s; what is left over is given as a range.",
            threshold=format_decimal(policy.threshold),
            step=format_decimal(policy.step),
        )
    )


def pairs_note(policy: FigurePolicy) -> str:
    """How professions by region are rounded, empty where they are not."""
    if policy.threshold <= 1:
        return ""
    return str(
        _(
            "Shown once, now that nothing changes any more: from %(threshold)s signatures on, rounded down to a "
            "multiple of %(step)s.",
            threshold=format_decimal(policy.threshold),
            step=format_decimal(policy.step),
        )
    )


def hidden(letter: Letter) -> str:
    """Why there are no names: lockdown, or burning. Empty where there are."""
    if letter.locked:
        return str(_("The organisers have hidden every name, to protect signers."))
    if letter.burned:
        return str(_("The names were destroyed, to protect signers. The figures stay."))
    return ""


def too_many(number: int) -> str:
    """Why a list that paper cannot hold is not on it."""
    return str(
        _("%(number)s people chose to appear by name or pseudonym: too many for paper.", number=format_decimal(number))
    )


def reported(letter: Letter) -> Mapping[str, int]:
    """What organisers report from elsewhere, by what it is called."""
    called = {Gathered.PAPER: _("On paper"), Gathered.EARLIER: _("Gathered earlier, elsewhere")}
    return {called[report.gathered]: report.count for report in letter.unverified}


def noun(total: int) -> str:
    return str(ngettext("signature", "signatures", total))
