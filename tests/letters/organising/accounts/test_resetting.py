"""A lost password: the mail, the link, and what comes back."""

import base64
import json
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from letters.models.teams import LetterKeyRow, MembershipRow, TrailRow
from letters.organising.accounts.sessions import find_session
from letters.organising.teams.keys import share_all
from letters.organising.teams.trail import Act
from tests.letters.organising.accounts.browsing import another_browser, cookie_of, is_in, mails_to, with_cookie
from tests.letters.organising.accounts.test_account_pages import add_passkey, opens_names, passkey
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import CSRF, Organiser
from tests.parts.smtp import MailServer
from verification.mailbox.challenges import ChallengeRow, Kind, open_challenge
from verification.mailbox.outbox import OutboxRow
from verification.mailbox.tokens import Purpose

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

LOST = "/workspace/lost-password"
ANOTHER = "eleven slow clouds above tin"
KEEP, LOSE = {"way": "keep"}, {"way": "lose"}


@pytest.fixture
def lost(organiser: Organiser) -> Organiser:
    """The same organiser at a browser that nobody is signed in with."""
    somebody = Organiser(organiser.runtime, organiser.app, organiser.address)
    somebody._secret, somebody.recovery_codes = organiser._secret, organiser.recovery_codes
    return somebody


@pytest.fixture
def link(lost: Organiser, mail_server: MailServer) -> str:
    """Where the mail leads."""
    ask(lost)
    return mails_to(lost, mail_server)[-1]


def ask(somebody: Organiser, address: str = "") -> TestResponse:
    form = {"csrf_token": token_of(somebody, LOST), "address": address or somebody.address}
    return somebody.client.post(LOST, base_url=somebody.base, data=form)


def token_of(somebody: Organiser, path: str) -> str:
    return str(CSRF.findall(somebody.get(path).text)[0])


def renew(somebody: Organiser, link: str, password: str = ANOTHER, **form: str) -> TestResponse:
    data = {"csrf_token": token_of(somebody, link), "password": password, **form}
    return somebody.client.post(link, base_url=somebody.base, data=data)


def signs_in(somebody: Organiser, password: str) -> bool:
    somebody.password = password
    form = {"csrf_token": token_of(somebody, "/workspace/sign-in"), "address": somebody.address, "password": password}
    if somebody.client.post("/workspace/sign-in", base_url=somebody.base, data=form).status_code != 303:
        return False
    form = {"csrf_token": token_of(somebody, "/workspace/second-factor"), "code": somebody.code}
    somebody.client.post("/workspace/second-factor", base_url=somebody.base, data=form)
    return is_in(somebody)


def test_the_mail_is_discreet_and_holds_one_link(lost: Organiser, link: str, mail_server: MailServer) -> None:
    assert re.fullmatch(r"/workspace/reset/[\w.-]+", link)
    mail = mail_server.accepted[-1].message
    assert "Team Example" not in mail.as_string()
    assert str(mail["To"]) == lost.address


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(lost: Organiser) -> None:
    known, unknown = ask(lost), ask(lost, "nobody@example.org")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert CSRF.sub("", lost.get(known.location).text) == CSRF.sub("", lost.get(unknown.location).text)


def test_an_unknown_address_costs_the_same_rows_and_gets_no_mail(lost: Organiser, mail_server: MailServer) -> None:
    ask(lost)
    one = shape(lost)
    ask(lost, "nobody@example.org")
    assert shape(lost) == {kind: 2 * count for kind, count in one.items()}
    mails_to(lost, mail_server)
    assert {recipient for mail in mail_server.accepted for recipient in mail.recipients} == {lost.address}


def shape(somebody: Organiser) -> dict[str, int]:
    """How many rows a request has left, and how long their boxes are."""
    with somebody.runtime.reading() as session:
        resets = session.scalars(select(ChallengeRow).where(ChallengeRow.kind == "reset")).all()
        mails = session.scalars(select(OutboxRow).where(OutboxRow.challenge.in_([row.id for row in resets]))).all()
        return {"links": len(resets), "mails": len(mails), "bytes": sum(len(mail.address_box) for mail in mails)}


def test_what_is_no_address_comes_back(lost: Organiser) -> None:
    answer = ask(lost, "owner example org")
    assert (answer.status_code, 'value="owner example org"' in answer.text) == (422, True)


def test_the_mail_goes_to_the_address_of_the_account(lost: Organiser, mail_server: MailServer) -> None:
    """And to no other mailbox that counts as the same."""
    ask(lost, "OWNER+elsewhere@Example.org")
    mails_to(lost, mail_server)
    assert mail_server.accepted[-1].recipients == (lost.address,)


def test_looking_at_the_link_changes_nothing(lost: Organiser, link: str, organiser: Organiser) -> None:
    for _ in range(2):
        assert lost.get(link).status_code == 200
    assert is_in(organiser)


