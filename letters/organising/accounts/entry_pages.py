"""The way into the workspace and out of it: joining, signing in, the second factor, showing again who one is."""

from __future__ import annotations

from flask import Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.organising.accounts.factors import FactorRefused
from letters.organising.accounts.guessing import (
    come_back,
    count_factor,
    count_password,
    forgive_factor,
    forgive_password,
    says_wait,
)
from letters.organising.accounts.joining import Newcomer, accept_invitation, join_anew, look_at_invitation
from letters.organising.accounts.sessions import end_session, promote
from letters.organising.accounts.signing_in import Proof, SignInRefused, prove, sign_in
from letters.organising.workspace.access import Access, Level, NotSignedIn, Visitor, check_level
from letters.organising.workspace.cookies import drop_cookie, set_cookie
from letters.organising.workspace.page import WorkspacePage, safe_next
from letters.organising.workspace.words import says
from letters.web.fields import FieldView
from letters.web.headers import allow_our_script
from verification.access.guesses import TooManyGuesses
from verification.errors import Refusal
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenForeign

TYPED = ("address", "name", "team")
"""What a newcomer's form keeps when it comes back; never the password."""


class SignIn(WorkspacePage):
    """Address and password."""

    needs = Access(Level.ANYBODY)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self._show(visitor, "", "")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime = self.site.runtime
        address, password = request.form.get("address", ""), request.form.get("password", "")
        try:
            count_password(self.site, address)
            cookie = sign_in(runtime, address, password)
        except SignInRefused as refusal:
            return self._show(visitor, address, says(refusal))
        except TooManyGuesses as refusal:
            return come_back(self._show(visitor, address, says_wait(refusal)), refusal)
        forgive_password(self.site, address)
        to = redirect(url_for("workspace_second_factor", next=safe_next("") or None), 303)
        return set_cookie(to, runtime.settings, cookie)

    def _show(self, visitor: Visitor, address: str, refusal: str) -> Response:
        return self.answer(
            "organising/accounts/sign_in.html",
            visitor,
            422 if refusal else 200,
            next=safe_next(""),
            address=address,
            refusal=refusal,
            renewed="renewed" in request.args,
        )


class SecondFactor(WorkspacePage):
    """A code or a passkey, after the password."""

    needs = Access(Level.PASSWORD)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        if not visitor.session.account.ready:
            return redirect(url_for("workspace_set_up"), 303)
        return self._show(visitor)

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, opened = self.site.runtime, visitor.session
        if not opened.account.ready:
            abort(403)
        proof = Proof(request.form.get("code", ""), request.form.get("passkey", ""))

        def verb(session: Session) -> bytes:
            now = runtime.clock()
            prove(session, runtime.keyring, opened, proof, self.party, now)
            return promote(session, runtime.keyring, opened, now)

        try:
            count_factor(self.site, opened.account.id)
            cookie = runtime.settle(verb)
        except FactorRefused as refusal:
            return self._show(visitor, says(refusal))
        except TooManyGuesses as refusal:
            return come_back(self._show(visitor, says_wait(refusal)), refusal)
        forgive_factor(self.site, opened.account.id)
        return set_cookie(redirect(safe_next(url_for("workspace_home")), 303), runtime.settings, cookie)

    def _show(self, visitor: Visitor, refusal: str = "") -> Response:
        answer = self.answer(
            "organising/accounts/second_factor.html",
            visitor,
            422 if refusal else 200,
            next=safe_next(""),
            refusal=refusal,
            passkeys=self.party.offered,
        )
        return allow_our_script(answer, connects=True)


class SignOut(WorkspacePage):
    """Ends this session on the server too."""

    needs = Access(Level.PASSWORD)

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, opened = self.site.runtime, visitor.session
        runtime.settle(lambda session: end_session(session, opened.account.id, opened.id))
        return drop_cookie(redirect(url_for("workspace_sign_in"), 303), runtime.settings)


class Again(WorkspacePage):
    """Shows again who one is, then leads on to the page that asked."""

    needs = Access()
    needs_post = Access(strong=True)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return redirect(safe_next(url_for("workspace_home")), 303)

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        return redirect(safe_next(url_for("workspace_home")), 303)


class Join(WorkspacePage):
    """An invitation's link, or the first organiser's: makes an account, or adds the team to one that is signed in."""

    needs = Access(Level.ANYBODY)

    def get(self, visitor: Visitor, token: str) -> ResponseReturnValue:
        return self._show(visitor, token, {}, "")

    def post(self, visitor: Visitor, token: str) -> ResponseReturnValue:
        runtime, team = self.site.runtime, request.form.get("team", "")
        try:
            if visitor.opened is not None and visitor.opened.account.ready:
                check_level(visitor, Access())
                account_id = visitor.opened.account.id
                runtime.settle(lambda session: self._found(session, self._challenge(token), account_id, team))
                return redirect(url_for("workspace_home"), 303)
            cookie = self._join(token)
        except NotSignedIn:
            raise
        except TooManyGuesses as busy:
            return come_back(self._show(visitor, token, self._typed(), says_wait(busy)), busy)
        except Refusal as refusal:
            return self._show(visitor, token, self._typed(), says(refusal))
        return set_cookie(redirect(url_for("workspace_set_up"), 303), runtime.settings, cookie)

    def _join(self, token: str) -> bytes:
        form = self._typed()
        newcomer = Newcomer(
            form["address"], form["name"], request.form.get("password", ""), g.language, form["team"]
        )  # fmt: skip
        return join_anew(self.site.runtime, self._challenge(token), newcomer)

    def _typed(self) -> dict[str, str]:
        return {name: request.form.get(name, "") for name in TYPED}

    def _found(self, session: Session, challenge: bytes, account_id: bytes, team: str) -> None:
        runtime = self.site.runtime
        accept_invitation(session, runtime.keyring, challenge, account_id, team, runtime.clock())

    def _challenge(self, token: str) -> bytes:
        try:
            return self.site.runtime.tokens.read(Purpose.INVITE, token)
        except (TokenDamaged, TokenForeign):
            abort(404)

    def _show(self, visitor: Visitor, token: str, typed: dict[str, str], refusal: str) -> Response:
        runtime, challenge = self.site.runtime, self._challenge(token)
        try:
            with runtime.reading() as session:
                invited = look_at_invitation(session, runtime.keyring, challenge, runtime.clock())
        except Refusal as gone:
            return self.refuse(visitor, says(gone), 410)
        fields = {name: FieldView(name, "", typed.get(name, ""), ()) for name in TYPED}
        return self.answer(
            "organising/accounts/join.html",
            visitor,
            422 if refusal else 200,
            invited=invited,
            fields=fields,
            refusal=refusal,
        )
