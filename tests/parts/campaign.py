"""A letter and the people around it: load it, sign it, read the mail, press the button, release."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from letters.models.finding import find_letter
from letters.models.signatures import Display
from letters.models.values import Edition, EditionRule, FigurePolicy, Letter
from letters.organising.folder import Draft, read_folder
from letters.organising.loading import load, open_letter
from letters.organising.releasing import release_letter
from letters.runtime import Runtime
from letters.settings import ROOT
from letters.signing.sending import Sender
from tests.parts.smtp import MailServer
from verification.identity.sealing import KeyPair, new_key_pair
from verification.mailbox.delivery import SmtpTransport

DEMO = ROOT / "letters" / "demo"
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
PATIENCE = 5.0
LINK = re.compile(r"https?://\S+")

FORM: Mapping[str, str] = {
    "name": "Vera Example",
    "email": "vera@example.org",
    "profession": "nurse",
    "region": "BY-MI",
    "workplace": "",
    "display": "counted",
    "consent": "1",
    "website": "",
}
"""What a signer of the protected demo letter types, but for the token."""


def demo_draft(slug: str = "stop-the-violence", folder: Path = DEMO, **changes: Any) -> tuple[Draft, KeyPair]:
    """A demo letter under a fresh key; keywords replace fields of the draft."""
    pair = new_key_pair()
    return replace(read_folder(folder / slug, public_key=pair.public), **changes), pair


@dataclass
class Campaign:
    """One open letter on a running installation, and whatever its people do."""

    runtime: Runtime
    app: Flask
    mail_server: MailServer
    slug: str
    pair: KeyPair
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @property
    def letter(self) -> Letter:
        with self.runtime.reading() as session:
            return find_letter(session, self.slug)

    def form(self, **changes: Any) -> dict[str, Any]:
        """A filled form with the token of the letter's page."""
        found = TOKEN.search(self.client.get(f"/en/letters/{self.slug}").text)
        token = {"form_token": found[1]} if found else {}
        return {**FORM, **token, **changes}

    def sign(self, **changes: Any) -> TestResponse:
        """Send the form; keywords replace fields."""
        return self.client.post(f"/en/letters/{self.slug}/sign", data=self.form(**changes))

    def send_mail(self) -> None:
        """Let a worker send everything that waits."""
        settings = self.runtime.settings
        transport = SmtpTransport(settings.smtp_url or "", settings.mail_from, patience=5)
        sender = Sender(self.runtime, self.app, transport)
        while sender.send_some():
            pass
        transport.close()

    def links(self, address: str) -> list[str]:
        """The paths that mails to this address brought, the oldest first."""
        return [
            "/" + LINK.findall(mail.message.get_content())[0].split("/", 3)[3]
            for mail in self.mail_server.accepted
            if address in mail.recipients
        ]

    def confirm(self, path: str) -> TestResponse:
        """Press the button behind a mailed link."""
        return self.client.post(path)

    def join(self, number: int = 1, **changes: Any) -> str:
        """Sign, read the mail and confirm as a new person; returns the path of their private link."""
        address = f"signer{number}@example.org"
        changes = {"name": f"Signer Example {number}", "email": address, **changes}
        assert self.sign(**changes).status_code == 303
        self.send_mail()
        until = time.monotonic() + PATIENCE
        while not self.links(address) and time.monotonic() < until:
            time.sleep(0.01)  # a worker beside us has taken it up
        thanks = self.client.get(self.confirm(self.links(address)[-1]).location)
        return "/" + re.findall(r"https?://[^/]+/(signature/[\w.-]+)", thanks.text)[0]

    def release(self) -> Edition:
        """Release an edition by hand."""
        return release_letter(self.runtime, self.slug, at_once=True)


def open_campaign(
    runtime: Runtime,
    app: Flask,
    mail_server: MailServer,
    *,
    threshold: int = 1,
    every: timedelta = timedelta(minutes=1),
    at_least: int = 1,
    **changes: Any,
) -> Campaign:
    """Open the Belarusian demo letter with these rules; keywords replace other fields of its draft."""
    draft, pair = demo_draft(
        rule=EditionRule(every, at_least),
        policy=FigurePolicy.usual(threshold, threshold),
        displays=tuple(Display),
        **changes,
    )

    def verb(session: Session) -> str:
        row = load(session, draft, runtime.settings.vocabularies, runtime.clock())
        open_letter(row, runtime.keyring, runtime.clock())
        return row.slug

    return Campaign(runtime, app, mail_server, str(runtime.settle(verb)), pair)
