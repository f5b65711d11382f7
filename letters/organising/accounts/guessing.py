"""Guesses at passwords and codes, counted where precautions are on, before anything costly is done about them."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask import Response, request
from flask_babel import format_timedelta
from flask_babel import gettext as _

from letters.organising.accounts.profiles import index_of
from letters.web.site import Site
from verification.access.guesses import TooManyGuesses
from verification.identity.addresses import BadAddress, parse_address


def count_password(site: Site, typed_address: str) -> None:
    """One more attempt at the password behind an address. Raises `TooManyGuesses`."""
    _count(site, b"password\0" + _whose(site, typed_address))


def count_factor(site: Site, account_id: bytes) -> None:
    """One more attempt at an account's second factor. Raises `TooManyGuesses`."""
    _count(site, b"factor\0" + account_id)


def count_asking(site: Site, typed_address: str) -> None:
    """One more request for a mail to an address; signers wait for theirs in the same queue. Raises `TooManyGuesses`."""
    _count(site, b"mail\0" + _whose(site, typed_address), sparing=False)


def forgive_password(site: Site, typed_address: str) -> None:
    """The password was right."""
    _forgive(site, b"password\0" + _whose(site, typed_address))


def forgive_factor(site: Site, account_id: bytes) -> None:
    """The second factor was right."""
    _forgive(site, b"factor\0" + account_id)


def says_wait(refusal: TooManyGuesses) -> str:
    """How long to wait, rather more than less."""
    seconds = ceil(refusal.after.total_seconds())
    whole = timedelta(seconds=seconds if seconds < 60 else 60 * ceil(seconds / 60))
    return _("That was tried too often just now. Please wait %(time)s and try again.", time=format_timedelta(whole))


def come_back(response: Response, refusal: TooManyGuesses) -> Response:
    """The answer, as one that was refused for now (RFC 6585, section 4)."""
    response.status_code = 429
    response.headers["Retry-After"] = str(ceil(refusal.after.total_seconds()))
    return response


def _whose(site: Site, typed_address: str) -> bytes:
    """What the address is found by; all that are none are one."""
    try:
        return index_of(site.runtime.keyring, parse_address(typed_address))
    except BadAddress:
        return b""


def _count(site: Site, whose: bytes, *, sparing: bool = True) -> None:
    if site.precautions:
        site.precautions.guesses.count(whose, request.remote_addr, sparing=sparing)


def _forgive(site: Site, whose: bytes) -> None:
    if site.precautions:
        site.precautions.guesses.forgive(whose, request.remote_addr)
