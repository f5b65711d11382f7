"""The way into the workspace."""

import pytest
from werkzeug.test import TestResponse

from letters.models.teams import Role
from letters.organising.accounts.joining import Terms, invite
from tests.letters.organising.accounts.browsing import token_at
from tests.parts.clock import Clock
from tests.parts.organiser import PASSWORD, Organiser
from verification.identity.addresses import parse_address
from verification.mailbox.tokens import Purpose

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_the_first_organiser_founds_a_team_and_is_in(organiser: Organiser) -> None:
    page = organiser.get("/workspace/")
    assert (page.status_code, "Team Example" in page.text) == (200, True)


def test_after_signing_out_the_old_cookie_opens_nothing(organiser: Organiser) -> None:
    cookie = organiser.client.get_cookie("__Secure-workspace", path="/workspace", domain="undersigned.example")
    assert cookie is not None
    organiser.sign_out()
    organiser.client.set_cookie(cookie.key, cookie.value, path="/workspace", domain="undersigned.example", secure=True)
    assert organiser.get("/workspace/").location.startswith("/workspace/sign-in")


def test_a_sign_in_takes_password_and_second_factor(organiser: Organiser) -> None:
    organiser.sign_out()
    assert organiser.sign_in().status_code == 303
    assert organiser.get("/workspace/").status_code == 200


def test_a_code_works_once(organiser: Organiser) -> None:
    organiser.sign_out()
    code = organiser.code
    assert organiser.sign_in(code).status_code == 303
    organiser.sign_out()
    assert organiser.sign_in(code).status_code == 422


def test_a_recovery_code_stands_in_for_the_second_factor_once(organiser: Organiser) -> None:
    organiser.sign_out()
    code = organiser.recovery_codes[3]
    assert organiser.sign_in(code).status_code == 303
    organiser.sign_out()
    assert organiser.sign_in(code).status_code == 422


def test_a_colleague_joins_the_same_team(organiser: Organiser) -> None:
    colleague = organiser.colleague()
    assert colleague.team_id == organiser.team_id


def invited(organiser: Organiser, address: str = "new@example.org") -> str:
    """The link of an invitation into the organiser's team."""
    runtime, terms, to = organiser.runtime, Terms(organiser.team_id, Role.EDITOR, sees_names=False), address
    challenge = runtime.settle(
        lambda session: invite(session, runtime.keyring, terms, parse_address(to), "en", runtime.clock())
    )
    return f"/workspace/join/{runtime.tokens.mint(Purpose.INVITE, challenge)}"


def newcomer(organiser: Organiser) -> Organiser:
    return Organiser(organiser.runtime, organiser.app, "new@example.org")


def join(somebody: Organiser, link: str, **form: str) -> TestResponse:
    typed = {"csrf_token": token_at(somebody, link), "name": "New Example", "password": PASSWORD, **form}
    return somebody.client.post(link, base_url=somebody.base, data=typed)


def test_a_weak_password_keeps_what_was_typed_and_the_invitation(organiser: Organiser) -> None:
    somebody, link = newcomer(organiser), invited(organiser)
    answer = join(somebody, link, password="password1234")
    assert (answer.status_code, 'value="New Example"' in answer.text) == (422, True)
    assert "password1234" not in answer.text
    assert join(somebody, link).status_code == 303


def test_an_invitation_works_once(organiser: Organiser) -> None:
    link = invited(organiser)
    assert join(newcomer(organiser), link).status_code == 303
    assert newcomer(organiser).get(link).status_code == 410


def test_an_address_that_has_an_account_signs_in_first(organiser: Organiser) -> None:
    link = invited(organiser, organiser.address)
    answer = join(newcomer(organiser), link)
    assert (answer.status_code, "has an account already" in answer.text) == (422, True)


def test_whoever_is_signed_in_joins_with_the_account_they_have(organiser: Organiser) -> None:
    """Nothing more is asked, and the invitation is spent."""
    colleague = organiser.colleague()
    link = invited(organiser)
    assert "You are signed in as" in colleague.get(link).text
    assert colleague.post(link).location == "/workspace/"
    assert colleague.get(link).status_code == 410


def test_the_password_alone_joins_no_team(organiser: Organiser) -> None:
    """Otherwise whoever has it shows the account's name and address to a team of their own."""
    link, path = invited(organiser), "/workspace/sign-in"
    organiser.sign_out()
    form = {"csrf_token": token_at(organiser, path), "address": organiser.address, "password": organiser.password}
    organiser.client.post(path, base_url=organiser.base, data=form)
    form = {"csrf_token": token_at(organiser, "/workspace/second-factor")}
    answer = organiser.client.post(link, base_url=organiser.base, data=form)
    assert answer.location.startswith("/workspace/second-factor")
    assert newcomer(organiser).get(link).status_code == 200


def test_an_invitation_ends_after_a_week(organiser: Organiser, clock: Clock) -> None:
    link = invited(organiser)
    clock.advance(days=8)
    assert newcomer(organiser).get(link).status_code == 410
