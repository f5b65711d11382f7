"""What the tests of pages share: a form sent in any shape, what a page shows, and everything that is stored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow, SignatureState
from letters.runtime import Runtime
from tests.parts.campaign import Campaign
from verification.database import Base

one_database = pytest.mark.parametrize("database", ["sqlite"])
"""For what the database has no part in."""
_SWITCH = re.compile(r'<a href="([^"]+)" lang="\w+" dir="\w+" hreflang="\w+">')
URLENCODED = "application/x-www-form-urlencoded"


@dataclass
class Shown(HTMLParser):
    """A page's language, title, text, fields as filled in, and the errors beside them."""

    language: str = ""
    title: str = ""
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    _select: str = ""
    _inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "html":
            self.language = given.get("lang") or ""
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "select":
            self._select = name
            self.fields.setdefault(name, "")
        if tag == "option" and "selected" in given:
            self.fields[self._select] = given["value"] or ""
        if tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.fields[name] = given.get("value") or ""
        is_error = tag == "p" and given.get("class") == "error"
        self._inside.append((given.get("id") or "") if is_error else tag)
        if tag in ("input", "meta", "link", "br", "hr", "path", "rect", "progress"):
            self._inside.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        self.text += f" {words}" if words else ""
        if "title" in self._inside and "svg" not in self._inside:
            self.title += data
        for about in self._inside:
            if about.startswith("f-") and words:
                name = about.removeprefix("f-").removesuffix("-error")
                self.errors[name] = f"{self.errors.get(name, '')} {words}".strip()


def show(answer: TestResponse) -> Shown:
    """What the page shows."""
    shown = Shown()
    shown.feed(answer.get_data(as_text=True))
    return shown


def switches(answer: TestResponse) -> list[str]:
    """The links in the head of the page that lead to it in another language."""
    return _SWITCH.findall(answer.text)


def send(campaign: Campaign, changes: Mapping[str, object], language: str = "en") -> TestResponse:
    """Send the form of the letter's page with these changes: None leaves a field out, a list repeats it."""
    fields = {name: value for name, value in {**campaign.form(), **changes}.items() if value is not None}
    return post(campaign, urlencode(fields, doseq=True), language=language)


def post(campaign: Campaign, body: str | bytes, content_type: str = URLENCODED, language: str = "en") -> TestResponse:
    """Send this body to where the form goes."""
    return campaign.client.post(f"/{language}/letters/{campaign.slug}/sign", data=body, content_type=content_type)


def everything(runtime: Runtime) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with runtime.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def stored(runtime: Runtime) -> int:
    """How many rows know of anybody who filled in a form."""
    kept = everything(runtime)
    return sum(len(kept[table]) for table in ("signatures", "outbox", "challenges", "subscriptions"))


def signatures(runtime: Runtime) -> list[SignatureRow]:
    """Every signature as it is stored."""
    with runtime.reading() as session:
        rows = list(session.scalars(select(SignatureRow)))
        session.expunge_all()
    return rows


def move_signatures(runtime: Runtime, before: SignatureState, after: SignatureState) -> None:
    """Let every signature of one state enter another, as an organiser would."""
    held_for = "burst" if after is SignatureState.HELD else None
    moved = update(SignatureRow).where(SignatureRow.state == before.value).values(state=after.value, held_for=held_for)
    runtime.settle(lambda session: session.execute(moved))


def change_letter(campaign: Campaign, **values: object) -> None:
    """Change the letter behind the pages' back, in a way that they notice."""
    changed = update(LetterRow).where(LetterRow.slug == campaign.slug)
    campaign.runtime.settle(lambda session: session.execute(changed.values(revision=LetterRow.revision + 1, **values)))
