"""Organisers who write letters through the workspace's pages."""

import io
import re
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from letters.models.drafts import DraftRow
from letters.organising.draft import FolderText
from letters.organising.drafting.content import from_json
from letters.organising.drafting.parts import with_toml
from letters.organising.folder import files_of, folder_text
from letters.organising.folder_zip import pack
from letters.runtime import Runtime
from tests.parts.campaign import demo_draft
from tests.parts.organiser import CSRF, Organiser

SEEN = re.compile(r'name="seen" value="([0-9a-f]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')


def whole_text(slug: str = "a-new-letter", demo: str = "stop-the-violence", **toml: Any) -> FolderText:
    """A letter that nothing keeps from opening under custody `team`; keywords replace fields of `letter.toml`."""
    draft, _pair = demo_draft(demo)
    text = folder_text(draft)
    return with_toml(text, slug=slug, custody="team", public_key="", **toml)


def zipped(runtime: Runtime, text: FolderText) -> bytes:
    return pack(files_of(text), runtime.clock().date())


def begin(organiser: Organiser, **form: Any) -> str:
    """A new draft through its page; returns its address."""
    answer = organiser.post(f"/workspace/teams/{organiser.team_id}/drafts/new", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def bring_in(organiser: Organiser, text: FolderText) -> str:
    """A draft from a letter's folder; returns its address."""
    file = io.BytesIO(zipped(organiser.runtime, text))
    return begin(organiser, how="folder", folder=(file, "letter.zip"))


def seen(organiser: Organiser, path: str) -> str:
    return SEEN.findall(organiser.get(path).text)[0]


def save(organiser: Organiser, path: str, **form: Any) -> TestResponse:
    """Send a part's form as its page has just shown it."""
    return organiser.post(path, **{"seen": seen(organiser, path), **form})


def open_it(organiser: Organiser, path: str, **form: Any) -> TestResponse:
    """Tick and open the draft at this address."""
    page = organiser.get(f"{path}/open").text
    version = (VERSION.findall(page) or ["0"])[0]
    return organiser.post(f"{path}/open", **{"sure": "1", "version": version, **form})


def opened(organiser: Organiser, slug: str = "a-new-letter", **toml: Any) -> str:
    """An open letter of the team, written and opened through its pages; returns the address of its changes."""
    answer = open_it(organiser, bring_in(organiser, whole_text(slug, **toml)))
    assert answer.status_code == 303, answer.text
    return f"/workspace/letters/{slug}/change"


def content(runtime: Runtime, path: str) -> FolderText:
    """What the draft at this address holds."""
    with runtime.reading() as session:
        row = session.scalars(select(DraftRow).where(DraftRow.id == bytes.fromhex(path.split("/")[3]))).one()
        return from_json(row.content)


__all__ = ["CSRF", "begin", "bring_in", "content", "open_it", "opened", "save", "seen", "whole_text", "zipped"]
