"""The sign form of a network that is over its limit: it comes back whole, with work to do or a while to wait."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask import Response, render_template, request
from flask_babel import format_timedelta

from letters.models.values import Letter
from letters.signing.form_view import FormView
from letters.web.headers import allow_our_script, personal
from letters.web.locale import switch
from letters.web.present import letter_view
from letters.web.site import Site
from verification.access.door import Knock, SlowDown
from verification.access.proof import Payment

SOLUTION, TICKET = PAID_WITH = ("altcha", "ticket")
"""The hidden fields that bring a solution or a ticket back."""


def admit(site: Site, letter: Letter) -> Payment | None:
    """What this request has to spend; None within the limit, or with precautions off. Raises `SlowDown`."""
    if site.precautions is None:
        return None
    knock = Knock(request.remote_addr, letter.slug, request.form.get(SOLUTION, ""), request.form.get(TICKET, ""))
    return site.precautions.door.admit(knock)


def brought_back() -> dict[str, str]:
    """The solution and the ticket that this form brings, for the page on which it comes back."""
    return {name: request.form[name] for name in PAID_WITH if request.form.get(name)}


def ask_again(site: Site, letter: Letter) -> SlowDown:
    """What to ask for when a solution or a ticket was used before."""
    assert site.precautions is not None, "nothing is spent with precautions off"
    return site.precautions.door.slow_down(letter.slug)


def slow_page(site: Site, letter: Letter, language: str, form: FormView, asked: SlowDown) -> Response:
    """The page that asks; it says 429 (RFC 6585) and when to come back, and is the only one that runs a script."""
    response = personal(
        render_template(
            "signing/slow.html",
            letter=letter_view(letter, language, site.state(letter)),
            form=form,
            asked=asked,
            time=_in_words(asked.seconds),
            switch=[],
            turns=switch(site.languages(letter)),
        ),
        429,
    )
    response.headers["Retry-After"] = str(asked.seconds)
    return allow_our_script(response)


def _in_words(seconds: int) -> str:
    """How long to wait, rather more than less: “40 seconds”, “2 minutes”."""
    return str(format_timedelta(timedelta(seconds=seconds if seconds < 60 else 60 * ceil(seconds / 60))))
