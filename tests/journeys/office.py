"""An installation whose workspace can be seen in every state: its organisers, their teams and their drafts.

Its letters are made in `tests.journeys.office_letters`.
"""

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pyotp
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from letters.models.accounts import AccountRow, SessionRow
from letters.models.teams import MembershipRow, Role
from letters.organising.accounts.factors import add_totp, forget_recovery_codes, new_totp_secret
from letters.organising.accounts.joining import FOUNDING, Terms, invite
from letters.organising.accounts.resetting import ask_reset
from letters.organising.drafting.parts import with_toml
from letters.organising.teams.trail import PAGE, Act, Doing, record
from letters.organising.workspace.cookies import PATH, cookie_name
from letters.runtime import Runtime
from tests.letters.organising.drafting.writers import begin, bring_in, open_it, whole_text
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer
from verification.identity.account_keys import session_id
from verification.identity.addresses import parse_address
from verification.identity.keypairs import new_key_pair
from verification.mailbox.challenges import Kind, challenge_about
from verification.mailbox.tokens import Purpose

PREVIEW = re.compile(r"/preview/[\w.-]+")


@dataclass
class Office:
    """The installation; `links` has what stands for `{name}` in `tests.journeys.office_views`.

    `people` are the browsers that views are seen in: one organiser may have several of them.
    """

    runtime: Runtime
    app: Flask
    mail_server: MailServer
    clock: Clock
    links: dict[str, str] = field(default_factory=dict)
    people: dict[str, Organiser] = field(default_factory=dict)

    def cookie(self, who: str) -> str:
        """What that browser keeps; empty for none."""
        kept = self.people[who].client.get_cookie(cookie_name(self.runtime.settings), domain="localhost", path=PATH)
        return kept.value if kept else ""

    def speak(self, language: str) -> None:
        """Let every organiser's workspace have that language."""
        self.runtime.settle(lambda session: session.execute(update(AccountRow).values(language=language)))

    def invitation(self, terms: Terms, address: str | None = None) -> str:
        """The link of a new invitation."""
        runtime, invited = self.runtime, parse_address(address) if address else None
        challenge = runtime.settle(
            lambda session: invite(session, runtime.keyring, terms, invited, "en", runtime.clock())
        )
        return f"/workspace/join/{runtime.tokens.mint(Purpose.INVITE, challenge)}"


def furnish(office: Office) -> None:
    """Let organisers come and write; all of them have just shown their second factor at the end."""
    _invite(office)
    _draft(office)
    _remember(office)


def settle_in(office: Office) -> None:
    """Sign everybody in, each as far as their browser is to be: sessions end while an installation is built."""
    people = office.people
    for who in ("owner", "editor", "reviewer", "founder", "lonely"):
        assert people[who].sign_in().status_code == 303
    people["doubted"] = people["owner"].at_another_browser()
    people["doubted"].sign_in()
    _doubt(office, "doubted")
    people["half"] = people["owner"].at_another_browser()
    people["half"].give_password()
    people["nobody"] = Organiser(office.runtime, office.app, "nobody@example.org")
    _come_new(office)


def _invite(office: Office) -> None:
    people, runtime = office.people, office.runtime
    owner = people["owner"] = found_team(runtime, office.app)
    people["editor"] = owner.colleague(Role.EDITOR, name="editor")
    people["reviewer"] = owner.colleague(Role.REVIEWER, name="reviewer")
    people["founder"] = found_team(runtime, office.app, "founder@example.org", "Team Elsewhere")
    people["lonely"] = owner.colleague(Role.REVIEWER, name="lonely")
    lonely, founder, team_id = people["lonely"].account_id, people["founder"].account_id, owner.team_id
    office.links |= {
        "team": str(team_id),
        "elsewhere": str(people["founder"].team_id),
        "owner": owner.account_id.hex(),
        "editor": people["editor"].account_id.hex(),
        "reviewer": people["reviewer"].account_id.hex(),
    }

    def verb(session: Session) -> None:
        session.execute(delete(MembershipRow).where(MembershipRow.account_id == lonely))
        nobody_sees = update(MembershipRow).where(MembershipRow.account_id == founder).values(sees_names=False)
        session.execute(nobody_sees)
        forget_recovery_codes(session, founder)
        _second_code_app(session, runtime, owner.account_id)

    runtime.settle(verb)


