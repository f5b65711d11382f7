"""The list of a letter's signatures, which names nobody, and what organisers decide about those that they ticked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from letters.models.signatures import SignatureState
from letters.models.teams import Role
from letters.organising.defending.chosen import ChosenPage, read_after, ticked
from letters.organising.defending.deciding import MOST_HELD, accept, hold, unvouch, vouch
from letters.organising.defending.filter_form import filter_selects, query_of
from letters.organising.defending.filters import Filter
from letters.organising.defending.looking import count_fitting, list_signatures
from letters.organising.defending.views import signature_view
from letters.organising.workspace.access import Access, Member
from letters.organising.workspace.words import says
from verification.errors import Refusal

Decide = Callable[..., int]

ON_TICKED: Mapping[str, Decide] = {"hold": hold, "accept": accept, "vouch": vouch, "unvouch": unvouch}
"""What the buttons under the list do with ticked signatures."""

ACCEPT_ALL = "accept_all"
"""The button that accepts everything that fits the filter."""


class Signatures(ChosenPage):
    """Fifty signatures at a time, by filter; POST decides about some of them."""

    needs = Access(role=Role.REVIEWER)

    def get(self, member: Member) -> ResponseReturnValue:
        return self._show(member, request.args)

    def post(self, member: Member) -> ResponseReturnValue:
        form, act = request.form, request.form.get("act", "")
        chosen = self.filter_in(form, self.labels(member))
        doing, slug, after = self.doing(member), member.of_letter.slug, read_after(form)
        try:
            verb = self._verb(member, act, chosen, form)
            count = self.site.runtime.settle(lambda session: verb(session, doing, slug))
        except Refusal as refusal:
            return self._show(member, form, says(refusal))
        query: dict[str, Any] = {
            **query_of(chosen),
            "after": after.hex() if after else None,
            "done": act,
            "count": count,
        }
        return redirect(url_for("workspace_signatures", slug=slug, **query), 303)

    def _verb(self, member: Member, act: str, chosen: Filter, form: MultiDict[str, str]) -> Decide:
        """What the button does, to what; 400 for none of ours. Raises `NothingTicked`."""
        if act == ACCEPT_ALL:
            return partial(accept, what=chosen, seen=form.get("seen", None, int))
        if act not in ON_TICKED:
            abort(400)
        ids, verb = ticked(form), ON_TICKED[act]
        if verb is hold and member.role is Role.REVIEWER:
            verb = partial(hold, most=MOST_HELD)
        return lambda session, doing, slug: verb(session, doing, slug, ids)

    def _show(self, member: Member, given: MultiDict[str, str], refusal: str = "") -> ResponseReturnValue:
        letter, labels = member.of_letter, self.labels(member)
        chosen, after = self.filter_in(given, labels), read_after(given)
        with self.site.runtime.reading() as session:
            listing = list_signatures(session, letter.id, chosen, after)
            fitting = count_fitting(session, letter.id, chosen)
        return self.answer(
            "organising/defending/signatures.html",
            member,
            422 if refusal else 200,
            signatures=[signature_view(line, labels) for line in listing.lines],
            selects=filter_selects(chosen, labels),
            query=query_of(chosen),
            fitting=fitting,
            only_held=chosen.state is SignatureState.HELD,
            after=after.hex() if after else "",
            next=listing.next.hex() if listing.next else "",
            done="" if refusal else done_words(given),
            refusal=refusal,
        )


def done_words(given: Mapping[str, str]) -> str:
    """What was just done, as the address after it tells; empty where it tells nothing."""
    count = given.get("count", "")
    if not (count.isascii() and count.isdecimal() and len(count) < 10):
        return ""
    number = int(count)
    words = {
        "hold": ngettext("%(num)s signature is held now.", "%(num)s signatures are held now.", number),
        "accept": ngettext("%(num)s signature is accepted.", "%(num)s signatures are accepted.", number),
        "vouch": ngettext("You vouch for %(num)s signature.", "You vouch for %(num)s signatures.", number),
        "unvouch": ngettext(
            "Nobody vouches for %(num)s signature any more.", "Nobody vouches for %(num)s signatures any more.", number
        ),
    }
    return words.get(given.get("done", "").removesuffix("_all"), "")
