"""An organiser at a browser: joins, signs in, and sends the workspace's forms, all through its pages."""

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from letters.models.signatures import Display
from letters.models.teams import LetterTeamRow, MembershipRow, Role
from letters.models.values import EditionRule, FigurePolicy
from letters.organising.accounts.joining import FOUNDING, Terms, adopt_letters, invite
from letters.organising.accounts.profiles import find_account
from letters.organising.loading import load, open_letter
from letters.organising.teams.keys import share_new
from letters.runtime import Runtime
from tests.parts.campaign import Campaign, demo_draft
from tests.parts.clock import Clock
from tests.parts.smtp import MailServer
from verification.identity.addresses import parse_address
from verification.identity.keypairs import new_key_pair
from verification.mailbox.tokens import Purpose

PASSWORD = "seven quiet rivers under glass"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
SECRET = re.compile(r'name="secret" value="([0-9a-f]+)"')
CODE = re.compile(r'<code translate="no">([0-9A-Z-]{20,})</code>')


@dataclass
class Organiser:
    """One organiser of a running installation, with a browser that keeps the workspace's cookie."""

    runtime: Runtime
    app: Flask
    address: str
    name: str = "Owner Example"
    password: str = PASSWORD
    recovery_codes: list[str] = field(default_factory=list)
    client: FlaskClient = field(init=False)
    _secret: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"  # the language of the account

    @property
    def base(self) -> str:
        return self.runtime.settings.base_url

    @property
    def code(self) -> str:
        """The next time code that was not used yet: each asking moves the clock on by half a minute."""
        clock = self.runtime.clock
        assert isinstance(clock, Clock)
        clock.now += timedelta(seconds=30)
        return pyotp.TOTP(self._secret).at(clock.now)

    @property
    def csrf(self) -> str:
        return self._csrf_of("/workspace/")

    @property
    def account_id(self) -> bytes:
        with self.runtime.reading() as session:
            rows = session.scalars(select(MembershipRow).order_by(MembershipRow.account_id)).all()
            from_page = [row.account_id for row in rows if self._is_mine(session, row.account_id)]
            return from_page[0]

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, base_url=self.base, query_string=query or None)

    def post(self, path: str, **form: Any) -> TestResponse:
        """Send a form of the workspace; keywords are its fields (lists for repeated ones)."""
        return self.client.post(path, base_url=self.base, data={"csrf_token": self.csrf, **form})

    def join(self, link: str, **form: Any) -> None:
        """Follow an invitation, set up a code app and keep the recovery codes."""
        self.accept(link, **form)
        self.set_up()

    def accept(self, link: str, **form: Any) -> None:
        """Follow an invitation up to the second factor."""
        typed = {"address": self.address, "name": self.name, "password": self.password, **form}
        joined = self.client.post(link, base_url=self.base, data={"csrf_token": self._csrf_of(link), **typed})
        assert joined.status_code == 303, joined.text

    def set_up(self) -> None:
        """Set up a code app and keep the recovery codes, with a session that waits for that."""
        self.use_code_app()
        form = {"csrf_token": self._csrf_of("/workspace/recovery-codes")}
        shown = self.client.post("/workspace/recovery-codes", base_url=self.base, data=form)
        self.recovery_codes = CODE.findall(shown.text)
        assert len(self.recovery_codes) == 8

    def use_code_app(self) -> None:
        """The first half of that."""
        page = self.get("/workspace/set-up")
        token, secret = CSRF.findall(page.text)[0], SECRET.findall(page.text)[0]
        self._secret = base64.b32encode(bytes.fromhex(secret)).decode()
        form = {"csrf_token": token, "secret": secret, "code": self.code}
        assert self.client.post("/workspace/set-up", base_url=self.base, data=form).status_code == 303

    def sign_in(self, code: str | None = None) -> TestResponse:
        """Password and second factor; returns the answer to the latter."""
        self.give_password()
        path = "/workspace/second-factor"
        form = {"csrf_token": self._csrf_of(path), "code": self.code if code is None else code}
        return self.client.post(path, base_url=self.base, data=form)

    def give_password(self) -> None:
        """The first half of that."""
        path = "/workspace/sign-in"
        form = {"csrf_token": self._csrf_of(path), "address": self.address, "password": self.password}
        assert self.client.post(path, base_url=self.base, data=form).status_code == 303

    def at_another_browser(self) -> "Organiser":
        """The same organiser, with the same code app, where nobody has signed in yet."""
        other = Organiser(self.runtime, self.app, self.address, self.name, self.password)
        other._secret = self._secret
        return other

    def sign_out(self) -> TestResponse:
        return self.post("/workspace/sign-out")

    def again(self) -> dict[str, str]:
        """The fields by which this organiser shows once more who they are."""
        return {"again_password": self.password, "again_code": self.code}

    def colleague(self, role: Role = Role.EDITOR, *, sees_names: bool = False, name: str = "colleague") -> "Organiser":
        """Somebody whom this organiser's team has invited and who has joined it."""
        address, team_id = f"{name}@example.org", self.team_id
        terms, runtime = Terms(team_id, role, sees_names), self.runtime
        link = runtime.settle(
            lambda session: _link(
                runtime, invite(session, runtime.keyring, terms, parse_address(address), "en", runtime.clock())
            )
        )
        other = Organiser(runtime, self.app, address, name=f"{name.title()} Example")
        other.join(link)
        return other

    @property
    def team_id(self) -> int:
        with self.runtime.reading() as session:
            query = select(MembershipRow.team_id).where(MembershipRow.account_id == self.account_id)
            return int(session.scalars(query).one())

    def campaign(
        self, mail_server: MailServer, *, custody: str = "team", threshold: int = 1, **changes: Any
    ) -> Campaign:
        """The team's open letter, its key shared with those who see names (custody `team`), and its people."""
        pair = new_key_pair()
        draft, _ = demo_draft(
            rule=EditionRule(timedelta(minutes=1), 1),
            policy=FigurePolicy.usual(threshold, threshold),
            displays=tuple(Display),
            custody=custody,
            **changes,
        )
        draft, runtime, team_id = replace(draft, public_key=pair.public), self.runtime, self.team_id

        def verb(session: Session) -> str:
            row = load(session, draft, runtime.settings.vocabularies, runtime.clock())
            session.add(LetterTeamRow(letter_id=row.id, team_id=team_id))
            if custody == "team":
                share_new(session, row, team_id, pair.secret)
            open_letter(row, runtime.keyring, runtime.clock(), team_holds_key=True)
            return str(row.slug)

        return Campaign(runtime, self.app, mail_server, runtime.settle(verb), pair)

    def adopt(self, slug: str) -> None:
        """Make a letter that belongs to nobody one of the team's."""
        team_id = self.team_id
        assert self.runtime.settle(lambda session: adopt_letters(session, team_id, [slug])) == 1

    def _csrf_of(self, path: str) -> str:
        return CSRF.findall(self.get(path).text)[0]

    def _is_mine(self, session: Session, account_id: bytes) -> bool:
        from_row = find_account(session, self.runtime.keyring, account_id)
        return from_row.profile.address == self.address


def found_team(
    runtime: Runtime, app: Flask, address: str = "owner@example.org", team: str = "Team Example"
) -> Organiser:
    """The owner of a new team."""
    organiser = Organiser(runtime, app, address)
    invited = parse_address(address)
    challenge = runtime.settle(
        lambda session: invite(session, runtime.keyring, FOUNDING, invited, "en", runtime.clock())
    )
    organiser.join(_link(runtime, challenge), team=team)
    return organiser


def _link(runtime: Runtime, challenge: bytes) -> str:
    return f"/workspace/join/{runtime.tokens.mint(Purpose.INVITE, challenge)}"
