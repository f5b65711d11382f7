"""The workspace's cookie and the sessions behind it: whose they are, how long they last, and where `next` leads."""

from base64 import urlsafe_b64encode
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from letters.models.accounts import SessionRow, Stage
from letters.models.teams import InvitationRow
from letters.organising.accounts.joining import FOUNDING, invite
from letters.organising.workspace.page import safe_next
from letters.runtime import Runtime
from letters.worker import sweep
from tests.letters.organising.accounts.browsing import (
    COOKIE,
    another_browser,
    cookie_of,
    is_in,
    token_at,
    with_cookie,
)
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from verification.identity.addresses import parse_address

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])
SIGN_IN, FACTOR = "/workspace/sign-in", "/workspace/second-factor"
BASE = "https://undersigned.example"


def at_the_door(organiser: Organiser) -> Organiser:
    """A browser that has seen the sign-in page, and nothing else."""
    fresh = Organiser(organiser.runtime, organiser.app, organiser.address)
    fresh._secret = organiser._secret
    fresh.get(SIGN_IN)
    return fresh


@sqlite_only
def test_a_cookie_planted_before_signing_in_is_worth_nothing_after(organiser: Organiser) -> None:
    victim = at_the_door(organiser)
    planted = cookie_of(victim)
    form = {"csrf_token": token_at(victim, SIGN_IN), "address": victim.address, "password": victim.password}
    victim.client.post(SIGN_IN, base_url=victim.base, data=form)
    halfway = cookie_of(victim)
    form = {"csrf_token": token_at(victim, FACTOR), "code": victim.code}
    victim.client.post(FACTOR, base_url=victim.base, data=form)
    assert is_in(victim)
    assert len({planted, halfway, cookie_of(victim)}) == 3
    assert [is_in(with_cookie(organiser, stolen)) for stolen in (planted, halfway)] == [False, False]


@sqlite_only
def test_a_cookie_that_an_attacker_chose_becomes_no_session(organiser: Organiser) -> None:
    chosen = urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    victim = with_cookie(organiser, chosen)
    victim._secret = organiser._secret
    victim.sign_in()
    assert is_in(victim)
    assert not is_in(with_cookie(organiser, chosen))


@sqlite_only
def test_after_signing_out_a_stolen_cookie_opens_nothing(organiser: Organiser) -> None:
    stolen = cookie_of(organiser)
    assert is_in(with_cookie(organiser, stolen))
    organiser.sign_out()
    assert not is_in(with_cookie(organiser, stolen))


@sqlite_only
def test_signing_out_at_one_browser_leaves_the_other(organiser: Organiser) -> None:
    other = another_browser(organiser)
    organiser.sign_out()
    assert is_in(other)


@sqlite_only
def test_a_cookie_of_another_make_is_none(client: FlaskClient) -> None:
    for value in ("", "x", "é", "A" * 43 + "!", "A" * 42, "A" * 44, "=" * 43, "A" * 4000, "\u2028"):
        header = f"{COOKIE}={value}".encode().decode("latin-1")
        answer = client.get("/workspace/", base_url=BASE, headers={"Cookie": header})
        assert (answer.status_code, urlsplit(answer.location).path) == (303, SIGN_IN)


@sqlite_only
def test_a_session_lasts_twelve_hours_of_use(organiser: Organiser, clock: Clock) -> None:
    for _ in range(12):
        assert is_in(organiser)
        clock.advance(hours=1)
    assert is_in(organiser)
    clock.advance(hours=1)
    assert not is_in(organiser)


@sqlite_only
def test_an_unused_session_ends_within_three_hours(organiser: Organiser, clock: Clock) -> None:
    clock.advance(hours=2)
    assert is_in(organiser)
    clock.advance(hours=3)
    assert not is_in(organiser)


@sqlite_only
def test_a_sign_in_that_stops_halfway_is_forgotten(organiser: Organiser, clock: Clock) -> None:
    half = at_the_door(organiser)
    form = {"csrf_token": token_at(half, SIGN_IN), "address": half.address, "password": half.password}
    half.client.post(SIGN_IN, base_url=half.base, data=form)
    clock.advance(hours=2)
    assert urlsplit(half.get(FACTOR).location).path == SIGN_IN


def test_a_sweep_removes_sessions_that_are_over_and_no_others(
    organiser: Organiser, runtime: Runtime, clock: Clock
) -> None:
    clock.advance(hours=4)
    newer = another_browser(organiser)
    runtime.settle(lambda session: sweep(session, clock.now))
    with runtime.reading() as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1
    assert is_in(newer)


def test_a_sweep_forgets_the_minute_until_which_a_session_was_strong(
    organiser: Organiser, runtime: Runtime, clock: Clock
) -> None:
    with runtime.reading() as session:
        assert session.scalars(select(SessionRow)).one().strong_until is not None
    clock.advance(minutes=10)
    runtime.settle(lambda session: sweep(session, clock.now))
    with runtime.reading() as session:
        row = session.scalars(select(SessionRow)).one()
        assert (row.strong_until, row.stage) == (None, Stage.FULL)


def test_a_sweep_removes_invitations_after_their_last_day(organiser: Organiser, runtime: Runtime, clock: Clock) -> None:
    invited = parse_address("late@example.org")
    runtime.settle(lambda session: invite(session, runtime.keyring, FOUNDING, invited, "en", clock.now))
    for days, left in ((7, 1), (1, 0)):
        clock.advance(days=days)
        runtime.settle(lambda session: sweep(session, clock.now))
        with runtime.reading() as session:
            assert len(session.scalars(select(InvitationRow)).all()) == left


