"""Voiding by rule: a preview, the proposal, the list of voidings, and what editors decide about each."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.batches import Reason
from letters.models.teams import Role
from letters.organising.defending.batch_views import batch_view, rule_view
from letters.organising.defending.batches import (
    MASS,
    Batch,
    NoSuchBatch,
    approve,
    drop,
    find_batch,
    list_batches,
    propose_void,
    undo,
)
from letters.organising.defending.chosen import ChosenPage, ticked
from letters.organising.defending.deciding import What
from letters.organising.defending.examples import look_at_voidable
from letters.organising.defending.refusals import NoReason, NothingTicked
from letters.organising.defending.views import signature_view
from letters.organising.teams.trail import Doing
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.words import says
from letters.reading.decisions import REASONS
from verification.errors import Refusal


class VoidPage(ChosenPage):
    """What the pages around a preview share."""

    def preview(self, member: Member, what: What, refusal: str = "") -> ResponseReturnValue:
        labels = self.labels(member)
        with self.site.runtime.reading() as session:
            voidable = look_at_voidable(session, member.of_letter.id, what)
        return self.answer(
            "organising/defending/void.html",
            member,
            422 if refusal else 200,
            rule=rule_view(what, labels),
            count=voidable.count,
            examples=[signature_view(line, labels) for line in voidable.examples],
            reasons=REASONS,
            reason=request.form.get("reason", ""),
            mass=MASS,
            refusal=refusal,
        )


class VoidPreview(VoidPage):
    """What would be voided: everything that fits a filter, or what was ticked in the list, which no address names."""

    needs = Access(role=Role.EDITOR)

    def get(self, member: Member) -> ResponseReturnValue:
        return self.preview(member, self.filter_in(request.args, self.labels(member)))

    def post(self, member: Member) -> ResponseReturnValue:
        try:
            return self.preview(member, ticked(request.form))
        except NothingTicked as refusal:
            return self.refuse(member, says(refusal))


class Batches(VoidPage):
    """The letter's voidings; POST proposes one."""

    needs = Access(role=Role.REVIEWER)
    needs_post = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        runtime, labels = self.site.runtime, self.labels(member)
        with runtime.reading() as session:
            batches = list_batches(session, member.of_letter.id)
            views = [batch_view(session, runtime.keyring, member, batch, labels) for batch in batches]
        return self.answer("organising/defending/batches.html", member, batches=views, mass=MASS)

    def post(self, member: Member) -> ResponseReturnValue:
        doing, slug = self.doing(member), member.of_letter.slug
        try:
            what = self._what(member)
        except NothingTicked as refusal:
            return self.refuse(member, says(refusal))
        try:
            reason = read_reason(request.form.get("reason", ""))
            batch = self.site.runtime.settle(lambda session: propose_void(session, doing, slug, what, reason))
        except Refusal as refusal:
            return self.preview(member, what, says(refusal))
        return redirect(url_for("workspace_batch", slug=slug, number=batch.number), 303)

    def _what(self, member: Member) -> What:
        """The filter only where the form says so: a form that lost its ticks must not mean everything."""
        if request.form.get("by") == "filter":
            return self.filter_in(request.form, self.labels(member))
        return ticked(request.form)


class BatchPage(ChosenPage):
    """What the pages about one voiding share."""

    def show(self, member: Member, number: int, refusal: str = "") -> ResponseReturnValue:
        runtime, labels = self.site.runtime, self.labels(member)
        with runtime.reading() as session:
            try:
                batch = find_batch(session, member.of_letter.id, number)
            except NoSuchBatch:
                abort(404)
            view = batch_view(session, runtime.keyring, member, batch, labels)
            waits = look_at_voidable(session, member.of_letter.id, batch.what) if view.may_drop else None
        return self.answer(
            "organising/defending/batch.html",
            member,
            422 if refusal else 200,
            batch=view,
            examples=[signature_view(line, labels) for line in waits.examples] if waits else [],
            fitting=waits.count if waits else 0,
            refusal=refusal,
        )


class OneBatch(BatchPage):
    """One voiding: of what, why, by whom, how far."""

    needs = Access(role=Role.REVIEWER)

    def get(self, member: Member, number: int) -> ResponseReturnValue:
        return self.show(member, number)


class BatchAct(BatchPage):
    """POST decides about one voiding."""

    def decide(self, session: Session, doing: Doing, slug: str, number: int) -> Batch:
        """What is decided."""
        raise NotImplementedError

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        doing, slug = self.doing(member), member.of_letter.slug
        try:
            self.site.runtime.settle(lambda session: self.decide(session, doing, slug, number))
        except NoSuchBatch:
            abort(404)
        except Refusal as refusal:
            return self.show(member, number, says(refusal))
        return redirect(url_for("workspace_batch", slug=slug, number=number), 303)


class ApproveBatch(BatchAct):
    """By another organiser than the one who proposed it."""

    needs = Access(role=Role.EDITOR, strong=True)

    def decide(self, session: Session, doing: Doing, slug: str, number: int) -> Batch:
        return approve(session, doing, slug, number, request.form.get("seen", None, int))


class DropBatch(BatchAct):
    """Destroys nothing, so it asks for nothing more."""

    needs = Access(role=Role.EDITOR)

    def decide(self, session: Session, doing: Doing, slug: str, number: int) -> Batch:
        return drop(session, doing, slug, number)


class UndoBatch(BatchAct):
    """Makes everything what it was."""

    needs = Access(role=Role.EDITOR, strong=True)

    def decide(self, session: Session, doing: Doing, slug: str, number: int) -> Batch:
        return undo(session, doing, slug, number)


def read_reason(text: str) -> Reason:
    """Raises `NoReason`."""
    try:
        return Reason(text)
    except ValueError as error:
        raise NoReason("Choose a reason.") from error
