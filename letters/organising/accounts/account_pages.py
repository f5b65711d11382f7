"""An organiser's own account: name, language, password, recovery codes, sessions."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.organising.accounts.factor_pages import NewFactor, RemoveFactor
from letters.organising.accounts.factors import count_recovery_codes, factors_of, make_recovery_codes
from letters.organising.accounts.guessing import come_back, says_wait
from letters.organising.accounts.profiles import BadName, change_profile
from letters.organising.accounts.reset_pages import LostPassword, Reset, ResetPasskey
from letters.organising.accounts.sessions import end_other_sessions, end_session, find_session, list_sessions
from letters.organising.accounts.signing_in import change_password
from letters.organising.workspace.access import Access, Visitor
from letters.organising.workspace.cookies import drop_cookie, set_cookie
from letters.organising.workspace.home_page import list_teams
from letters.organising.workspace.page import WorkspacePage
from letters.organising.workspace.words import says
from letters.vocabularies.languages import LANGUAGES
from verification.access.guesses import TooManyGuesses
from verification.access.passwords import WeakPassword

OTHERS = "others"
"""In the form that ends sessions: all but the one that sends it."""


class AccountPage(WorkspacePage):
    """Everything about one's account; POST changes name and language."""

    needs = Access()

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self._show(visitor, visitor.session.account.profile.name, "")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, account = self.site.runtime, visitor.session.account
        name, language = request.form.get("name", ""), request.form.get("language", "")
        if language not in runtime.settings.languages:
            language = account.language
        try:
            runtime.settle(lambda session: change_profile(session, runtime.keyring, account.id, name, language))
        except BadName as refusal:
            return self._show(visitor, name, says(refusal))
        return redirect(url_for("workspace_account"), 303)

    def _show(self, visitor: Visitor, name: str, refusal: str) -> Response:
        runtime, opened = self.site.runtime, visitor.session
        with runtime.reading() as session:
            return self.answer(
                "organising/accounts/account.html",
                visitor,
                422 if refusal else 200,
                name=name,
                refusal=refusal,
                languages=[LANGUAGES[code] for code in runtime.settings.languages],
                factors=factors_of(session, runtime.keyring, opened.account.id),
                codes_left=count_recovery_codes(session, opened.account.id),
                sessions=list_sessions(session, opened.account.id, runtime.clock()),
                teams=list_teams(session, opened.account.id),
            )


class PasswordPage(WorkspacePage):
    """Another password; every other session ends, and this one gets a new cookie."""

    needs = Access(strong=True)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self._show(visitor, "")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime = self.site.runtime
        try:
            cookie = change_password(runtime, visitor.session, request.form.get("password", ""))
        except WeakPassword as refusal:
            return self._show(visitor, says(refusal))
        except TooManyGuesses as refusal:
            return come_back(self._show(visitor, says_wait(refusal)), refusal)
        return set_cookie(redirect(url_for("workspace_account"), 303), runtime.settings, cookie)

    def _show(self, visitor: Visitor, refusal: str) -> Response:
        return self.answer("organising/accounts/password.html", visitor, 422 if refusal else 200, refusal=refusal)


class NewCodes(WorkspacePage):
    """Recovery codes in place of the earlier ones; POST shows them this once."""

    needs = Access(strong=True)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self._show(visitor, [])

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, opened = self.site.runtime, visitor.session

        def verb(session: Session) -> list[str]:
            still = find_session(session, runtime.keyring, opened.cookie, runtime.clock())
            return make_recovery_codes(session, runtime.keyring, opened.account.id, still.secret(runtime.keyring))

        return self._show(visitor, runtime.settle(verb))

    def _show(self, visitor: Visitor, codes: list[str]) -> Response:
        template = "organising/accounts/recovery_codes.html"
        return self.answer(template, visitor, codes=codes, anew=True, onward=url_for("workspace_account"))


class EndSession(WorkspacePage):
    """Ends the session that the form names, or all others."""

    needs = Access()

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        runtime, opened, named = self.site.runtime, visitor.session, request.form.get("session", "")
        if named == OTHERS:
            runtime.settle(lambda session: end_other_sessions(session, opened.account.id, keep_cookie=opened.cookie))
            return redirect(url_for("workspace_account"), 303)
        try:
            ended = bytes.fromhex(named)
        except ValueError:
            abort(400)
        runtime.settle(lambda session: end_session(session, opened.account.id, ended))
        if ended != opened.id:
            return redirect(url_for("workspace_account"), 303)
        return drop_cookie(redirect(url_for("workspace_sign_in"), 303), runtime.settings)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/account": ("account", AccountPage),
    "/workspace/account/password": ("password", PasswordPage),
    "/workspace/account/recovery-codes": ("new_codes", NewCodes),
    "/workspace/account/sessions": ("end_session", EndSession),
    "/workspace/account/factors": ("new_factor", NewFactor),
    "/workspace/account/factors/<factor>/remove": ("remove_factor", RemoveFactor),
    "/workspace/lost-password": ("lost_password", LostPassword),
    "/workspace/reset/<token>": ("reset", Reset),
    "/workspace/reset/<token>/passkey": ("reset_passkey", ResetPasskey),
}
