"""The base of every page of the workspace: it finds out who is there and asks for what the page needs.

A page says in `needs` (and `needs_post`, where posting asks for more) who may open it; a house test reads the same.
Its methods get the visitor, or the member, as their first argument.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Any, ClassVar

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from sqlalchemy.orm import Session

from letters.organising.accounts.factors import FactorRefused
from letters.organising.accounts.guessing import come_back, count_factor, forgive_factor, says_wait
from letters.organising.accounts.sessions import COOKIE_BYTES, SessionOver, find_session, is_seen, see
from letters.organising.accounts.signing_in import Proof, SignInRefused, confirm_again
from letters.organising.teams.trail import Doing
from letters.organising.workspace.access import (
    Access,
    Member,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Visitor,
    check_level,
    check_role,
    member_of_draft,
    member_of_letter,
    member_of_team,
)
from letters.organising.workspace.cookies import read_cookie, set_cookie
from letters.organising.workspace.words import says
from letters.web.guards import LARGEST
from letters.web.headers import allow_our_script, personal
from letters.web.site import SitePage
from verification.access.guesses import TooManyGuesses
from verification.access.passkeys import RelyingParty
from verification.identity.account_keys import SessionUnusable, csrf_token

AGAIN = ("again_password", "again_code", "again_passkey")
"""The fields by which an organiser shows again who they are, beside whatever the form holds."""

_OURS = re.compile(r"/workspace(?:/[A-Za-z0-9_~.-]+)*/?(?:\?[A-Za-z0-9_~.%&=+/:,;-]*)?", re.ASCII)
"""Addresses of the workspace: nothing in them that a browser could read as another site, or as a way up."""


class WorkspacePage(SitePage):
    """A page about no team, for whoever `needs` lets in."""

    needs: ClassVar[Access] = Access()
    needs_post: ClassVar[Access | None] = None
    largest: ClassVar[int] = LARGEST
    """Bytes of a posted form."""

    @classmethod
    def access(cls, method: str) -> Access:
        """What the page asks for, by method."""
        return (cls.needs_post or cls.needs) if method == "POST" else cls.needs

    def dispatch_request(self, **values: Any) -> ResponseReturnValue:
        request.max_content_length = request.max_form_memory_size = self.largest
        access, visitor = self.access(request.method), self._visitor()
        _speak(visitor)
        try:
            check_level(visitor, access)
            self._check_form(visitor)
            who, values = self._enter(visitor, access, values)
            return self._doubt(visitor, access) or self._method(who, **values)
        except (NotSignedIn, SessionOver, SessionUnusable):
            return self._to_sign_in(visitor)
        except NotFound:
            abort(404)
        except NotAllowed as refusal:
            return self.refuse(visitor, says(refusal), 403)

    @property
    def _method(self) -> Callable[..., ResponseReturnValue]:
        name = "get" if request.method == "HEAD" else request.method.lower()
        method: Callable[..., ResponseReturnValue] = getattr(self, name)
        return method

    def _enter(self, visitor: Visitor, access: Access, values: dict[str, Any]) -> tuple[Visitor, dict[str, Any]]:
        """Who the page deals with, and the rest of its address. Raises `NotFound` or `NotAllowed`."""
        return visitor, values

    def _visitor(self) -> Visitor:
        runtime = self.site.runtime
        cookie = read_cookie(runtime.settings)
        if cookie is None:
            fresh = runtime.chance.token(COOKIE_BYTES)
            return Visitor(fresh, csrf_token(fresh), None)
        try:
            with runtime.reading() as session:
                opened = find_session(session, runtime.keyring, cookie, runtime.clock())
                known = is_seen(session, opened, runtime.clock())
        except SessionOver:
            return Visitor(cookie, csrf_token(cookie), None)
        if not known:
            runtime.settle(lambda session: see(session, opened, runtime.clock()))
        return Visitor(cookie, opened.csrf, opened)

    def _check_form(self, visitor: Visitor) -> None:
        """403 for a form that this browser was not given."""
        if request.method == "POST" and not hmac.compare_digest(
            request.form.get("csrf_token", "").encode(), visitor.csrf.encode()
        ):
            abort(403)

    def _doubt(self, visitor: Visitor, access: Access) -> Response | None:
        """The page that asks once more who it is, where the page needs that; None as soon as it is answered."""
        if not access.strong or visitor.session.strong:
            return None
        if request.method != "POST" or not request.form.get("again_password"):
            return self._ask_again(visitor, "")
        try:
            self._confirm(visitor)
        except (SignInRefused, FactorRefused) as refusal:
            return self._ask_again(visitor, says(refusal))
        except TooManyGuesses as refusal:
            return come_back(self._ask_again(visitor, says_wait(refusal)), refusal)
        return None

    def _confirm(self, visitor: Visitor) -> None:
        """Raises why what was given again is not right."""
        opened, form = visitor.session, request.form
        proof = Proof(form.get("again_code", ""), form.get("again_passkey", ""))
        count_factor(self.site, opened.account.id)
        confirm_again(self.site.runtime, opened, form["again_password"], proof, self.party)
        forgive_factor(self.site, opened.account.id)

    def _to_sign_in(self, visitor: Visitor) -> ResponseReturnValue:
        """To the step of signing in that is missing; afterwards back here, if this was a page to look at."""
        opened = visitor.opened
        step = "workspace_sign_in"
        if opened is not None:
            step = "workspace_second_factor" if opened.account.ready else "workspace_set_up"
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for(step, next=here), 303)

    def _ask_again(self, visitor: Visitor, refusal: str) -> Response:
        """Password and second factor, around whatever was about to be sent; a file has to be chosen again."""
        posted = [(name, value) for name, value in request.form.items(multi=True) if name not in (*AGAIN, "csrf_token")]
        action = request.full_path if request.method == "POST" else url_for("workspace_again", next=request.full_path)
        page = self.render(
            "organising/workspace/again.html",
            visitor,
            action=action,
            posted=posted if request.method == "POST" else [],
            files=list(request.files),
            refusal=refusal,
            passkeys=self.party.offered,
        )
        return allow_our_script(personal(page, 422 if refusal else 200), connects=True)

    @property
    def party(self) -> RelyingParty:
        return RelyingParty.of(self.site.runtime.settings.base_url)

    def render(self, template: str, visitor: Visitor, **values: Any) -> str:
        """A page in the workspace's frame."""
        return render_template(template, who=visitor, csrf=visitor.csrf, **values)

    def answer(self, template: str, visitor: Visitor, status: int = 200, **values: Any) -> Response:
        """A rendered page as an answer that nobody keeps, which hands a newcomer's browser its cookie."""
        response = personal(self.render(template, visitor, **values), status)
        if visitor.opened is None:
            set_cookie(response, self.site.runtime.settings, visitor.cookie)
        return response

    def refuse(self, visitor: Visitor, sentence: str, status: int = 422) -> Response:
        """A page that says why something was not done."""
        return self.answer("organising/workspace/refused.html", visitor, status, sentence=sentence)


