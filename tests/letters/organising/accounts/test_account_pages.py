"""The account's page: name and language, password, second factors, recovery codes, sessions."""

import base64
import re
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from letters.organising.accounts.factors import factors_of
from letters.organising.accounts.sessions import find_session
from letters.organising.teams.keys import opener_of
from tests.letters.organising.accounts.browsing import another_browser, cookie_of, is_in, with_cookie
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import CODE, CSRF, SECRET, Organiser
from tests.parts.smtp import MailServer
from tests.verification.access.authenticator import Authenticator
from verification.identity.sealing import seal

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

ACCOUNT = "/workspace/account"
ANOTHER = "eleven slow clouds above tin"
REMOVE = re.compile(r'action="(/workspace/account/factors/[0-9a-f]{32}/remove)"')
SESSION = re.compile(r'name="session" value="([0-9a-f]{64})"')


def passkey() -> Authenticator:
    return Authenticator("https://undersigned.example", "undersigned.example")


def add_code_app(organiser: Organiser, label: str = "Second phone") -> TestResponse:
    page = organiser.get(f"{ACCOUNT}/factors").text
    secret = SECRET.findall(page)[0]
    code = pyotp.TOTP(base64.b32encode(bytes.fromhex(secret)).decode()).at(organiser.runtime.clock())
    return organiser.post(f"{ACCOUNT}/factors", secret=secret, code=code, label=label)


def ask_passkey(organiser: Organiser, purpose: str) -> str:
    return organiser.post("/workspace/passkey", purpose=purpose).text


def add_passkey(organiser: Organiser, key: Authenticator) -> TestResponse:
    secret = SECRET.findall(organiser.get(f"{ACCOUNT}/factors").text)[0]
    answer = key.create(ask_passkey(organiser, "create"))
    return organiser.post(f"{ACCOUNT}/factors", secret=secret, passkey=answer)


def factor_count(organiser: Organiser) -> int:
    runtime = organiser.runtime
    with runtime.reading() as session:
        return len(factors_of(session, runtime.keyring, organiser.account_id))


def test_the_name_changes_for_colleagues(organiser: Organiser) -> None:
    colleague = organiser.colleague()
    assert organiser.post(ACCOUNT, name="  Vera   Example ", language="en").status_code == 303
    assert 'value="Vera Example"' in organiser.get(ACCOUNT).text
    assert "Vera Example" in colleague.get(f"/workspace/teams/{organiser.team_id}").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "one\u202eline"])
def test_a_name_that_is_none_comes_back(organiser: Organiser, name: str) -> None:
    answer = organiser.post(ACCOUNT, name=name, language="en")
    assert (answer.status_code, "error-summary" in answer.text) == (422, True)
    assert 'value="Owner Example"' in organiser.get(ACCOUNT).text


def test_the_workspace_speaks_the_chosen_language(organiser: Organiser) -> None:
    organiser.post(ACCOUNT, name="Owner", language="ru")
    assert '<html lang="ru"' in organiser.get("/workspace/").text


def test_a_language_that_the_site_does_not_speak_changes_nothing(organiser: Organiser) -> None:
    organiser.post(ACCOUNT, name="Owner", language="tlh")
    assert '<html lang="en"' in organiser.get("/workspace/").text


def test_the_page_links_to_ones_teams(organiser: Organiser) -> None:
    assert f'href="/workspace/teams/{organiser.team_id}">Team Example</a>' in organiser.get(ACCOUNT).text


def test_after_a_new_password_the_old_one_signs_nobody_in(organiser: Organiser) -> None:
    assert organiser.post(f"{ACCOUNT}/password", password=ANOTHER).status_code == 303
    organiser.sign_out()
    form = with_token(organiser, {"address": organiser.address, "password": organiser.password})
    assert organiser.client.post("/workspace/sign-in", base_url=organiser.base, data=form).status_code == 422
    organiser.password = ANOTHER
    assert organiser.sign_in().status_code == 303
    assert is_in(organiser)


def with_token(organiser: Organiser, form: dict[str, Any]) -> dict[str, Any]:
    return {"csrf_token": CSRF.findall(organiser.get("/workspace/sign-in").text)[0], **form}


def test_after_a_new_password_names_still_open(organiser: Organiser, mail_server: MailServer) -> None:
    campaign = organiser.campaign(mail_server)
    organiser.post(f"{ACCOUNT}/password", password=ANOTHER)
    assert opens_names(organiser, campaign)
    organiser.password = ANOTHER
    organiser.sign_out()
    organiser.sign_in()
    assert opens_names(organiser, campaign)


