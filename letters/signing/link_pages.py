"""The pages behind a confirmation link: what would be signed, and what was. GET shows, POST spends."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from letters.models.letters import LetterState
from letters.models.signatures import SignatureState
from letters.signing.appearing import choice_of
from letters.signing.confirming import (
    ChallengeGone,
    LetterClosed,
    confirm,
    decline,
    look_at,
    pending_behind,
)
from letters.signing.form_view import display_choice
from letters.signing.later import LinkPage
from letters.signing.managing import SignatureFinal, signature_behind
from letters.signing.signature_page import shown_pseudonym
from letters.web.headers import personal
from letters.web.locale import speak
from letters.web.present import letter_view
from verification.mailbox.challenges import Kind, Outcome, challenge_about
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenExpired, TokenForeign


class Confirm(LinkPage):
    """Shows what would be confirmed; the button spends the challenge, once."""

    def get(self, token: str) -> ResponseReturnValue:
        challenge_id = self.site.runtime.tokens.read(Purpose.CONFIRM, token)
        with self.site.runtime.reading_soon() as session:
            challenge = look_at(session, challenge_id)
            if challenge.outcome:
                return self._after(challenge_id, challenge.outcome)
            pending = pending_behind(session, challenge, self.site.runtime.keyring.server("names"))
        letter = self.site.shelf.letter(pending.slug)
        language = speak(self.site.languages(letter))
        if letter.state_at(self.site.runtime.clock()) not in (LetterState.OPEN, LetterState.PAUSED):
            raise LetterClosed("The letter has closed.")
        labels = self.site.labels(letter, g.language)
        return personal(
            render_template(
                "signing/confirm.html",
                letter=letter_view(letter, language, self.site.state(letter)),
                profession=labels.profession(pending.profession),
                region=labels.region(pending.region),
                display=display_choice(letter, choice_of(letter, pending.display, pact=pending.pact)),
                pending=pending,
            )
        )

    def post(self, token: str) -> ResponseReturnValue:
        runtime = self.site.runtime
        challenge_id = runtime.tokens.read(Purpose.CONFIRM, token)
        if "decline" in request.form:
            outcome = runtime.settle_soon(lambda session: decline(session, challenge_id))
        else:
            now, pace = runtime.clock(), self.site.precautions.pace if self.site.precautions else None
            outcome = runtime.settle_soon(lambda session: confirm(session, challenge_id, now, runtime.chance, pace))
        return self._after(challenge_id, outcome)

    def _after(self, challenge_id: bytes, outcome: Outcome) -> ResponseReturnValue:
        if outcome is Outcome.CONFIRMED:
            handle = self.site.runtime.tokens.mint(Purpose.SIGNED, challenge_id)
            return redirect(url_for("signed", handle=handle), 303)
        return personal(render_template("signing/ended.html", outcome=outcome.value))


class Signed(LinkPage):
    """Thanks; for 15 minutes also the pseudonym and the private link."""

    def get(self, handle: str) -> ResponseReturnValue:
        runtime = self.site.runtime
        challenge_id = runtime.tokens.read(Purpose.SIGNED, handle)
        names_key = runtime.keyring.server("names")
        with runtime.reading_soon() as session:
            challenge = look_at(session, challenge_id)
            lasting = challenge_about(session, Kind.MANAGE, challenge.subject)
            signature = signature_behind(session, lasting, names_key) if lasting else None
        fresh = challenge.shown_until is not None and runtime.clock() < challenge.shown_until
        if signature is None or lasting is None:
            raise ChallengeGone("The signature was withdrawn.")
        letter = self.site.shelf.letter_of_signer(signature.slug)
        language = speak(self.site.languages(letter))
        private = url_for("signature", token=runtime.tokens.mint(Purpose.MANAGE, lasting.id))
        return personal(
            render_template(
                "signing/signed.html",
                letter=letter_view(letter, language, self.site.state(letter)),
                pseudonym=shown_pseudonym(signature) if fresh else None,
                private_url=self.site.url(private) if fresh else None,
                held=signature.state is SignatureState.HELD,
                together=letter.rule.at_least > 1,
            )
        )


def init_link_errors(app: Flask) -> None:
    """Links that lead nowhere each get a page that says what to do next."""
    outcomes = {
        TokenDamaged: (404, "damaged"),
        TokenForeign: (404, "foreign"),
        TokenExpired: (410, "expired"),
        ChallengeGone: (410, "gone"),
        LetterClosed: (409, "closed"),
        SignatureFinal: (409, "final"),
    }
    for kind, (status, reason) in outcomes.items():
        app.register_error_handler(kind, _link_page(status, reason))


def _link_page(status: int, reason: str) -> Callable[[Exception], Response]:
    return lambda _error: personal(render_template("signing/link.html", reason=reason), status)