class TeamPage(WorkspacePage):
    """A page about a team; its methods get a `Member`."""

    needs: ClassVar[Access] = Access(role=None)

    def _enter(self, visitor: Visitor, access: Access, values: dict[str, Any]) -> tuple[Visitor, dict[str, Any]]:
        with self.site.runtime.reading() as session:
            member, values = self._member(session, visitor, dict(values))
        check_role(member, access)
        return member, values

    def _member(self, session: Session, visitor: Visitor, values: dict[str, Any]) -> tuple[Member, dict[str, Any]]:
        return member_of_team(session, visitor, values.pop("team_id")), values

    def doing(self, member: Member) -> Doing:
        """Who acts here and now, for the trail."""
        letter_id = member.letter.id if member.letter else None
        return Doing(member.team_id, member.session.account.id, self.site.runtime.clock(), letter_id)


class LetterPage(TeamPage):
    """A page about one of the team's letters."""

    def _member(self, session: Session, visitor: Visitor, values: dict[str, Any]) -> tuple[Member, dict[str, Any]]:
        return member_of_letter(session, visitor, values.pop("slug")), values


class DraftPage(TeamPage):
    """A page about one of the team's drafts."""

    def _member(self, session: Session, visitor: Visitor, values: dict[str, Any]) -> tuple[Member, dict[str, Any]]:
        return member_of_draft(session, visitor, values.pop("draft")), values


def safe_next(fallback: str) -> str:
    """Where `next` leads, if that is plainly a page of this workspace; otherwise the fallback."""
    wanted = request.args.get("next", "") or request.form.get("next", "")
    return wanted if _OURS.fullmatch(wanted) and ".." not in wanted.partition("?")[0] else fallback


def _speak(visitor: Visitor) -> None:
    """The page speaks the language that the organiser chose."""
    if visitor.opened is not None and visitor.opened.account.language != g.language:
        g.language = visitor.opened.account.language
        refresh()
