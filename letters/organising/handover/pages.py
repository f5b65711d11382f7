"""Handing over: the PDF for the addressee, the sealed file, the table with names, and how far each download is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.models.finding import NoSuchLetter
from letters.models.teams import Role
from letters.models.values import TakenDown
from letters.organising.exports import count_records
from letters.organising.handover.downloads import Download, Form, list_downloads
from letters.organising.handover.estimates import expect
from letters.organising.handover.permit import Permit, check_names
from letters.organising.handover.printing import BeingMade, print_letter
from letters.organising.handover.streaming import Hands, TooManyDownloads
from letters.organising.lockdown import check_exportable
from letters.organising.teams.trail import Act, record
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.attachments import attachment
from letters.organising.workspace.page import LetterPage, WorkspacePage
from letters.organising.workspace.words import says, why_not
from letters.vocabularies.languages import LANGUAGES
from letters.web.headers import allow_our_script
from letters.web.site import Site
from verification.errors import Refusal

_KINDS: Mapping[Form, str] = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.JSONL: "application/jsonl",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.SEALED: "application/jsonl",
}


@dataclass(frozen=True)
class Offer:
    """What can be taken of a letter: how many signatures, and why not, or why not with names, where that is so."""

    total: int
    refusal: str
    names_refusal: str
    downloads: Sequence[Download]


class HandoverPage(LetterPage):
    """What the pages of this room share: what is offered, and its downloads, refreshed while one runs."""

    needs = Access(role=Role.EDITOR)

    def offer(self, member: Member) -> Offer:
        letter, runtime = member.of_letter, self.site.runtime
        with runtime.reading() as session:
            return Offer(
                count_records(session, letter),
                why_not(lambda: check_exportable(letter)),
                why_not(lambda: check_names(session, member)),
                list_downloads(session, letter.id, member.session.account.id, runtime.clock()),
            )

    def show(self, template: str, member: Member, status: int = 200, **values: Any) -> Response:
        page = self.answer(
            f"organising/handover/{template}.html",
            member,
            status,
            letter=member.of_letter,
            offer=self.offer(member),
            expect=expect,
            **values,
        )
        return allow_our_script(page, connects=True)


class Handover(HandoverPage):
    """What can be handed over, and to whom."""

    def get(self, member: Member) -> ResponseReturnValue:
        letter = member.of_letter
        spoken = [code for code in self.site.languages(letter) if code in letter.texts]
        return self.show("handover", member, languages=[LANGUAGES[code] for code in spoken])


class Downloads(HandoverPage):
    """How far downloads are, as a part of a page."""

    def get(self, member: Member) -> ResponseReturnValue:
        return self.show("downloads", member)


class TakePage(HandoverPage):
    """What to know before taking signatures away; POST takes them."""

    needs = Access(role=Role.EDITOR, strong=True)
    template: ClassVar[str]
    forms: ClassVar[Sequence[Form]]

    def __init__(self, site: Site, hands: Hands | None = None) -> None:
        super().__init__(site)
        self.hands = hands or Hands(site.runtime)

    def get(self, member: Member) -> ResponseReturnValue:
        return self.show(self.template, member, said="", chosen=self.forms[0])

    def post(self, member: Member) -> ResponseReturnValue:
        form = self._form()
        unfinished = _("This file is not complete: handing it over was stopped before its end. Take it again.")
        try:
            handed = self.hands.start(Permit(member, self.needs, form), unfinished)
        except Refusal as refusal:
            status = 503 if isinstance(refusal, TooManyDownloads) else 422
            return self.show(self.template, member, status, said=says(refusal), chosen=form)
        return attachment(handed, _KINDS[form], _file_name(form, handed.total))

    def _form(self) -> Form:
        """What was chosen; 400 for what is not offered."""
        chosen = request.form.get("form", "")
        if chosen not in self.forms:
            abort(400)
        return Form(chosen)


class TakeNames(TakePage):
    """The table with names, in clear."""

    template = "names"
    forms = (Form.XLSX, Form.CSV, Form.JSONL)


class TakeSealed(TakePage):
    """The export whose identities are still sealed."""

    template = "sealed"
    forms = (Form.SEALED,)


class TakePaper(HandoverPage):
    """POST makes the PDF for the addressee, of public facts alone."""

    def post(self, member: Member) -> ResponseReturnValue:
        slug, language = member.of_letter.slug, request.form.get("language", "")
        try:
            printed = print_letter(self.site, slug, language)
        except (NoSuchLetter, TakenDown):
            raise
        except Refusal as refusal:
            return self.refuse(member, says(refusal), 503 if isinstance(refusal, BeingMade) else 422)
        doing = self.doing(member)
        self.site.runtime.settle(lambda session: record(session, doing, Act.PRINTED))
        return attachment(printed.pdf, "application/pdf", f"{slug}-{printed.edition}-{language}.pdf")


def _file_name(form: Form, total: int) -> str:
    """A name that tells neither whose nor of what, but how many signatures must be in the file."""
    return f"sealed-{total}.jsonl" if form is Form.SEALED else f"signatures-{total}.{form}"


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/letters/<slug>/handover": ("handover", Handover),
    "/workspace/letters/<slug>/handover/downloads": ("handover_downloads", Downloads),
    "/workspace/letters/<slug>/handover/names": ("handover_names", TakeNames),
    "/workspace/letters/<slug>/handover/sealed": ("handover_sealed", TakeSealed),
    "/workspace/letters/<slug>/handover/paper": ("handover_paper", TakePaper),
}
