"""Handing those who were drawn to the journalist: with names, or sealed for whoever holds the key file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.teams import Role
from letters.organising.handover.permit import check_names
from letters.organising.sampling.drawing import sample_row
from letters.organising.sampling.opening import Taken, count_askable, take_names, take_proofs, take_sealed
from letters.organising.teams.keys import opener_of
from letters.organising.workspace.access import Access, Member, NotFound
from letters.organising.workspace.attachments import attachment
from letters.organising.workspace.chosen import chosen
from letters.organising.workspace.page import LetterPage
from letters.organising.workspace.words import says
from letters.reading.samples import Sample
from verification.errors import Refusal

_CSV, _JSONL = "text/csv; charset=utf-8", "application/jsonl"


class TakeSample(LetterPage):
    """What to know before those drawn are opened; POST opens exactly these and hands them over as a file."""

    needs = Access(role=Role.EDITOR, strong=True)

    def get(self, member: Member, number: int) -> ResponseReturnValue:
        return self._show(member, number)

    def post(self, member: Member, number: int) -> ResponseReturnValue:
        forms: Mapping[str, Callable[[Session, Member, int], Response]] = {
            "names": self._names,
            "sealed": self._sealed,
            "proofs": self._proofs,
        }
        form = chosen("form", forms)
        try:
            return self.site.runtime.settle(lambda session: form(session, member, number))
        except NotFound:
            raise
        except Refusal as refusal:
            return self._show(member, number, says(refusal))

    def _names(self, session: Session, member: Member, number: int) -> Response:
        check_names(session, member)
        letter, keyring, opened = member.of_letter, self.site.runtime.keyring, member.session
        opener = opener_of(session, letter, opened.account.id, opened.secret(keyring))
        taken = take_names(session, self.doing(member), letter, keyring, opener, number)
        return attachment(taken.content, _CSV, f"sample-{taken.count}.csv")

    def _sealed(self, session: Session, member: Member, number: int) -> Response:
        taken = self._take(take_sealed, session, member, number)
        return attachment(taken.content, _JSONL, f"sealed-{taken.count}.jsonl")

    def _proofs(self, session: Session, member: Member, number: int) -> Response:
        taken = self._take(take_proofs, session, member, number)
        return attachment(taken.content, _CSV, f"proofs-{taken.count}.csv")

    def _take(self, take: Callable[..., Taken], session: Session, member: Member, number: int) -> Taken:
        if member.of_letter.custody == "team":
            check_names(session, member)
        return take(session, self.doing(member), member.of_letter, self.site.runtime.keyring, number)

    def _show(self, member: Member, number: int, said: str = "") -> Response:
        letter, runtime, askable = member.of_letter, self.site.runtime, 0
        with runtime.reading() as session:
            sample = Sample.of(sample_row(session, letter.id, number))
            try:
                askable = count_askable(session, letter, runtime.keyring, number)
                if letter.custody == "team":
                    check_names(session, member)
            except Refusal as refusal:
                said = said or says(refusal)
        return self.answer(
            "organising/sampling/open.html",
            member,
            422 if said and request.method == "POST" else 200,
            letter=letter,
            sample=sample,
            askable=askable,
            said=said,
        )
