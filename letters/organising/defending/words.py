"""What an organiser reads about signatures: their states, why they are held or voided, and why an act was refused."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.models.batches import BatchState
from letters.models.signatures import Display, SignatureState, Standing, Suspicion
from letters.organising.defending.batches import (
    MASS,
    MOST_NAMED,
    AlreadyDecided,
    NobodyApproves,
    NoSuchBatch,
    NotUndoable,
    OwnProposal,
    TooManyNamed,
)
from letters.organising.defending.deciding import MOST_HELD, MoreFit, NothingFits, TooLate, TooManyHeld
from letters.organising.defending.domains import MOST_DOMAINS, BadDomains, TooManyDomains
from letters.organising.defending.refusals import NoReason, NothingTicked, SearchesElsewhere
from letters.organising.lockdown import IdentitiesGone, UnderLockdown
from verification.errors import Refusal

STATES: Mapping[str, object] = {
    SignatureState.PENDING: _("not confirmed yet"),
    SignatureState.CONFIRMED: _("confirmed"),
    SignatureState.HELD: _("held"),
    SignatureState.WITHDRAWN: _("withdrawn"),
    SignatureState.VOIDED: _("voided"),
}

SUSPICIONS: Mapping[str, object] = {
    Suspicion.DISPOSABLE: _("a throw-away mailbox"),
    Suspicion.BURST: _("a sudden burst"),
    Suspicion.DOMAIN: _("a mail domain that you watch"),
    Suspicion.ORGANISER: _("an organiser wanted to look"),
}

DISPLAYS: Mapping[str, object] = {
    Display.COUNTED: _("in the total only"),
    Display.PSEUDONYM: _("under a pseudonym"),
    Display.NAMED: _("with the name"),
}

STANDINGS: Mapping[str, object] = {
    Standing.MAILBOX: _("confirmed by e-mail"),
    Standing.INSTITUTION: _("confirmed from an institution’s address"),
    Standing.VOUCHED: _("checked by an organiser"),
}

BATCH_STATES: Mapping[str, object] = {
    BatchState.PROPOSED: _("waits for a second organiser"),
    BatchState.RUNNING: _("being voided"),
    BatchState.DONE: _("voided, can still be undone"),
    BatchState.UNDOING: _("being undone"),
    BatchState.UNDONE: _("undone"),
    BatchState.DROPPED: _("dropped"),
    BatchState.FINAL: _("final"),
}

SAID: Mapping[type[Refusal], object] = {
    SearchesElsewhere: _("Somebody is searching just now. Try again in a few seconds."),
    NothingTicked: _("Nothing is ticked. Tick at least one signature first."),
    NoReason: _("Please choose a reason. Readers will see it."),
    NothingFits: _(
        "Nothing was changed: none of these signatures is in a state in which this can be done. Perhaps a colleague "
        "was faster, or an edition has counted them."
    ),
    MoreFit: _("Nothing was changed: more signatures fit by now than you saw. Look again first."),
    TooManyHeld: _("A reviewer holds at most %(most)s signatures a day. Ask an editor for more.", most=MOST_HELD),
    TooLate: _("The last edition is out, so nothing more is counted. What is still held can only be voided."),
    NobodyApproves: _(
        "Voiding more than %(most)s signatures between two editions or in a day takes two organisers, and nobody else "
        "in your team could approve. Invite another editor first.",
        most=MASS,
    ),
    OwnProposal: _("You proposed this yourself. Another editor or owner has to approve it."),
    AlreadyDecided: _("Somebody has decided about this already."),
    NotUndoable: _("This cannot be undone any more: it is final, or nothing of it is voided."),
    TooManyNamed: _("Tick at most %(most)s signatures. For more use a filter.", most=MOST_NAMED),
    NoSuchBatch: _("There is no such voiding."),
    BadDomains: _("Nothing was changed. Some lines are no mail domains; please put them right."),
    TooManyDomains: _("Nothing was changed. At most %(most)s domains can be watched.", most=MOST_DOMAINS),
    UnderLockdown: _("The letter is under lockdown: no name is opened until two organisers have lifted it."),
    IdentitiesGone: _("The names under this letter are deleted. There is nothing left to open."),
}
