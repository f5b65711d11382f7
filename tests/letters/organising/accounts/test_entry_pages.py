"""The way into the workspace."""

import pytest

from tests.parts.organiser import Organiser

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
