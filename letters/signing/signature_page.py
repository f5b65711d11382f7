"""The page behind a private link: what is public about me, changing it, withdrawing. GET shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from letters.models.signatures import Display, SignatureState
from letters.models.values import Letter
from letters.publishing.erasing import erase_subscriptions
from letters.publishing.pseudonyms import render
from letters.signing.agreeing import agree, disagree, may_agree
from letters.signing.appearing import Appearance, NotOffered, choice_of, read_choice
from letters.signing.cleaning import BadLine, clean_name
from letters.signing.form_view import display_choices, press_hint
from letters.signing.later import LinkPage
from letters.signing.managing import (
    NameMissing,
    NobodyWaits,
    Signature,
    Wish,
    change,
    lasting_challenge,
    signature_behind,
    withdraw,
)
from letters.signing.receipt_words import WHY_NONE
from letters.signing.receipts import NoReceipt, find_counted
from letters.web.fields import FieldView
from letters.web.headers import personal
from letters.web.locale import speak, switch_to
from letters.web.present import letter_view
from verification.mailbox.challenges import Challenge, Outcome
from verification.mailbox.tokens import Purpose

Errors = Mapping[str, Sequence[str]]


class PrivatePage(LinkPage):
    """What a private link opens, at whatever address."""

    def open(self, token: str) -> tuple[Challenge, Signature | None]:
        """The signature, None once it is withdrawn; from here on all words are in a language of its letter."""
        challenge_id = self.site.runtime.tokens.read(Purpose.MANAGE, token)
        with self.site.runtime.reading_soon() as session:
            challenge = lasting_challenge(session, challenge_id)
            if challenge.outcome is Outcome.WITHDRAWN:
                return challenge, None
            signature = signature_behind(session, challenge, self.site.runtime.keyring.server("names"))
        speak(self.site.languages(self.site.shelf.letter_of_signer(signature.slug)))
        return challenge, signature

    def show(
        self,
        token: str,
        signature: Signature,
        status: int = 200,
        errors: Errors = MappingProxyType({}),
        typed: Mapping[str, str] = MappingProxyType({}),
        refused: NoReceipt | None = None,
    ) -> Response:
        letter = self.site.shelf.letter_of_signer(signature.slug)
        language = speak(self.site.languages(letter))
        labels = self.site.labels(letter, g.language)
        fields = _fields(letter, signature, errors, typed)
        no_receipt = refused or self._no_receipt(signature)
        page = render_template(
            "signing/signature.html",
            token=token,
            letter=letter_view(letter, language, self.site.state(letter)),
            signature=signature,
            pseudonym=shown_pseudonym(signature),
            coarsened=letter.policy.threshold > 1,
            beat=format_timedelta(letter.rule.every),
            profession=labels.profession(signature.profession),
            region=labels.region(signature.region),
            fields=fields,
            professions=labels.profession_choices,
            regions=labels.region_choices,
            displays=display_choices(letter, fields["display"].value),
            errors=[(field.id, error) for field in fields.values() for error in field.errors],
            changed="changed" in request.args,
            final=signature.final or signature.state is SignatureState.VOIDED,
            press_hint=press_hint(letter),
            may_agree=may_agree(signature),
            no_receipt=WHY_NONE[type(no_receipt)] if no_receipt else None,
            refused=refused is not None,
            switch=[] if typed else switch_to("signature", self.site.runtime.settings.languages, token=token),
        )
        return personal(page, status)

    def _no_receipt(self, signature: Signature) -> NoReceipt | None:
        try:
            with self.site.runtime.reading_soon() as session:
                find_counted(session, signature.id, self.site.runtime.clock())
        except NoReceipt as refused:
            return refused
        return None


class SignaturePage(PrivatePage):
    """The private link: whoever has it sees and decides. POST changes and redirects."""

    def get(self, token: str) -> ResponseReturnValue:
        _challenge, signature = self.open(token)
        if signature is None:
            return personal(render_template("signing/withdrawn.html"))
        return self.show(token, signature)

    def post(self, token: str) -> ResponseReturnValue:
        challenge, signature = self.open(token)
        if signature is None:
            return back_to(token)
        deed = _deed(challenge, signature)
        if deed is None:
            return self._change(token, signature)
        self.site.runtime.settle_soon(deed)
        return back_to(token)

    def _change(self, token: str, signature: Signature) -> ResponseReturnValue:
        runtime = self.site.runtime
        wish, errors = self._wish(signature)
        if wish is None:
            return self.show(token, signature, 422, errors, request.form)
        try:
            runtime.settle_soon(lambda session: change(session, signature.id, wish, runtime.keyring, runtime.chance))
        except NameMissing:
            missing = {"name": [_("Please write the name under which you want to appear.")]}
            return self.show(token, signature, 422, missing, request.form)
        except NobodyWaits:
            ended = {"display": [_("Please choose how you want to appear.")]}
            return self.show(token, signature, 422, ended, request.form)
        return redirect(url_for("signature", token=token, changed=1), 303)

    def _wish(self, signature: Signature) -> tuple[Wish | None, dict[str, list[str]]]:
        letter, errors = self.site.shelf.letter_of_signer(signature.slug), {}
        chosen = Appearance(signature.display, signature.pact)
        profession = request.form.get("profession", signature.profession or "")
        region = request.form.get("region", signature.region or "")
        name = request.form.get("name", "")
        if profession not in self.site.professions(letter):
            errors["profession"] = [_("Please choose your profession from the list.")]
        if region not in self.site.regions(letter):
            errors["region"] = [_("Please choose your region from the list.")]
        try:
            chosen = read_choice(letter, request.form.get("display", _choice(letter, signature)))
        except NotOffered:
            errors["display"] = [_("Please choose how you want to appear.")]
        try:
            given = clean_name(name) if name.strip() else None
        except BadLine as error:
            errors["name"] = [str(error)]
        if errors:
            return None, errors
        return Wish(chosen.display, profession, region, given, chosen.pact), {}


def shown_pseudonym(signature: Signature) -> str | None:
    """The pseudonym in the reader's language, while the signer appears under one."""
    if signature.pseudonym is None or signature.display is not Display.PSEUDONYM:
        return None
    return render(signature.pseudonym, g.language)


def _deed(challenge: Challenge, signature: Signature) -> Callable[[Session], None] | None:
    """What the form asks for if it is one of those with a button alone."""
    agreed = request.form.getlist("press") == ["1"]
    deeds: Mapping[str, Callable[[Session], None]] = {
        "withdraw": lambda session: withdraw(session, challenge),
        "unsubscribe": lambda session: erase_subscriptions(session, [signature.id]),
        "press": lambda session: (agree if agreed else disagree)(session, signature.id),
    }
    return next((deed for name, deed in deeds.items() if name in request.form), None)


def _choice(letter: Letter, signature: Signature) -> str:
    return choice_of(letter, signature.display, pact=signature.pact)


def _fields(letter: Letter, signature: Signature, errors: Errors, typed: Mapping[str, str]) -> dict[str, FieldView]:
    values = {
        "name": (_("Name to publish"), ""),
        "profession": (_("Your profession"), signature.profession or ""),
        "region": (_("Where you work"), signature.region or ""),
        "display": (_("How you want to appear"), _choice(letter, signature)),
        "understood": (_("I understand that a receipt is evidence against me"), ""),
    }
    return {
        name: FieldView(name, label, typed.get(name, value), errors.get(name, ()))
        for name, (label, value) in values.items()
    }


def back_to(token: str) -> ResponseReturnValue:
    return redirect(url_for("signature", token=token), 303)
