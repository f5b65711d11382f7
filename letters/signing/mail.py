"""Mail built as data: neutral sender, subject and text, one link, in the language of the form."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask_babel import force_locale

from letters.settings import Settings
from letters.signing.mailing import Letterhead
from verification.mailbox.challenges import Kind
from verification.mailbox.delivery import Mail
from verification.mailbox.outbox import Waiting
from verification.mailbox.tokens import Purpose, Tokens

PATHS = {
    Kind.CONFIRM: ("/confirm/", Purpose.CONFIRM),
    Kind.MANAGE: ("/signature/", Purpose.MANAGE),
    Kind.INVITE: ("/workspace/join/", Purpose.INVITE),
    Kind.RESET: ("/workspace/reset/", Purpose.RESET),
}


def compose(
    app: Flask, settings: Settings, tokens: Tokens, head: Letterhead, mail: Waiting, to: str, now: datetime
) -> Mail:
    """The mail for a letterhead; its link is made here and kept nowhere."""
    path, purpose = PATHS[head.kind]
    link = settings.base_url + path + tokens.mint(purpose, head.challenge)
    with app.app_context(), force_locale(mail.language):
        subject = _render(app, head, "subject").strip()
        body = _render(app, head, "body", link=link)
    return Mail(to, subject, body, f"<{mail.id.hex()}@{settings.host}>", now)


def _render(app: Flask, head: Letterhead, part: str, **values: str) -> str:
    return app.jinja_env.get_template(f"email/{head.kind.value}/{part}.txt").render(values)
