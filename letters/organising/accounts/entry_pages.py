"""The way into the workspace and out of it: joining, signing in, the second factor, showing again who one is."""

from __future__ import annotations

from functools import partial

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.organising.accounts.factors import FactorRefused
from letters.organising.accounts.joining import (
    Newcomer,
    accept_invitation,
    adopt_letters,
    join_anew,
    look_at_invitation,
)
from letters.organising.accounts.sessions import end_session, promote
from letters.organising.accounts.signing_in import Proof, SignInRefused, prove, sign_in
from letters.organising.workspace.access import Access, Level, Visitor
from letters.organising.workspace.cookies import drop_cookie, set_cookie
from letters.organising.workspace.page import WorkspacePage, safe_next
from letters.organising.workspace.words import says
from letters.web.fields import FieldView
from letters.web.headers import allow_our_script
from verification.errors import Refusal
from verification.mailbox.tokens import Purpose, TokenDamaged, TokenForeign

TYPED = ("address", "name", "team")
"""What a newcomer's form keeps when it comes back; never the password."""


class SignIn(WorkspacePage):
    """Address and password."""

    needs = Access(Level.ANYBODY)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self.answer("organising/accounts/sign_in.html", visitor, next=safe_next(""), address="", refusal="")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime = self.site.runtime
        address, password = request.form.get("address", ""), request.form.get("password", "")
        try:
            cookie = runtime.settle(
                lambda session: sign_in(session, runtime.keyring, address, password, runtime.stretch, runtime.clock())
            )
        except SignInRefused as refusal:
            typed = {"next": safe_next(""), "address": address, "refusal": says(refusal)}
            return self.answer("organising/accounts/sign_in.html", visitor, 422, **typed)
        to = redirect(url_for("workspace_second_factor", next=safe_next("") or None), 303)
        return set_cookie(to, runtime.settings, cookie)


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
            prove(session, runtime.keyring, opened.account.id, proof, self.party, opened.challenge, now)
            return promote(session, runtime.keyring, opened, now)

        try:
            cookie = runtime.settle(verb)
        except FactorRefused as refusal:
            return self._show(visitor, says(refusal))
        return set_cookie(redirect(safe_next(url_for("workspace_home")), 303), runtime.settings, cookie)

    def _show(self, visitor: Visitor, refusal: str = "") -> ResponseReturnValue:
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
                account_id = visitor.opened.account.id
                runtime.settle(lambda session: self._found(session, self._challenge(token), account_id, team))
                return redirect(url_for("workspace_home"), 303)
            cookie = runtime.settle(partial(self._join, token=token))
        except Refusal as refusal:
            typed = {name: request.form.get(name, "") for name in TYPED}
            return self._show(visitor, token, typed, says(refusal))
        return set_cookie(redirect(url_for("workspace_set_up"), 303), runtime.settings, cookie)

    def _join(self, session: Session, token: str) -> bytes:
        runtime, form = self.site.runtime, request.form
        newcomer = Newcomer(
            form.get("address", ""), form.get("name", ""), form.get("password", ""), g.language, form.get("team", "")
        )
        keyring, now = runtime.keyring, runtime.clock()
        challenge = self._challenge(token)
        invited = look_at_invitation(session, keyring, challenge, now)
        cookie, team_id = join_anew(session, keyring, challenge, newcomer, runtime.stretch, now)
        if invited.team_id is None and runtime.settings.demo:
            adopt_letters(session, team_id)
        return cookie

    def _found(self, session: Session, challenge: bytes, account_id: bytes, team: str) -> None:
        runtime = self.site.runtime
        accept_invitation(session, runtime.keyring, challenge, account_id, team, runtime.clock())

    def _challenge(self, token: str) -> bytes:
        try:
            return self.site.runtime.tokens.read(Purpose.INVITE, token)
        except (TokenDamaged, TokenForeign):
            abort(404)

    def _show(self, visitor: Visitor, token: str, typed: dict[str, str], refusal: str) -> ResponseReturnValue:
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
