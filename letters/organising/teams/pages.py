"""The team's pages: its members and invitations, what an owner may change about each, leaving."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from letters.models.teams import Role
from letters.organising.accounts.joining import Terms, list_invitations
from letters.organising.teams.members import (
    change_role,
    find_member,
    invite_member,
    list_members,
    remove,
    rename,
    share_names,
    transfer,
    withdraw_invitation,
    withhold_names,
)
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.page import TeamPage, WorkspacePage
from letters.organising.workspace.words import says
from verification.errors import Refusal
from verification.identity.addresses import parse_address


class TeamMembers(TeamPage):
    """Who belongs to the team, and who is invited; an owner renames it and invites."""

    needs = Access(role=Role.REVIEWER)
    needs_post = Access(role=Role.OWNER, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._show(member)

    def post(self, member: Member) -> ResponseReturnValue:
        verbs = {"invite": self._invite, "rename": self._rename}
        verb = verbs.get(request.form.get("act", ""))
        if verb is None:
            abort(400)
        try:
            self.site.runtime.settle(lambda session: verb(session, member))
        except Refusal as refusal:
            return self._show(member, says(refusal))
        return redirect(url_for("workspace_team", team_id=member.team_id), 303)

    def _invite(self, session: Session, member: Member) -> None:
        terms = Terms(member.team_id, _role(), bool(request.form.get("sees_names")))
        language, keyring = member.session.account.language, self.site.runtime.keyring
        address = parse_address(request.form.get("address", ""))
        invite_member(session, keyring, self.doing(member), terms, address, language)

    def _rename(self, session: Session, member: Member) -> None:
        rename(session, self.doing(member), request.form.get("name", ""))

    def _show(self, member: Member, refusal: str = "") -> ResponseReturnValue:
        runtime = self.site.runtime
        with runtime.reading() as session:
            members = list_members(session, runtime.keyring, member.team_id)
            invitations = list_invitations(session, runtime.keyring, member.team_id, runtime.clock())
        return self.answer(
            "organising/teams/team.html",
            member,
            422 if refusal else 200,
            members=members,
            invitations=invitations if member.role is Role.OWNER else [],
            refusal=refusal,
            typed=request.form,
        )


class Invitation(TeamPage):
    """POST withdraws it."""

    needs = Access(role=Role.OWNER)

    def post(self, member: Member, invitation: str) -> ResponseReturnValue:
        doing, invitation_id = self.doing(member), _id(invitation)
        self.site.runtime.settle(lambda session: withdraw_invitation(session, doing, invitation_id))
        return redirect(url_for("workspace_team", team_id=member.team_id), 303)


class OneMember(TeamPage):
    """What an owner may change about a member, and what each change means."""

    needs = Access(role=Role.OWNER)
    needs_post = Access(role=Role.OWNER, strong=True)

    def get(self, member: Member, account: str) -> ResponseReturnValue:
        return self._show(member, account)

    def post(self, member: Member, account: str) -> ResponseReturnValue:
        verb = self._verbs(member, _id(account)).get(request.form.get("act", ""))
        if verb is None:
            abort(400)
        try:
            self.site.runtime.settle(verb)
        except Refusal as refusal:
            return self._show(member, account, says(refusal))
        return redirect(url_for("workspace_team", team_id=member.team_id), 303)

    def _verbs(self, member: Member, account_id: bytes) -> Mapping[str, Callable[[Session], object]]:
        doing, keyring = self.doing(member), self.site.runtime.keyring
        return {
            "role": lambda session: change_role(session, doing, account_id, _role()),
            "share": lambda session: share_names(session, doing, member.session.secret(keyring), account_id),
            "withhold": lambda session: withhold_names(session, doing, account_id),
            "transfer": lambda session: transfer(session, doing, account_id),
            "remove": lambda session: remove(session, doing, account_id),
        }

    def _show(self, member: Member, account: str, refusal: str = "") -> ResponseReturnValue:
        runtime = self.site.runtime
        try:
            with runtime.reading() as session:
                other = find_member(session, runtime.keyring, member.team_id, _id(account))
        except Refusal:
            abort(404)
        return self.answer(
            "organising/teams/member.html",
            member,
            422 if refusal else 200,
            other=other,
            mine=other.account.id == member.session.account.id,
            refusal=refusal,
        )


class Leave(TeamPage):
    """Leaving the team oneself."""

    needs = Access(role=Role.REVIEWER)
    needs_post = Access(role=Role.REVIEWER, strong=True)

    def get(self, member: Member) -> ResponseReturnValue:
        return self.answer("organising/teams/leave.html", member, refusal="")

    def post(self, member: Member) -> ResponseReturnValue:
        doing = self.doing(member)
        try:
            self.site.runtime.settle(lambda session: remove(session, doing, member.session.account.id))
        except Refusal as refusal:
            return self.answer("organising/teams/leave.html", member, 422, refusal=says(refusal))
        return redirect(url_for("workspace_home"), 303)


def _id(text: str) -> bytes:
    """An id in an address; 404 for what is none."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        abort(404)
    if len(found) != 16:
        abort(404)
    return found


def _role() -> Role:
    """The role that the form names; 400 for what is none."""
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        abort(400)


ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/teams/<int:team_id>": ("team", TeamMembers),
    "/workspace/teams/<int:team_id>/invitations/<invitation>": ("invitation", Invitation),
    "/workspace/teams/<int:team_id>/members/<account>": ("member", OneMember),
    "/workspace/teams/<int:team_id>/leave": ("leave", Leave),
}