def _second_code_app(session: Session, runtime: Runtime, account_id: bytes) -> None:
    secret, now = new_totp_secret(runtime.keyring), runtime.clock()
    code = pyotp.TOTP(base64.b32encode(secret).decode()).at(now)
    add_totp(session, runtime.keyring, account_id, "Old phone", secret, code, now)


def _draft(office: Office) -> None:
    """Drafts: with nothing in it, with everything, for a key file, where nobody may open names, and scheduled."""
    owner, founder = office.people["owner"], office.people["founder"]
    sealed = with_toml(whole_text("sealed"), custody="offline", public_key=new_key_pair().public)
    other_title = {**sealed.texts, "ru": sealed.texts["ru"].replace("письмо", "второе письмо", 1)}
    drafts = {
        "blank": begin(owner),
        "whole": bring_in(owner, whole_text("whole")),
        "sealed": bring_in(owner, replace(sealed, texts=other_title)),
        "unseen": bring_in(founder, whole_text("unseen")),
        "waiting": bring_in(owner, whole_text("scheduled", opens=office.clock() + timedelta(days=90))),
    }
    assert open_it(owner, drafts["waiting"]).status_code == 303
    owner.post(f"{drafts['sealed']}/link", link="renew")
    office.links |= drafts
    found = PREVIEW.search(owner.get(drafts["sealed"]).text)
    assert found is not None
    office.links["preview"] = found[0]


def _remember(office: Office) -> None:
    """A trail with everything that can stand in it, two pages of it."""
    owner, editor = office.people["owner"].account_id, office.people["editor"].account_id
    doing = Doing(office.people["owner"].team_id, owner, office.clock())

    def verb(session: Session) -> None:
        for _ in range(PAGE // len(Act) + 1):
            for act in Act:
                record(session, doing, act, count=3, about=editor)

    office.runtime.settle(verb)


def _doubt(office: Office, who: str) -> None:
    """Let ten minutes pass for one session alone."""
    mine = SessionRow.id == session_id(_decoded(office.cookie(who)))
    office.runtime.settle(lambda session: session.execute(update(SessionRow).where(mine).values(strong_until=None)))


def _decoded(cookie: str) -> bytes:
    return base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))


def _come_new(office: Office) -> None:
    """Newcomers on their way, links that wait for others, and one that was used."""
    runtime, terms = office.runtime, Terms(office.people["owner"].team_id, Role.EDITOR, sees_names=True)
    used = office.invitation(terms, "fresh@example.org")
    fresh = office.people["fresh"] = Organiser(runtime, office.app, "fresh@example.org", "Fresh Example")
    fresh.accept(used)
    ready = office.people["ready"] = Organiser(runtime, office.app, "ready@example.org", "Ready Example")
    ready.accept(office.invitation(terms, "ready@example.org"))
    ready.use_code_app()
    office.links |= {
        "used": used,
        "join": office.invitation(terms, "invited@example.org"),
        "found": office.invitation(FOUNDING),
        "reset": _reset(office),
    }


def _reset(office: Office) -> str:
    runtime, account_id = office.runtime, office.people["reviewer"].account_id

    def verb(session: Session) -> bytes:
        ask_reset(session, runtime.keyring, "reviewer@example.org", "en", runtime.clock())
        challenge = challenge_about(session, Kind.RESET, account_id)
        assert challenge is not None
        return challenge.id

    return f"/workspace/reset/{runtime.tokens.mint(Purpose.RESET, runtime.settle(verb))}"
