"""Refusals about accounts, as organisers read them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from letters.organising.accounts.factors import FactorRefused, LastFactor, NoSuchFactor
from letters.organising.accounts.joining import HasAccount, InvitationGone
from letters.organising.accounts.profiles import BadName, NoSuchAccount
from letters.organising.accounts.resetting import NotThisCode, ResetGone
from letters.organising.accounts.sessions import SessionOver
from letters.organising.accounts.signing_in import SignInRefused
from verification.access.guesses import TooManyGuesses
from verification.access.passkeys import PasskeyRefused
from verification.access.passwords import WeakPassword
from verification.errors import Refusal
from verification.identity.account_keys import SessionUnusable
from verification.identity.addresses import BadAddress

SAID: Mapping[type[Refusal], object] = {
    BadAddress: _("Please write one e-mail address, like name@example.org."),
    BadName: _("Please write one line of at most 80 characters. It need not be your real name."),
    FactorRefused: _("This code or passkey is not right, or was used already. Wait for the next code and try again."),
    HasAccount: _("This address has an account already. Sign in first, then open the invitation again."),
    InvitationGone: _("This invitation was used, withdrawn, or has expired. Ask for a new one."),
    LastFactor: _("This is your only second factor. Set up another one first."),
    NoSuchFactor: _("This second factor was removed already."),
    NotThisCode: _("This is none of your recovery codes. Compare it with your note, group by group."),
    ResetGone: _("This link was used, replaced by a newer one, or has expired. Ask for a new one."),
    NoSuchAccount: _("This account is gone."),
    PasskeyRefused: _("The passkey did not fit this site or this question. Try again."),
    SessionOver: _("Your session has ended. Please sign in again."),
    SessionUnusable: _("Your session has ended. Please sign in again."),
    SignInRefused: _("Address and password do not belong together. Please check both."),
    TooManyGuesses: _("That was tried too often just now. Please wait a while and try again."),
    WeakPassword: {
        "short": _("Please use at least 12 characters: four or five words that have nothing to do with each other."),
        "long": _("Please use at most 200 characters."),
        "guessable": _("This password is easy to guess. Four or five words without connection are better."),
        "personal": _("This password is made of your own name or address. Choose words that do not lead to you."),
    },
}