def test_a_recovery_code_brings_everything_back(
    organiser: Organiser, lost: Organiser, link: str, mail_server: MailServer
) -> None:
    campaign = organiser.campaign(mail_server)
    answer = renew(lost, link, **KEEP, code=organiser.recovery_codes[0])
    assert answer.location == "/workspace/sign-in?renewed="
    assert "Your new password is set" in lost.get(answer.location).text
    assert signs_in(lost, ANOTHER)
    assert opens_names(lost, campaign)


def test_a_renewed_password_ends_every_session(organiser: Organiser, lost: Organiser, link: str) -> None:
    stolen, other = cookie_of(organiser), another_browser(organiser)
    renew(lost, link, **KEEP, code=organiser.recovery_codes[0])
    assert [is_in(one) for one in (organiser, other, with_cookie(organiser, stolen))] == [False] * 3


def test_the_old_password_is_worthless_afterwards(organiser: Organiser, lost: Organiser, link: str) -> None:
    renew(lost, link, **KEEP, code=organiser.recovery_codes[0])
    assert not signs_in(lost, organiser.password)


def test_the_code_that_was_given_is_spent(organiser: Organiser, lost: Organiser, mail_server: MailServer) -> None:
    for status in (303, 422):
        ask(lost)
        link = mails_to(lost, mail_server)[-1]
        assert renew(lost, link, **KEEP, code=organiser.recovery_codes[0]).status_code == status


def test_a_second_factor_brings_back_the_account_without_the_names(
    organiser: Organiser, lost: Organiser, link: str, mail_server: MailServer
) -> None:
    campaign = organiser.campaign(mail_server)
    assert "shares them with you again" in lost.get(link).text
    assert renew(lost, link, **LOSE, code=lost.code).status_code == 303
    assert signs_in(lost, ANOTHER)
    assert key_count(organiser) == 0
    assert campaign.slug in lost.get("/workspace/").text


def key_count(organiser: Organiser) -> int:
    with organiser.runtime.reading() as session:
        return len(session.scalars(select(LetterKeyRow)).all())


def test_the_member_goes_on_waiting_for_the_names_and_the_trail_says_why(
    organiser: Organiser, lost: Organiser, link: str
) -> None:
    renew(lost, link, **LOSE, code=lost.code)
    with organiser.runtime.reading() as session:
        membership = session.scalars(select(MembershipRow)).one()
        last = session.scalars(select(TrailRow).order_by(TrailRow.id.desc())).first()
        assert membership.sees_names
        assert last is not None
        assert (last.act, last.account_id, last.about) == (Act.KEYS_LOST, membership.account_id, membership.account_id)


def test_a_colleague_shares_the_names_again(
    organiser: Organiser, lost: Organiser, link: str, mail_server: MailServer
) -> None:
    colleague, campaign = organiser.colleague(sees_names=True), organiser.campaign(mail_server)
    renew(lost, link, **LOSE, code=lost.code)
    signs_in(lost, ANOTHER)
    shared_by(colleague, lost, campaign)
    assert opens_names(lost, campaign)


def shared_by(giver: Organiser, member: Organiser, campaign: Campaign) -> None:
    runtime, team_id, ids = giver.runtime, giver.team_id, (giver.account_id, member.account_id)
    cookie = base64.urlsafe_b64decode(cookie_of(giver) + "==")

    def verb(session: Session) -> None:
        secret = find_session(session, runtime.keyring, cookie, runtime.clock()).secret(runtime.keyring)
        assert share_all(session, team_id, ids[0], secret, ids[1]) == 1

    runtime.settle(verb)


def test_a_lost_keys_recovery_codes_are_gone(
    organiser: Organiser, lost: Organiser, link: str, mail_server: MailServer
) -> None:
    renew(lost, link, **LOSE, code=lost.code)
    signs_in(lost, ANOTHER)
    assert "You have no recovery codes left" in lost.get("/workspace/account").text
    ask(lost)
    again = mails_to(lost, mail_server)[-1]
    assert renew(lost, again, **KEEP, code=organiser.recovery_codes[0]).status_code == 422


def test_a_recovery_code_in_the_other_form_keeps_the_names(
    organiser: Organiser, lost: Organiser, link: str, mail_server: MailServer
) -> None:
    campaign = organiser.campaign(mail_server)
    renew(lost, link, **LOSE, code=organiser.recovery_codes[0])
    assert signs_in(lost, ANOTHER)
    assert opens_names(lost, campaign)


def test_a_time_code_does_not_pass_for_a_recovery_code(organiser: Organiser, lost: Organiser, link: str) -> None:
    """Nobody gives up the names by typing into the wrong box."""
    assert renew(lost, link, **KEEP, code=lost.code).status_code == 422
    assert is_in(organiser)