def opens_names(organiser: Organiser, campaign: Campaign) -> bool:
    """Whether the cookie of this browser opens the letter's key."""
    runtime, cookie = organiser.runtime, base64.urlsafe_b64decode(cookie_of(organiser) + "==")
    with runtime.reading() as session:
        opened = find_session(session, runtime.keyring, cookie, runtime.clock())
        secret = opened.secret(runtime.keyring)
        opener = opener_of(session, campaign.letter, opened.account.id, secret)
    return opener.open(seal(campaign.pair.public, b"Vera Example", b"test"), b"test") == b"Vera Example"


def test_a_new_password_ends_every_other_session(organiser: Organiser) -> None:
    other = another_browser(organiser)
    organiser.post(f"{ACCOUNT}/password", password=ANOTHER)
    assert (is_in(organiser), is_in(other)) == (True, False)


def test_a_cookie_that_was_stolen_before_a_new_password_opens_nothing_after(organiser: Organiser) -> None:
    stolen = cookie_of(organiser)
    organiser.post(f"{ACCOUNT}/password", password=ANOTHER)
    assert cookie_of(organiser) != stolen
    assert not is_in(with_cookie(organiser, stolen))


def test_a_weak_password_changes_nothing(organiser: Organiser) -> None:
    other = another_browser(organiser)
    answer = organiser.post(f"{ACCOUNT}/password", password="password1234")
    assert (answer.status_code, "easy to guess" in answer.text) == (422, True)
    assert is_in(other)
    organiser.sign_out()
    assert organiser.sign_in().status_code == 303


def test_a_second_code_app_signs_in(organiser: Organiser) -> None:
    assert add_code_app(organiser).status_code == 303
    assert "Second phone" in organiser.get(ACCOUNT).text
    assert factor_count(organiser) == 2


def test_a_wrong_first_code_adds_nothing_and_keeps_the_picture_and_the_name(organiser: Organiser) -> None:
    secret = SECRET.findall(organiser.get(f"{ACCOUNT}/factors").text)[0]
    answer = organiser.post(f"{ACCOUNT}/factors", secret=secret, code="12345", label="Old phone")
    assert (answer.status_code, SECRET.findall(answer.text)) == (422, [secret])
    assert 'value="Old phone"' in answer.text
    assert factor_count(organiser) == 1


@pytest.mark.parametrize("secret", ["", "zz", "00" * 19])
def test_a_form_without_the_apps_secret_is_incomplete(organiser: Organiser, secret: str) -> None:
    assert organiser.post(f"{ACCOUNT}/factors", secret=secret, code="123456").status_code == 400


def test_a_passkey_is_added_and_signs_in(organiser: Organiser) -> None:
    key = passkey()
    assert add_passkey(organiser, key).status_code == 303
    assert "Passkey" in organiser.get(ACCOUNT).text
    organiser.sign_out()
    assert use_passkey(organiser, key).status_code == 303
    assert is_in(organiser)


def use_passkey(organiser: Organiser, key: Authenticator) -> TestResponse:
    """Password, then the passkey."""
    token = half_in(organiser)
    return answer_with(organiser, token, key.get(question(organiser.client, organiser.base, token)))


def half_in(organiser: Organiser) -> str:
    form = with_token(organiser, {"address": organiser.address, "password": organiser.password})
    organiser.client.post("/workspace/sign-in", base_url=organiser.base, data=form)
    return str(CSRF.findall(organiser.get("/workspace/second-factor").text)[0])


def question(client: FlaskClient, base: str, token: str) -> str:
    return client.post("/workspace/passkey", base_url=base, data={"csrf_token": token, "purpose": "use"}).text


def answer_with(organiser: Organiser, token: str, answer: str) -> TestResponse:
    form = {"csrf_token": token, "passkey": answer}
    return organiser.client.post("/workspace/second-factor", base_url=organiser.base, data=form)


def test_a_passkey_of_another_site_does_not_sign_in(organiser: Organiser) -> None:
    key = passkey()
    add_passkey(organiser, key)
    organiser.sign_out()
    key.origin, key.rp_id = "https://undersigned.evil.example", "undersigned.evil.example"
    assert use_passkey(organiser, key).status_code == 422
    assert not is_in(organiser)


def test_a_passkey_at_another_origin_does_not_sign_in(organiser: Organiser) -> None:
    key = passkey()
    add_passkey(organiser, key)
    organiser.sign_out()
    key.origin = "https://evil.undersigned.example"
    assert use_passkey(organiser, key).status_code == 422


