"""Let a journalist check: a letter's samples, announcing one, and each of them from its draw to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.teams import Role
from letters.organising.sampling.announcing import (
    FEWEST,
    MOST_DRAWN,
    announce,
    check_plan,
    has_open,
    list_witnesses,
    read_plan,
)
from letters.organising.sampling.drawing import choose, draw, first_cosignature, frame_in, sample_row
from letters.organising.sampling.frames import check_sampling, count_agreeing, frame_of
from letters.organising.sampling.reporting import drop, report
from letters.organising.sampling.take_pages import TakeSample
from letters.organising.workspace.access import Access, Member, NotFound
from letters.organising.workspace.attachments import attachment
from letters.organising.workspace.chosen import chosen
from letters.organising.workspace.page import LetterPage, WorkspacePage
from letters.organising.workspace.words import says, why_not
from letters.reading.samples import SURE, Sample, list_samples, rounded_up
from verification.errors import Refusal
from verification.ledger.sampling import most_unreal

SIZES = (20, 59, 299)
"""Samples whose best result the page tells, so that an organiser can choose; 59 is the smallest for 5 %."""


class Samples(LetterPage):
    """All samples of a letter; POST announces another."""

    needs = Access(role=Role.EDITOR)
    needs_post = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._show(member)

    def post(self, member: Member) -> ResponseReturnValue:
        try:
            number = self._announce(member)
        except Refusal as refusal:
            return self._show(member, says(refusal))
        return redirect(url_for("workspace_sample", slug=member.of_letter.slug, number=number), 303)

    def _announce(self, member: Member) -> int:
        runtime, doing, letter = self.site.runtime, self.doing(member), member.of_letter
        names = ("journalist", "outlet", "wanted", "source", "witness")
        plan = read_plan(*(request.form.get(name, "").strip() for name in names))
        with runtime.reading() as session:
            check_plan(session, letter, plan, count_agreeing(session, letter))
            frame = frame_of(session, letter, runtime.keyring)
        return runtime.settle(lambda session: announce(session, doing, letter.slug, plan, frame))

    def _show(self, member: Member, said: str = "") -> Response:
        letter = member.of_letter
        with self.site.runtime.reading() as session:
            shown: dict[str, Any] = {
                "samples": list_samples(session, letter.id),
                "agreeing": count_agreeing(session, letter),
                "witnesses": list_witnesses(session, letter.id),
                "busy": has_open(session, letter.id),
            }
        limits = {"fewest": FEWEST, "most": MOST_DRAWN, "best": _best(), "confidence": SURE}
        return self.answer(
            "organising/sampling/samples.html",
            member,
            422 if said else 200,
            letter=letter,
            said=said,
            closed=why_not(lambda: check_sampling(letter)),
            typed=request.form,
            **limits,
            **shown,
        )


class OneSample(LetterPage):
    """One sample; POST draws it, reports what came of it, or gives it up."""

    needs = Access(role=Role.EDITOR)
    needs_post = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member, number: int) -> ResponseReturnValue:
        return self._show(member, number)

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        steps: Mapping[str, Callable[[Member, int], None]] = {
            "draw": self._draw,
            "report": self._report,
            "drop": self._drop,
        }
        step = chosen("step", steps)
        try:
            step(member, number)
        except NotFound:
            raise
        except Refusal as refusal:
            return self._show(member, number, says(refusal))
        return redirect(url_for("workspace_sample", slug=member.of_letter.slug, number=number), 303)

    def _draw(self, member: Member, number: int) -> None:
        runtime, doing, letter = self.site.runtime, self.doing(member), member.of_letter
        with runtime.reading() as session:
            drawn = choose(session, letter, runtime.keyring, number, request.form.get("beacon", ""))
        runtime.settle(lambda session: draw(session, doing, letter.slug, number, drawn))

    def _report(self, member: Member, number: int) -> None:
        doing, slug, typed = self.doing(member), member.of_letter.slug, request.form.get("confirmed", "").strip()
        self.site.runtime.settle(lambda session: report(session, doing, slug, number, typed))

    def _drop(self, member: Member, number: int) -> None:
        doing, slug = self.doing(member), member.of_letter.slug
        self.site.runtime.settle(lambda session: drop(session, doing, slug, number))

    def _show(self, member: Member, number: int, said: str = "") -> Response:
        letter = member.of_letter
        with self.site.runtime.reading() as session:
            row = sample_row(session, letter.id, number)
            sample, cosignature = Sample.of(row), first_cosignature(session, row) if row.witness else ""
        return self.answer(
            "organising/sampling/sample.html",
            member,
            422 if said else 200,
            letter=letter,
            sample=sample,
            cosignature=cosignature,
            said=said,
            closed=why_not(lambda: check_sampling(letter)),
            typed=request.form,
        )


class Frame(LetterPage):
    """The commitments of a sample's frame as text, one a line, in ascending order. They name nobody."""

    needs = Access(role=Role.EDITOR)

    def get(self, member: Member, number: int) -> ResponseReturnValue:
        letter = member.of_letter
        try:
            check_sampling(letter)
            with self.site.runtime.reading() as session:
                row = sample_row(session, letter.id, number)
                frame = frame_in(row)
        except NotFound:
            raise
        except Refusal as refusal:
            return self.refuse(member, says(refusal))
        lines = "".join(f"{commitment.hex()}\n" for commitment in frame)
        return attachment(lines.encode(), "text/plain; charset=utf-8", f"candidates-{len(frame)}.txt")


def _best() -> Sequence[tuple[int, Decimal]]:
    """What samples of each size say when everybody is confirmed."""
    return [(size, rounded_up(most_unreal(size, size))) for size in SIZES]


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>/samples": ("samples", Samples),
    "/workspace/letters/<slug>/samples/<int:number>": ("sample", OneSample),
    "/workspace/letters/<slug>/samples/<int:number>/candidates": ("sample_frame", Frame),
    "/workspace/letters/<slug>/samples/<int:number>/open": ("sample_open", TakeSample),
}