@sqlite_only
def test_the_cookie_says_all_that_keeps_it_here(organiser: Organiser) -> None:
    fresh = Organiser(organiser.runtime, organiser.app, organiser.address)
    fresh._secret = organiser._secret
    lines = [fresh.get(SIGN_IN).headers["Set-Cookie"], fresh.sign_in().headers["Set-Cookie"]]
    for line in lines:
        name, *flags = [part.strip() for part in line.split(";")]
        assert name.startswith("__Secure-workspace=")
        assert sorted(flags) == ["HttpOnly", "Path=/workspace", "SameSite=Strict", "Secure"]


@sqlite_only
def test_signing_out_takes_the_cookie_away(organiser: Organiser) -> None:
    line = organiser.sign_out().headers["Set-Cookie"]
    assert line.startswith("__Secure-workspace=;")
    assert "Max-Age=0" in line


@sqlite_only
def test_no_public_page_sets_or_minds_a_cookie(campaign: Campaign, organiser: Organiser) -> None:
    value, paths = (
        cookie_of(organiser),
        ["/", f"/letters/{campaign.slug}", f"/letters/{campaign.slug}/count", "/healthz"],
    )
    for path in (*paths, f"/letters/{campaign.slug}/signatories", "/nowhere", "/workspaces"):
        without = campaign.client.get(path, base_url=BASE)
        with_one = campaign.client.get(path, base_url=BASE, headers={"Cookie": f"{COOKIE}={value}"})
        assert "Set-Cookie" not in without.headers
        assert "Set-Cookie" not in with_one.headers
        assert without.data == with_one.data
        assert "Cookie" not in without.headers.get("Vary", "")


@sqlite_only
def test_next_leads_back_to_the_page_that_asked(organiser: Organiser) -> None:
    fresh = at_the_door(organiser)
    asked = fresh.get("/workspace/account").location
    form = {"csrf_token": token_at(fresh, asked), "address": fresh.address, "password": fresh.password}
    fresh.client.post(SIGN_IN, base_url=BASE, data={**form, "next": "/workspace/account"})
    form = {"csrf_token": token_at(fresh, FACTOR), "code": fresh.code, "next": "/workspace/account"}
    assert fresh.client.post(FACTOR, base_url=BASE, data=form).location == "/workspace/account"


EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example/workspace/",
    "javascript:alert(1)",
    "javascript://undersigned.example/workspace/%0aalert(1)",
    "data:text/html,x",
    "/workspace/../..//evil.example",
    "/workspace/..//evil.example",
    "/workspace/%2e%2e//evil.example",
    "/workspace/%2E%2e/%2fevil.example",
    "/workspace//evil.example/..",
    "/workspace/\t/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/workspace\r\nSet-Cookie: a=b",
    "/workspace/\n",
    "/workspace@evil.example",
    "/workspace.evil.example",
    "/workspaces",
    "/",
    "//undersigned.example@evil.example/workspace/",
    "/workspace/;@evil.example",
    "/workspace/#//evil.example",
    "/workspace/\u2028",
    "/workspace/\uff0f\uff0fevil.example",
    "//[::1",
    "",
]


@sqlite_only
def test_next_never_leads_out_of_the_workspace(organiser: Organiser) -> None:
    answers = {wanted: organiser.get("/workspace/again", next=wanted) for wanted in EVIL}
    assert {wanted: answer.location for wanted, answer in answers.items() if answer.location != "/workspace/"} == {}


PIECES = ["/", "//", "\\", "..", ".", "%2f", "%2e", "%5c", "\t", "\n", "\r", " ", "@", ":", "https:", "evil.example",
          "/workspace", "/workspace/", "?", "#", "next=", ";", "\u2028", "\u3002", "\x00", "a"]  # fmt: skip


@sqlite_only
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8))
def test_whatever_next_says_a_browser_stays_in_the_workspace(app: Flask, pieces: list[str]) -> None:
    with app.test_request_context("/workspace/again", base_url=BASE, method="POST", data={"next": "".join(pieces)}):
        led = safe_next("/workspace/")
    assert led.isascii()
    assert led.isprintable()
    arrived = urlsplit(urljoin(f"{BASE}/workspace/again", led))
    assert (arrived.scheme, arrived.netloc) == ("https", "undersigned.example")
    assert f"{arrived.path}/".startswith("/workspace/")
    assert "%" not in arrived.path
    assert "//" not in arrived.path


@sqlite_only
@given(path=st.from_regex(r"(/[a-z0-9-]{1,9}){0,4}/?", fullmatch=True), number=st.integers(0, 99))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_page_of_the_workspace_is_led_back_to(app: Flask, path: str, number: int) -> None:
    wanted = f"/workspace{path}?page={number}&q=%D0%B0+b"
    with app.test_request_context("/workspace/again", base_url=BASE, query_string={"next": wanted}):
        assert safe_next("/workspace/") == wanted


@sqlite_only
def test_a_session_that_is_ended_while_its_page_is_open_leads_to_the_sign_in(
    organiser: Organiser, client: FlaskClient
) -> None:
    """Also where the form would have changed something."""
    token, other = organiser.csrf, another_browser(organiser)
    other.post("/workspace/account/sessions", session="others")
    form = {"csrf_token": token, "name": "Too Late", "language": "en"}
    answer = organiser.client.post("/workspace/account", base_url=BASE, data=form)
    assert (answer.status_code, urlsplit(answer.location).path) == (303, SIGN_IN)
    assert "Too Late" not in other.get("/workspace/account").text


@sqlite_only
def test_no_two_cookies_are_alike(organiser: Organiser) -> None:
    cookies = {cookie_of(another_browser(organiser)) for _ in range(5)}
    assert len(cookies) == 5
