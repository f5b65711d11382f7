"""The way back in for whoever has lost their password."""

from __future__ import annotations

from flask import Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from letters.organising.accounts.factors import Credential, factors_of
from letters.organising.accounts.guessing import (
    come_back,
    count_asking,
    count_factor,
    forgive_factor,
    says_wait,
)
from letters.organising.accounts.profiles import Account
from letters.organising.accounts.resetting import (
    NewPassword,
    ResetGone,
    ask_reset,
    look_at_reset,
    passkey_challenge,
    reset_password,
)
from letters.organising.accounts.signing_in import Proof
from letters.organising.workspace.access import Access, Level, Visitor
from letters.organising.workspace.cookies import drop_cookie
from letters.organising.workspace.page import WorkspacePage
from letters.organising.workspace.words import says
from letters.web.headers import allow_our_script
from verification.access.guesses import TooManyGuesses
from verification.access.passkeys import request_options
from verification.errors import Refusal
from verification.identity.addresses import BadAddress
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenForeign

KEEP = "keep"
"""The form that brings a recovery code; the other one says goodbye to the names."""


class LostPassword(WorkspacePage):
    """Asks for the address; the answer is the same whether an account has it or not."""

    needs = Access(Level.ANYBODY)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self._show(visitor, "", "")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, address, language = self.site.runtime, request.form.get("address", ""), g.language
        try:
            count_asking(self.site, address)
            runtime.settle(lambda session: ask_reset(session, runtime.keyring, address, language, runtime.clock()))
        except BadAddress as refusal:
            return self._show(visitor, address, says(refusal))
        except TooManyGuesses as refusal:
            return come_back(self._show(visitor, address, says_wait(refusal)), refusal)
        return redirect(url_for("workspace_lost_password", sent=""), 303)

    def _show(self, visitor: Visitor, address: str, refusal: str) -> Response:
        return self.answer(
            "organising/accounts/lost_password.html",
            visitor,
            422 if refusal else 200,
            address=address,
            refusal=refusal,
            sent="sent" in request.args and not refusal,
        )


class _ByLink(WorkspacePage):
    """A page that a mailed link leads to."""

    needs = Access(Level.ANYBODY)

    def _challenge(self, token: str) -> bytes:
        try:
            return self.site.runtime.tokens.read(Purpose.RESET, token)
        except (TokenDamaged, TokenForeign):
            abort(404)

    def _account(self, challenge: bytes) -> tuple[Account, list[bytes]]:
        """Whose link it is, and the ids of their passkeys. Raises `ResetGone`."""
        runtime = self.site.runtime
        with runtime.reading() as session:
            account = look_at_reset(session, runtime.keyring, challenge, runtime.clock())
            factors = factors_of(session, runtime.keyring, account.id)
        return account, [one.content.passkey().credential_id for one in factors if isinstance(one.content, Credential)]


class Reset(_ByLink):
    """A new password: with a recovery code all comes back, with a second factor the account alone."""

    def get(self, visitor: Visitor, token: str) -> ResponseReturnValue:
        return self._show(visitor, token, "")

    def post(self, visitor: Visitor, token: str) -> ResponseReturnValue:
        runtime, challenge, form = self.site.runtime, self._challenge(token), request.form
        proof = Proof(form.get("code", ""), form.get("passkey", ""))
        given = NewPassword(form.get("password", ""), proof, form.get("way") == KEEP)
        try:
            account, _passkeys = self._account(challenge)
            count_factor(self.site, account.id)
            reset_password(runtime, challenge, given, self.party)
        except TooManyGuesses as refusal:
            return come_back(self._show(visitor, token, says_wait(refusal)), refusal)
        except Refusal as refusal:
            return self._show(visitor, token, says(refusal))
        forgive_factor(self.site, account.id)
        return drop_cookie(redirect(url_for("workspace_sign_in", renewed=""), 303), runtime.settings)

    def _show(self, visitor: Visitor, token: str, refusal: str) -> Response:
        try:
            _account, passkeys = self._account(self._challenge(token))
        except ResetGone as gone:
            return self.refuse(visitor, says(gone), 410)
        answer = self.answer(
            "organising/accounts/reset.html",
            visitor,
            422 if refusal else 200,
            token=token,
            way=request.form.get("way", ""),
            refusal=refusal,
            passkeys=self.party.offered and bool(passkeys),
        )
        return allow_our_script(answer, connects=True)


class ResetPasskey(_ByLink):
    """What the browser asks of a passkey on that page, as JSON."""

    def post(self, visitor: Visitor, token: str) -> ResponseReturnValue:
        challenge = self._challenge(token)
        try:
            _account, known = self._account(challenge)
        except ResetGone:
            abort(404)
        question = passkey_challenge(self.site.runtime.keyring, challenge)
        return Response(request_options(self.party, question, known), content_type="application/json")
