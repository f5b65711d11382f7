"""The letter with its form, and what becomes of a filled one."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from threading import Lock

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.editions import EditionRow
from letters.models.letters import LetterState
from letters.models.values import Letter
from letters.reading.linked import linked_letter
from letters.reading.sharing import passing
from letters.runtime import SILENT
from letters.signing.form import Filled, SignForm
from letters.signing.form_token import FormStale, check_form_token, form_token
from letters.signing.form_view import FormView, form_view
from letters.signing.later import later_page
from letters.signing.pending import keep, keep_paid, prepare
from letters.signing.slowing import admit, ask_again, brought_back, slow_page
from letters.web.headers import personal
from letters.web.locale import speak, switch
from letters.web.present import count_view, letter_view
from letters.web.site import Site, SitePage
from verification.access.door import SlowDown
from verification.access.proof import Payment
from verification.access.spent import AlreadySpent


class LetterPage(SitePage):
    """Text, count and form."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter = self.site.shelf.letter(slug)
        language = speak(self.site.languages(letter))
        state = self.site.state(letter)
        key = ("letter", slug, letter.revision, letter.number, state, language, g.prefix)
        return self.site.pages.answer(key, lambda: _render(self.site, letter, language, _blank(self.site, letter)))


class Sign(SitePage):
    """POST keeps a pending signature; whoever the address belongs to, the answer is the same.

    With `turn` it keeps nothing, and brings the form back in the language of its address.

    What needs the processor alone is done by one thread at a time: else each look at a key file hands the interpreter's
    lock to another thread, and half of the time goes into that. Nobody waits for anything else in that turn.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._turn = Lock()

    def get(self, slug: str) -> ResponseReturnValue:
        """A reloaded or guessed address: the form is on the letter's page."""
        return redirect(url_for("letter", slug=self.site.shelf.letter(slug).slug), 303)

    def post(self, slug: str) -> ResponseReturnValue:
        site, letter = self.site, self.site.shelf.letter(slug)
        language = speak(site.languages(letter))
        if letter.state_at(site.runtime.clock()) is not LetterState.OPEN:
            return personal(_render(site, letter, language, None), 409)
        with self._turn:
            form = SignForm(request.form, letter, site.professions(letter), site.regions(letter))
            turns = "turn" in request.form
            valid = turns or form.validate()
        try:
            stale = not turns and self._is_stale(letter)
            if turns or stale or not valid:
                page = _render(site, letter, language, _view(site, letter, form, stale=stale))
                return personal(page, 200 if turns else 422)
            payment = admit(site, letter)
            if not form.by_robot:
                self._submit(letter, self._filled(form), language, payment)
        except SlowDown as asked:
            return slow_page(site, letter, language, _view(site, letter, form), asked)
        except AlreadySpent:
            return slow_page(site, letter, language, _view(site, letter, form), ask_again(site, letter))
        except SILENT as error:
            return later_page(site, letter, language, _view(site, letter, form), error)
        return redirect(url_for("check_mail", slug=slug), 303)

    def _filled(self, form: SignForm) -> Filled:
        precautions = self.site.precautions
        return form.filled(precautions.suspicion(form.address) if precautions and form.address else None)

    def _submit(self, letter: Letter, filled: Filled, language: str, payment: Payment | None) -> None:
        """Who paid goes alone: a payment that was used before is nobody else's matter."""
        runtime = self.site.runtime
        with self._turn:
            new = prepare(letter, filled, language, runtime.keyring, runtime.clock(), runtime.chance.token)
        if payment:
            runtime.settle_soon(lambda session: keep_paid(session, new, payment))
        else:
            runtime.settle_together(keep, new)

    def _is_stale(self, letter: Letter) -> bool:
        runtime = self.site.runtime
        try:
            token = request.form.get("form_token", "")
            check_form_token(runtime.tokens, letter, token, runtime.clock(), partial(self._released_at, letter))
        except FormStale:
            return True
        return False

    def _released_at(self, letter: Letter, number: int) -> datetime:
        with self.site.runtime.reading_soon() as session:
            return session.get_one(EditionRow, (letter.id, number)).released_at


class CheckMail(SitePage):
    """What comes next, and what to do when no mail arrives."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter = self.site.shelf.letter(slug)
        language = speak(self.site.languages(letter))
        key = ("check_mail", slug, letter.revision, language, g.prefix)
        view = letter_view(letter, language, self.site.state(letter))
        return self.site.pages.answer(key, lambda: render_template("signing/check_mail.html", letter=view))


def _blank(site: Site, letter: Letter) -> FormView | None:
    if letter.state_at(site.runtime.clock()) is not LetterState.OPEN:
        return None
    return _view(site, letter, SignForm(None, letter, site.professions(letter), site.regions(letter)))


def _view(site: Site, letter: Letter, form: SignForm, *, stale: bool = False) -> FormView:
    labels = site.labels(letter, g.language)
    return form_view(
        form,
        form_token(site.runtime.tokens, letter),
        labels.profession_choices,
        labels.region_choices,
        stale=stale,
        carried=brought_back() if request.method == "POST" else {},
    )


def _render(site: Site, letter: Letter, language: str, form: FormView | None) -> str:
    view = letter_view(letter, language, site.state(letter))
    languages, sent = switch(site.languages(letter)), request.method == "POST"
    if view.state == LetterState.SCHEDULED:
        address = site.url(url_for("letter", slug=letter.slug))
        return render_template("reading/scheduled.html", letter=view, switch=languages, page_url=address)
    return render_template(
        "reading/letter.html",
        letter=view,
        count=count_view(letter),
        form=form,
        switch=[] if sent and form else languages,
        turns=languages if sent else [],
        linked=linked_letter(site, letter, view),
        passing=passing(site, letter),
    )