def test_a_passkey_brings_back_the_account(organiser: Organiser, lost: Organiser, mail_server: MailServer) -> None:
    key = passkey()
    add_passkey(organiser, key)
    ask(lost)
    link = mails_to(lost, mail_server)[-1]
    page = lost.get(link).text
    assert f'data-question="{link}/passkey"' in page
    token = token_of(lost, link)
    asked = lost.client.post(f"{link}/passkey", base_url=lost.base, data={"csrf_token": token}).text
    assert renew(lost, link, **LOSE, passkey=key.get(asked)).status_code == 303
    assert signs_in(lost, ANOTHER)


def test_a_passkey_that_answered_another_question_does_not(
    organiser: Organiser, lost: Organiser, link: str, mail_server: MailServer
) -> None:
    """Not even that of the organiser's session, or of an earlier link."""
    key = passkey()
    add_passkey(organiser, key)
    asked = organiser.post("/workspace/passkey", purpose="use").text
    assert renew(lost, link, **LOSE, passkey=key.get(asked)).status_code == 422
    token = token_of(lost, link)
    asked = lost.client.post(f"{link}/passkey", base_url=lost.base, data={"csrf_token": token}).text
    ask(lost)
    newer = mails_to(lost, mail_server)[-1]
    assert renew(lost, newer, **LOSE, passkey=key.get(asked)).status_code == 422
    assert is_in(organiser)


@pytest.mark.parametrize(
    "form",
    [
        {},
        KEEP,
        LOSE,
        {**KEEP, "code": "0000-0000"},
        {**LOSE, "code": "000000"},
        {**LOSE, "passkey": "{}"},
        {**LOSE, "passkey": json.dumps({"id": "x" * 30_000})},
    ],
)
def test_without_a_proof_nothing_changes(
    organiser: Organiser, lost: Organiser, link: str, form: dict[str, str]
) -> None:
    assert renew(lost, link, **form).status_code == 422
    assert is_in(organiser)
    assert renew(lost, link, **KEEP, code=organiser.recovery_codes[0]).status_code == 303


def test_a_weak_password_spends_neither_the_link_nor_the_code(organiser: Organiser, lost: Organiser, link: str) -> None:
    answer = renew(lost, link, "password1234", **KEEP, code=organiser.recovery_codes[0])
    assert (answer.status_code, "easy to guess" in answer.text) == (422, True)
    assert renew(lost, link, **KEEP, code=organiser.recovery_codes[0]).status_code == 303


def test_a_link_works_once(organiser: Organiser, lost: Organiser, link: str) -> None:
    token = token_of(lost, link)
    renew(lost, link, **KEEP, code=organiser.recovery_codes[0])
    assert lost.get(link).status_code == 410
    form = {"csrf_token": token, "password": ANOTHER, **KEEP, "code": organiser.recovery_codes[1]}
    assert lost.client.post(link, base_url=lost.base, data=form).status_code in (403, 410)
    assert lost.client.post(f"{link}/passkey", base_url=lost.base, data=form).status_code in (403, 404)


def test_a_newer_link_replaces_the_older(organiser: Organiser, lost: Organiser, mail_server: MailServer) -> None:
    ask(lost)
    older = mails_to(lost, mail_server)[-1]
    ask(lost)
    newer = mails_to(lost, mail_server)[-1]
    assert (lost.get(older).status_code, lost.get(newer).status_code) == (410, 200)


def test_of_two_requests_before_the_mail_only_one_mail_comes(lost: Organiser, mail_server: MailServer) -> None:
    ask(lost)
    ask(lost)
    (link,) = mails_to(lost, mail_server)
    assert lost.get(link).status_code == 200


def test_a_link_works_until_the_end_of_tomorrow(lost: Organiser, link: str, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=23, minute=59)
    clock.advance(days=1)
    assert lost.get(link).status_code == 200
    clock.advance(minutes=1)
    assert lost.get(link).status_code == 410


@pytest.mark.parametrize("token", ["x", "x.y", "AAAA.BBBB", "." * 600])
def test_a_token_that_is_none_leads_nowhere(lost: Organiser, token: str) -> None:
    assert lost.get(f"/workspace/reset/{token}").status_code == 404


def test_a_link_for_another_purpose_renews_no_password(lost: Organiser, organiser: Organiser) -> None:
    ask(lost)
    with organiser.runtime.reading() as session:
        challenge = session.scalars(select(ChallengeRow.id).where(ChallengeRow.kind == "reset")).one()
    tokens = organiser.runtime.tokens
    links = {purpose: f"/workspace/reset/{tokens.mint(purpose, challenge)}" for purpose in Purpose}
    assert [purpose for purpose, link in links.items() if lost.get(link).status_code == 200] == [Purpose.RESET]


def test_a_challenge_for_another_purpose_renews_no_password(lost: Organiser, organiser: Organiser) -> None:
    runtime, challenge = organiser.runtime, bytes(16)
    about, tomorrow = organiser.account_id, runtime.clock().date()
    runtime.settle(lambda session: open_challenge(session, challenge, Kind.INVITE, about, tomorrow))
    assert lost.get(f"/workspace/reset/{runtime.tokens.mint(Purpose.RESET, challenge)}").status_code == 410
