"""What the tests of accounts share: a second browser, the cookie in one's hand, the account's page."""

import re

from letters.signing.sending import Sender
from tests.parts.organiser import CSRF, Organiser
from tests.parts.smtp import MailServer
from verification.mailbox.delivery import SmtpTransport

DOMAIN = "undersigned.example"
COOKIE = "__Secure-workspace"
LINK = re.compile(r"https://undersigned\.example(/workspace/\S+)")


def cookie_of(organiser: Organiser) -> str:
    """What the organiser's browser keeps."""
    cookie = organiser.client.get_cookie(COOKIE, path="/workspace", domain=DOMAIN)
    assert cookie is not None
    return str(cookie.value)


def with_cookie(organiser: Organiser, value: str) -> Organiser:
    """A browser into which somebody has put this cookie."""
    thief = Organiser(organiser.runtime, organiser.app, organiser.address)
    thief.client.set_cookie(COOKIE, value, path="/workspace", domain=DOMAIN, secure=True)
    return thief


def is_in(organiser: Organiser) -> bool:
    """Whether this browser's session opens the workspace."""
    return organiser.get("/workspace/").status_code == 200


def another_browser(organiser: Organiser) -> Organiser:
    """The same organiser, signed in a second time."""
    other = Organiser(organiser.runtime, organiser.app, organiser.address, password=organiser.password)
    other._secret, other.recovery_codes = organiser._secret, organiser.recovery_codes
    assert other.sign_in().status_code == 303
    return other


def token_at(organiser: Organiser, path: str) -> str:
    """The token of the first form on a page."""
    return str(CSRF.findall(organiser.get(path).text)[0])


def mails_to(organiser: Organiser, mail_server: MailServer) -> list[str]:
    """The links to the workspace that mails have brought this organiser, after sending all that waits."""
    settings = organiser.runtime.settings
    transport = SmtpTransport(settings.smtp_url or "", settings.mail_from, patience=5)
    sender = Sender(organiser.runtime, organiser.app, transport)
    while sender.send_some():
        pass
    transport.close()
    letters = [mail for mail in mail_server.accepted if organiser.address in mail.recipients]
    return [LINK.findall(letter.message.get_content())[0] for letter in letters]
