"""Second factors beside the first: adding and removing."""

from __future__ import annotations

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from letters.organising.accounts.factors import LastFactor, NoSuchFactor, new_totp_secret, remove_factor
from letters.organising.accounts.set_up_pages import add_given_factor, show_new_factor, typed_totp_secret
from letters.organising.workspace.access import Access, Visitor
from letters.organising.workspace.page import WorkspacePage
from letters.organising.workspace.words import says
from verification.errors import Refusal


class NewFactor(WorkspacePage):
    """Another code app or passkey."""

    needs = Access(strong=True)

    def get(self, visitor: Visitor) -> ResponseReturnValue:
        return self._show(visitor, new_totp_secret(self.site.runtime.keyring), "")

    def post(self, visitor: Visitor) -> ResponseReturnValue:
        secret = typed_totp_secret()
        try:
            self.site.runtime.settle(lambda session: add_given_factor(self, session, visitor.session, secret))
        except Refusal as refusal:
            return self._show(visitor, secret, says(refusal))
        return redirect(url_for("workspace_account"), 303)

    def _show(self, visitor: Visitor, secret: bytes, refusal: str) -> ResponseReturnValue:
        return show_new_factor(self, visitor, "organising/accounts/another_factor.html", secret, refusal)


class RemoveFactor(WorkspacePage):
    """Takes one away, never the last."""

    needs = Access(strong=True)

    def post(self, visitor: Visitor, factor: str) -> ResponseReturnValue:
        account_id = visitor.session.account.id
        try:
            factor_id = bytes.fromhex(factor)
        except ValueError:
            abort(404)
        try:
            self.site.runtime.settle(lambda session: remove_factor(session, account_id, factor_id))
        except NoSuchFactor:
            abort(404)
        except LastFactor as refusal:
            return self.refuse(visitor, says(refusal))
        return redirect(url_for("workspace_account"), 303)
