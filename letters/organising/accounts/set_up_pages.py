"""The first set-up of an account's second factor and recovery codes, and the questions that passkeys answer."""

from __future__ import annotations

import segno
from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, FactorKind
from letters.organising.accounts.factors import (
    Credential,
    add_passkey,
    add_totp,
    factors_of,
    forget_factors,
    make_recovery_codes,
    new_totp_secret,
)
from letters.organising.accounts.sessions import Opened, challenge_passkey, promote, take_challenge
from letters.organising.workspace.access import Access, Level, Visitor
from letters.organising.workspace.cookies import set_cookie
from letters.organising.workspace.page import WorkspacePage
from letters.organising.workspace.words import says
from letters.web.headers import allow_our_script
from verification.access.passkeys import check_created, creation_options, request_options
from verification.access.totp import SECRET_BYTES, provisioning_uri, typed_secret
from verification.errors import Refusal

CHALLENGE_BYTES = 32


class SetUp(WorkspacePage):
    """The second factor of an account that has none yet."""

    needs = Access(Level.PASSWORD)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        if visitor.session.account.ready:
            return redirect(url_for("workspace_home"), 303)
        return self._show(visitor, new_totp_secret(self.site.runtime.keyring), "")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        if visitor.session.account.ready:
            abort(403)
        opened, secret = visitor.session, typed_totp_secret()

        def verb(session: Session) -> None:
            forget_factors(session, opened.account.id)
            add_given_factor(self, session, opened, secret)

        try:
            self.site.runtime.settle(verb)
        except Refusal as refusal:
            return self._show(visitor, secret, says(refusal))
        return redirect(url_for("workspace_recovery_codes"), 303)

    def _show(self, visitor: Visitor, secret: bytes, refusal: str) -> ResponseReturnValue:
        return show_new_factor(self, visitor, "organising/accounts/set_up.html", secret, refusal)


class RecoveryCodes(WorkspacePage):
    """GET explains, POST makes them and shows them this once."""

    needs = Access(Level.PASSWORD)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        self._check(visitor)
        return self._show(visitor, [])

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        self._check(visitor)
        runtime, opened = self.site.runtime, visitor.session
        secret = opened.secret(runtime.keyring)

        def verb(session: Session) -> tuple[list[str], bytes]:
            codes = make_recovery_codes(session, runtime.keyring, opened.account.id, secret)
            session.get_one(AccountRow, opened.account.id).ready = True
            return codes, promote(session, runtime.keyring, opened, runtime.clock())

        codes, cookie = runtime.settle(verb)
        return set_cookie(self._show(visitor, codes), runtime.settings, cookie)

    def _show(self, visitor: Visitor, codes: list[str]) -> Response:
        template, onward = "organising/accounts/recovery_codes.html", url_for("workspace_home")
        return self.answer(template, visitor, codes=codes, anew=False, onward=onward)

    def _check(self, visitor: Visitor) -> None:
        """Only while setting up; later the codes are made anew on the account's page."""
        runtime, opened = self.site.runtime, visitor.session
        with runtime.reading() as session:
            has_factor = bool(factors_of(session, runtime.keyring, opened.account.id))
        if opened.account.ready or not has_factor:
            abort(404)


class PasskeyQuestion(WorkspacePage):
    """What the browser asks of a passkey, as JSON; the session remembers the question until it is answered."""

    needs = Access(Level.PASSWORD)

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, opened = self.site.runtime, visitor.session
        challenge, account = runtime.chance.token(CHALLENGE_BYTES), opened.account
        with runtime.reading() as session:
            factors = factors_of(session, runtime.keyring, account.id)
        known = [one.content.passkey().credential_id for one in factors if isinstance(one.content, Credential)]
        if request.form.get("purpose") == "create":
            options = creation_options(self.party, challenge, account.id, account.profile.address, known)
        else:
            options = request_options(self.party, challenge, known)
        runtime.settle(lambda session: challenge_passkey(session, opened, challenge))
        return Response(options, content_type="application/json")


def typed_totp_secret() -> bytes:
    """The time code's secret that the form carries; 400 for anything else."""
    try:
        secret = bytes.fromhex(request.form.get("secret", ""))
    except ValueError:
        abort(400)
    if len(secret) != SECRET_BYTES:
        abort(400)
    return secret


def add_given_factor(page: WorkspacePage, session: Session, opened: Opened, secret: bytes) -> FactorKind:
    """Add the factor that the form brings: a passkey's answer, or a time code.

    Raises `FactorRefused` or `PasskeyRefused`.
    """
    runtime, label = page.site.runtime, request.form.get("label", "")
    answer = request.form.get("passkey", "")
    if answer:
        passkey = check_created(page.party, take_challenge(session, opened) or b"", answer)
        add_passkey(session, runtime.keyring, opened.account.id, label or _("Passkey"), passkey)
        return FactorKind.PASSKEY
    code, now = request.form.get("code", ""), runtime.clock()
    add_totp(session, runtime.keyring, opened.account.id, label or _("Code app"), secret, code, now)
    return FactorKind.TOTP


def show_new_factor(
    page: WorkspacePage, visitor: Visitor, template: str, secret: bytes, refusal: str
) -> ResponseReturnValue:
    """A page that offers a code app's QR code, and a passkey where browsers have them."""
    address = visitor.session.account.profile.address
    code = segno.make(provisioning_uri(secret, address, "Undersigned"), error="m", micro=False)
    answer = page.answer(
        template,
        visitor,
        422 if refusal else 200,
        secret=secret.hex(),
        label=request.form.get("label", ""),
        typed=typed_secret(secret),
        qr=Markup(code.svg_inline(scale=5, border=2, omitsize=True, svgclass="qr", lineclass=None)),  # noqa: S704
        refusal=refusal,
        passkeys=page.party.offered,
    )
    return allow_our_script(answer, connects=True)
