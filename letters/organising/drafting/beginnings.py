"""How a draft begins: blank, or as a copy of one of the team's letters. (A third way is a folder, `folder_zip`.)"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.signatures import Display
from letters.models.teams import LetterTeamRow
from letters.organising.draft import FolderText
from letters.organising.drafting.parts import with_toml
from letters.organising.drafting.rule_parts import PRESETS
from letters.organising.folder import folder_text
from letters.organising.stored import stored_draft
from verification.errors import Refusal

LONGEST_SLUG = 80
_NUMBER = re.compile(r"-\d+$")


class NotTheirs(Refusal):
    """The letter belongs to another team, or there is none."""


class NoFile(Refusal):
    """No file was chosen."""


def blank(language: str) -> FolderText:
    """A new draft in one language, with the rules that protect signers."""
    return FolderText(
        {
            "languages": [language],
            "professions": "health",
            "display": [display.value for display in (Display.COUNTED, Display.PSEUDONYM, Display.NAMED)],
            "custody": "team",
            **PRESETS["protected"],
        }
    )


def copy_of(session: Session, team_id: int, slug: str) -> FolderText:
    """A letter of the team as a new draft: without its key, its days, and what came after it. Raises `NotTheirs`."""
    query = select(LetterRow).join(LetterTeamRow, LetterTeamRow.letter_id == LetterRow.id)
    row = session.scalar(query.where(LetterRow.slug == slug, LetterTeamRow.team_id == team_id))
    if row is None:
        raise NotTheirs("Your team has no such letter.")
    draft = replace(
        stored_draft(session, row),
        slug=free_slug(session, slug),
        public_key="",
        opens_at=None,
        closes_at=None,
        identities_until=None,
        corrections=(),
        delivered_on=None,
        answer=None,
    )
    return folder_text(draft)


def imported(text: FolderText) -> FolderText:
    """A letter that came as files; a team's key is made when its letter opens, never brought along."""
    return with_toml(text, public_key="") if text.toml.get("custody") == "team" else text


def free_slug(session: Session, slug: str) -> str:
    """The name with the first number behind it that no letter has."""
    stem, number = _NUMBER.sub("", slug)[: LONGEST_SLUG - 8].rstrip("-"), 2
    while session.scalar(select(LetterRow.id).where(LetterRow.slug == f"{stem}-{number}")) is not None:
        number += 1
    return f"{stem}-{number}"


def letters_of(session: Session, team_id: int) -> Sequence[str]:
    """The names of the team's letters, the newest first."""
    query = select(LetterRow.slug).join(LetterTeamRow, LetterTeamRow.letter_id == LetterRow.id)
    return session.scalars(query.where(LetterTeamRow.team_id == team_id).order_by(LetterRow.id.desc())).all()