@pytest.mark.parametrize("steps", [0, 1])
def test_the_answer_of_a_passkey_works_once(organiser: Organiser, steps: int) -> None:
    """Also of one that does not count."""
    key = passkey()
    key.steps = steps
    key.count = steps
    add_passkey(organiser, key)
    organiser.sign_out()
    token = half_in(organiser)
    answer = key.get(question(organiser.client, organiser.base, token))
    assert answer_with(organiser, token, answer).status_code == 303
    organiser.sign_out()
    assert answer_with(organiser, half_in(organiser), answer).status_code == 422
    assert not is_in(organiser)


def test_the_answer_of_a_passkey_shows_once_again_who_one_is(organiser: Organiser, clock: Clock) -> None:
    """The same answer a second time, in the same session, is refused."""
    key = passkey()
    key.steps = key.count = 0
    add_passkey(organiser, key)
    clock.advance(minutes=11)
    again = {"again_password": organiser.password, "again_passkey": key.get(ask_passkey(organiser, "use"))}
    assert organiser.post("/workspace/again", **again).status_code == 303
    clock.advance(minutes=11)
    assert organiser.post("/workspace/again", **again).status_code == 422


def test_a_strangers_passkey_does_not_sign_in(organiser: Organiser) -> None:
    add_passkey(organiser, passkey())
    organiser.sign_out()
    assert use_passkey(organiser, passkey()).status_code == 422


def test_a_second_factor_is_removed_but_never_the_last(organiser: Organiser) -> None:
    add_code_app(organiser)
    first, second = REMOVE.findall(organiser.get(ACCOUNT).text)
    assert organiser.post(first).status_code == 303
    assert factor_count(organiser) == 1
    assert REMOVE.findall(organiser.get(ACCOUNT).text) == []
    assert organiser.post(second).status_code == 422
    assert factor_count(organiser) == 1


def test_nobody_removes_a_colleagues_second_factor(organiser: Organiser) -> None:
    colleague = organiser.colleague()
    add_code_app(colleague)
    add_code_app(organiser)
    theirs = REMOVE.findall(colleague.get(ACCOUNT).text)[0]
    assert organiser.post(theirs).status_code == 404
    assert (factor_count(colleague), factor_count(organiser)) == (2, 2)


def test_the_page_says_how_many_recovery_codes_are_left(organiser: Organiser) -> None:
    organiser.sign_out()
    organiser.sign_in(organiser.recovery_codes[0])
    assert "7 recovery codes are left" in organiser.get(ACCOUNT).text


def test_new_recovery_codes_replace_the_old_ones_and_are_shown_once(organiser: Organiser) -> None:
    assert CODE.findall(organiser.get(f"{ACCOUNT}/recovery-codes").text) == []
    codes = CODE.findall(organiser.post(f"{ACCOUNT}/recovery-codes").text)
    assert len(set(codes) - set(organiser.recovery_codes)) == 8
    assert CODE.findall(organiser.get(f"{ACCOUNT}/recovery-codes").text) == []
    organiser.sign_out()
    assert organiser.sign_in(organiser.recovery_codes[0]).status_code == 422
    assert organiser.sign_in(codes[0]).status_code == 303


def test_one_session_is_ended_from_another(organiser: Organiser) -> None:
    other = another_browser(organiser)
    page = organiser.get(ACCOUNT).text
    assert page.count("this one") == 1
    assert organiser.post(f"{ACCOUNT}/sessions", session=SESSION.findall(page)[0]).status_code == 303
    assert (is_in(organiser), is_in(other)) == (True, False)


def test_all_other_sessions_end_at_once(organiser: Organiser) -> None:
    others = [another_browser(organiser) for _ in range(3)]
    organiser.post(f"{ACCOUNT}/sessions", session="others")
    assert [is_in(one) for one in (organiser, *others)] == [True, False, False, False]


def test_ending_this_session_is_signing_out(organiser: Organiser) -> None:
    other = another_browser(organiser)
    this = SESSION.findall(other.get(ACCOUNT).text)[0]
    assert organiser.post(f"{ACCOUNT}/sessions", session=this).location == "/workspace/sign-in"
    assert (is_in(organiser), is_in(other)) == (False, True)


def test_nobody_ends_a_colleagues_session(organiser: Organiser) -> None:
    colleague = organiser.colleague()
    another_browser(colleague)
    theirs = SESSION.findall(colleague.get(ACCOUNT).text)[0]
    organiser.post(f"{ACCOUNT}/sessions", session=theirs)
    assert len(SESSION.findall(colleague.get(ACCOUNT).text)) == 1


def test_a_session_that_is_none_is_refused(organiser: Organiser) -> None:
    assert organiser.post(f"{ACCOUNT}/sessions", session="this one").status_code == 400
