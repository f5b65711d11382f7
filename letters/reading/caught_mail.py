"""The demo's mailbox: every mail that would have left, on one page. Exists only without a mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from flask import render_template
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from letters.web.headers import personal
from letters.web.site import Site

SHOWN = 50
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class CaughtMail:
    """One mail that did not leave; `parts` alternate between text and links."""

    to: str
    subject: str
    parts: tuple[tuple[str, bool], ...]


class CaughtMailPage(MethodView):
    """The newest mails first."""

    init_every_request = False

    def __init__(self, site: Site) -> None:
        self.folder = site.runtime.settings.mail_folder

    def get(self) -> ResponseReturnValue:
        return personal(render_template("reading/caught_mail.html", mails=list(_newest(self.folder))))


def _newest(folder: Path) -> Iterator[CaughtMail]:
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in files[:SHOWN]:
        message = message_from_bytes(path.read_bytes(), policy=default)
        yield CaughtMail(message["To"], message["Subject"], tuple(_split(message.get_content())))


def _split(text: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for link in _LINK.finditer(text):
        yield text[end : link.start()], False
        yield link.group(), True
        end = link.end()
    yield text[end:], False
