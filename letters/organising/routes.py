"""Where the pages of the workspace are."""

from __future__ import annotations

from collections.abc import Mapping

from letters.organising.accounts import entry_pages as entry
from letters.organising.accounts import set_up_pages as set_up
from letters.organising.accounts.account_pages import ROUTES as ACCOUNTS
from letters.organising.addressing.pages import ROUTES as ADDRESSING
from letters.organising.defending.pages import ROUTES as DEFENDING
from letters.organising.drafting.pages import ROUTES as DRAFTING
from letters.organising.handover.pages import ROUTES as HANDOVER
from letters.organising.sampling.pages import ROUTES as SAMPLING
from letters.organising.standing.pages import ROUTES as STANDING
from letters.organising.teams.pages import ROUTES as TEAMS
from letters.organising.updating.pages import ROUTES as UPDATING
from letters.organising.watching.pages import ROUTES as WATCHING
from letters.organising.workspace.home_page import Home
from letters.organising.workspace.page import WorkspacePage

ENTRY: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    "/workspace/": ("home", Home),
    "/workspace/join/<token>": ("join", entry.Join),
    "/workspace/sign-in": ("sign_in", entry.SignIn),
    "/workspace/second-factor": ("second_factor", entry.SecondFactor),
    "/workspace/sign-out": ("sign_out", entry.SignOut),
    "/workspace/again": ("again", entry.Again),
    "/workspace/set-up": ("set_up", set_up.SetUp),
    "/workspace/recovery-codes": ("recovery_codes", set_up.RecoveryCodes),
    "/workspace/passkey": ("passkey", set_up.PasskeyQuestion),
}

ROUTES: Mapping[str, tuple[str, type[WorkspacePage]]] = {
    **ENTRY,
    **ACCOUNTS,
    **TEAMS,
    **DRAFTING,
    **WATCHING,
    **DEFENDING,
    **STANDING,
    **HANDOVER,
    **SAMPLING,
    **UPDATING,
    **ADDRESSING,
}
"""By address: what the page is called, after `workspace_`, and its view."""
