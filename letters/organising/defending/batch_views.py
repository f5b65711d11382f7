"""Voidings as their pages show them, in the organiser's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from letters.models.batches import BatchState
from letters.models.teams import Role
from letters.organising.accounts.profiles import NoSuchAccount, find_account
from letters.organising.defending.batches import Batch
from letters.organising.defending.deciding import What
from letters.organising.defending.filter_form import query_of, rule_words
from letters.organising.defending.filters import Filter
from letters.organising.defending.words import BATCH_STATES
from letters.organising.workspace.access import Member
from letters.reading.decisions import in_words
from letters.vocabularies.spoken import Labels
from verification.identity.keyring import Keyring

_IN_HAND = (BatchState.RUNNING, BatchState.UNDOING)


@dataclass(frozen=True)
class RuleView:
    """What is meant, in words as (what, which), and as a filter's query; `ticked` were chosen one by one."""

    words: Sequence[tuple[str, str]]
    query: Mapping[str, str] | None
    ticked: Sequence[str]


@dataclass(frozen=True)
class BatchView:
    """One voiding; what the member who looks may do about it."""

    number: int
    state: str
    state_words: str
    reason: str
    rule: RuleView
    count: int
    done: int
    in_hand: bool
    proposed_by: str
    approved_by: str
    own: bool
    may_approve: bool
    may_drop: bool
    may_undo: bool


def rule_view(what: What, labels: Labels) -> RuleView:
    """What was chosen, by a filter or one by one."""
    if isinstance(what, Filter):
        return RuleView(rule_words(what, labels) or [(_("All"), _("every signature"))], query_of(what), ())
    number = ngettext("%(num)s signature", "%(num)s signatures", len(what))
    return RuleView([(_("Chosen one by one"), number)], None, [id.hex() for id in what])


def batch_view(session: Session, keyring: Keyring, member: Member, batch: Batch, labels: Labels) -> BatchView:
    """One voiding as this member sees it."""
    waits = batch.state is BatchState.PROPOSED
    own, editor = batch.account_id == member.session.account.id, member.role.reaches(Role.EDITOR)
    return BatchView(
        number=batch.number,
        state=batch.state.value,
        state_words=str(BATCH_STATES[batch.state]),
        reason=in_words(batch.reason),
        rule=rule_view(batch.what, labels),
        count=batch.count,
        done=batch.done,
        in_hand=batch.state in _IN_HAND,
        proposed_by=account_name(session, keyring, batch.account_id),
        approved_by=account_name(session, keyring, batch.approved_by),
        own=own,
        may_approve=waits and editor and not own,
        may_drop=waits and editor,
        may_undo=batch.undoable and editor,
    )


def account_name(session: Session, keyring: Keyring, account_id: bytes | None) -> str:
    """What colleagues call an account; empty for none."""
    if account_id is None:
        return ""
    try:
        return find_account(session, keyring, account_id).profile.name
    except NoSuchAccount:
        return str(_("somebody whose account is gone"))
