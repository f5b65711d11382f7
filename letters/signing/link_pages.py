"""The pages behind mailed links: confirming, what was confirmed, and the private link. GET shows, POST spends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.models.letters import LetterState
from letters.models.signatures import Display, SignatureState
from letters.publishing.erasing import erase_subscriptions
from letters.publishing.pseudonyms import render
from letters.signing.cleaning import BadLine, clean_name
from letters.signing.confirming import (
    ChallengeGone,
    LetterClosed,
    confirm,
    decline,
    look_at,
    pending_behind,
)
from letters.signing.form_view import display_choice, display_choices
from letters.signing.managing import (
    NameMissing,
    Signature,
    SignatureFinal,
    Wish,
    change,
    lasting_challenge,
    signature_behind,
    withdraw,
)
from letters.web.fields import FieldView
from letters.web.headers import personal
from letters.web.locale import speak
from letters.web.present import letter_view
from letters.web.site import SitePage
from verification.mailbox.challenges import Challenge, Kind, Outcome, challenge_about
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenExpired, TokenForeign


class Confirm(SitePage):
    """Shows what would be confirmed; the button spends the challenge, once."""

    def get(self, token: str) -> ResponseReturnValue:
        challenge_id = self.site.runtime.tokens.read(Purpose.CONFIRM, token)
        with self.site.runtime.reading() as session:
            challenge = look_at(session, challenge_id)
            if challenge.outcome:
                return self._after(challenge_id, challenge.outcome)
            pending = pending_behind(session, challenge, self.site.runtime.keyring.server("names"))
        letter = self.site.shelf.letter(pending.slug)
        language = speak(self.site.languages(letter))
        if letter.state_at(self.site.runtime.clock()) not in (LetterState.OPEN, LetterState.PAUSED):
            raise LetterClosed("The letter has closed.")
        return personal(
            render_template(
                "signing/confirm.html",
                letter=letter_view(letter, language, self.site.state(letter)),
                profession=self.site.professions(letter).one(pending.profession, g.language),
                region=self.site.regions(letter).label(pending.region, g.language),
                display=display_choice(letter, pending.display),
                pending=pending,
            )
        )

    def post(self, token: str) -> ResponseReturnValue:
        runtime = self.site.runtime
        challenge_id = runtime.tokens.read(Purpose.CONFIRM, token)
        if "decline" in request.form:
            outcome = runtime.settle(lambda session: decline(session, challenge_id))
        else:
            now, pace = runtime.clock(), self.site.precautions.pace if self.site.precautions else None
            outcome = runtime.settle(lambda session: confirm(session, challenge_id, now, runtime.chance, pace))
        return self._after(challenge_id, outcome)

    def _after(self, challenge_id: bytes, outcome: Outcome) -> ResponseReturnValue:
        if outcome is Outcome.CONFIRMED:
            handle = self.site.runtime.tokens.mint(Purpose.SIGNED, challenge_id)
            return redirect(url_for("signed", handle=handle), 303)
        return personal(render_template("signing/ended.html", outcome=outcome.value))


class Signed(SitePage):
    """Thanks; for 15 minutes also the pseudonym and the private link."""

    def get(self, handle: str) -> ResponseReturnValue:
        runtime = self.site.runtime
        challenge_id = runtime.tokens.read(Purpose.SIGNED, handle)
        names_key = runtime.keyring.server("names")
        with runtime.reading() as session:
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
                pseudonym=_pseudonym(signature) if fresh else None,
                private_url=self.site.url(private) if fresh else None,
                held=signature.state is SignatureState.HELD,
                together=letter.rule.at_least > 1,
            )
        )


class SignaturePage(SitePage):
    """The private link: what is public about me; changes and withdrawal by POST."""

    def get(self, token: str) -> ResponseReturnValue:
        _challenge, signature = self._open(token)
        if signature is None:
            return personal(render_template("signing/withdrawn.html"))
        return self._show(signature, errors={}, typed={})

    def post(self, token: str) -> ResponseReturnValue:
        challenge, signature = self._open(token)
        runtime = self.site.runtime
        if signature is None:
            return redirect(url_for("signature", token=token), 303)
        if "withdraw" in request.form:
            runtime.settle(lambda session: withdraw(session, challenge))
            return redirect(url_for("signature", token=token), 303)
        if "unsubscribe" in request.form:
            runtime.settle(lambda session: erase_subscriptions(session, [signature.id]))
            return redirect(url_for("signature", token=token), 303)
        wish, errors = self._wish(signature)
        if wish is None:
            return self._show(signature, errors=errors, typed=request.form)
        try:
            runtime.settle(lambda session: change(session, signature.id, wish, runtime.keyring, runtime.chance))
        except NameMissing:
            missing = {"name": [_("Please write the name under which you want to appear.")]}
            return self._show(signature, errors=missing, typed=request.form)
        return redirect(url_for("signature", token=token, changed=1), 303)

    def _open(self, token: str) -> tuple[Challenge, Signature | None]:
        challenge_id = self.site.runtime.tokens.read(Purpose.MANAGE, token)
        with self.site.runtime.reading() as session:
            challenge = lasting_challenge(session, challenge_id)
            if challenge.outcome is Outcome.WITHDRAWN:
                return challenge, None
            return challenge, signature_behind(session, challenge, self.site.runtime.keyring.server("names"))

    def _wish(self, signature: Signature) -> tuple[Wish | None, dict[str, list[str]]]:
        letter, errors = self.site.shelf.letter_of_signer(signature.slug), {}
        profession = request.form.get("profession", signature.profession or "")
        region = request.form.get("region", signature.region or "")
        display = request.form.get("display", signature.display.value)
        name = request.form.get("name", "")
        if profession not in self.site.professions(letter):
            errors["profession"] = [_("Please choose your profession from the list.")]
        if region not in self.site.regions(letter):
            errors["region"] = [_("Please choose your region from the list.")]
        if display not in letter.displays:
            errors["display"] = [_("Please choose how you want to appear.")]
        try:
            given = clean_name(name) if name.strip() else None
        except BadLine as error:
            errors["name"] = [str(error)]
        if errors:
            return None, errors
        return Wish(Display(display), profession, region, given), {}

    def _show(
        self, signature: Signature, errors: Mapping[str, Sequence[str]], typed: Mapping[str, str]
    ) -> ResponseReturnValue:
        letter = self.site.shelf.letter_of_signer(signature.slug)
        language = speak(self.site.languages(letter))
        professions, regions = self.site.professions(letter), self.site.regions(letter)
        values = {
            "name": (_("Name to publish"), ""),
            "profession": (_("Your profession"), signature.profession or ""),
            "region": (_("Where you work"), signature.region or ""),
            "display": (_("How you want to appear"), signature.display.value),
        }
        fields = {
            name: FieldView(name, label, typed.get(name, value), errors.get(name, ()))
            for name, (label, value) in values.items()
        }
        page = render_template(
            "signing/signature.html",
            letter=letter_view(letter, language, self.site.state(letter)),
            signature=signature,
            pseudonym=_pseudonym(signature),
            profession=professions.one(signature.profession, g.language) if signature.profession else "",
            region=regions.label(signature.region, g.language) if signature.region else "",
            fields=fields,
            professions=professions.choices(g.language),
            regions=regions.choices(g.language),
            displays=display_choices(letter, fields["display"].value),
            errors=[(field.id, error) for field in fields.values() for error in field.errors],
            changed="changed" in request.args,
            final=signature.final or signature.state is SignatureState.VOIDED,
        )
        return personal(page, 422 if errors else 200)


def _pseudonym(signature: Signature) -> str | None:
    if signature.pseudonym is None or signature.display is not Display.PSEUDONYM:
        return None
    return render(signature.pseudonym, g.language)


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
