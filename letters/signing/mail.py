"""Mail built as data: neutral sender, subject and text, one link, in the language of the form."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from flask import Flask
from flask_babel import force_locale

from letters.settings import Settings
from letters.signing.mailing import Letterhead
from verification.mailbox.challenges import Kind
from verification.mailbox.messages import Mail
from verification.mailbox.outbox import Waiting
from verification.mailbox.tokens import Purpose, Tokens

PATHS = {
    Kind.CONFIRM: ("/confirm/", Purpose.CONFIRM),
    Kind.MANAGE: ("/signature/", Purpose.MANAGE),
    Kind.INVITE: ("/workspace/join/", Purpose.INVITE),
    Kind.RESET: ("/workspace/reset/", Purpose.RESET),
}
_HERE = "\0link\0"
"""Where the link will stand."""


def compose(
    app: Flask, settings: Settings, tokens: Tokens, head: Letterhead, mail: Waiting, to: str, now: datetime
) -> Mail:
    """The mail for a letterhead; its link is made here and kept nowhere."""
    path, purpose = PATHS[head.kind]
    link = settings.base_url + path + tokens.mint(purpose, head.challenge)
    subject, body = _wording(app, head.kind, mail.language)
    return Mail(to, subject, body.replace(_HERE, link), f"<{mail.id.hex()}@{settings.host}>", now)


@lru_cache(maxsize=64)
def _wording(app: Flask, kind: Kind, language: str) -> tuple[str, str]:
    """Subject and body, the same for all but for the link."""
    with app.app_context(), force_locale(language):
        return _render(app, kind, "subject").strip(), _render(app, kind, "body", link=_HERE)


def _render(app: Flask, kind: Kind, part: str, **values: str) -> str:
    return app.jinja_env.get_template(f"email/{kind.value}/{part}.txt").render(values)
