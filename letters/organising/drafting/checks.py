"""All that keeps a draft from opening."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.models.letters import LetterRow
from letters.models.teams import MembershipRow
from letters.organising.draft import FolderText
from letters.organising.drafting.drafts import Stored
from letters.organising.drafting.parts import languages_of
from letters.organising.drafting.typed import listed, written
from letters.organising.folder import Problem, problems_of
from letters.organising.lockdown import BadOrganisers, check_organisers
from letters.vocabularies.errors import VocabularyRefusal
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from verification.errors import Refusal
from verification.identity.sealing import BadPublicKey, check_public_key


class SlugTaken(Refusal):
    """Another letter has this address."""


class SlugFixed(Refusal):
    """A letter that is scheduled keeps its address."""


class OpensNever(Refusal):
    """The letter would close before it opens."""


class NoNames(Refusal):
    """Nobody in the team may see names."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with one field: a problem of the letter's files, or what else refuses it."""

    field: str
    why: Problem | Refusal


def findings(session: Session, stored: Stored, folders: Sequence[Path], now: datetime) -> list[Finding]:
    """All of them; none means that the draft opens, as far as can be told beforehand."""
    problems = [Finding(problem.field, problem) for problem in problems_of(stored.text)]
    known = {finding.field for finding in problems}
    more = [*value_findings(stored.text, folders), *_of_surroundings(session, stored, now)]
    return problems + [finding for finding in more if finding.field not in known]


def who_see(session: Session, team_id: int) -> Sequence[bytes]:
    """The accounts of members to whom a new letter's key is wrapped."""
    query = select(MembershipRow.account_id).where(MembershipRow.team_id == team_id, MembershipRow.sees_names)
    return session.scalars(query.order_by(MembershipRow.joined_on, MembershipRow.account_id)).all()


def check_slug(session: Session, slug: str, letter_id: int | None) -> None:
    """Raises `SlugTaken`, or `SlugFixed` where the draft is already a letter with another one."""
    if letter_id is not None:
        if session.get_one(LetterRow, letter_id).slug != slug:
            raise SlugFixed("The letter is scheduled, so its address stays as it is.")
    elif session.scalar(select(LetterRow.id).where(LetterRow.slug == slug)) is not None:
        raise SlugTaken("Another letter has this address already. Choose another one.")


def value_findings(text: FolderText, folders: Sequence[Path]) -> Iterator[Finding]:
    """What vocabularies and keys refuse."""
    toml, languages = text.toml, languages_of(text)
    try:
        Professions.load(written(toml.get("professions", "health")), folders).check_complete(languages)
    except VocabularyRefusal as refusal:
        yield Finding("professions", refusal)
    try:
        Regions.load(listed(toml.get("countries")), folders).check_complete(languages)
    except VocabularyRefusal as refusal:
        yield Finding("countries", refusal)
    try:
        check_organisers(listed(toml.get("organisers")))
    except BadOrganisers as refusal:
        yield Finding("organisers", refusal)
    try:
        if toml.get("custody") == "offline":
            check_public_key(written(toml.get("public_key")))
    except BadPublicKey as refusal:
        yield Finding("public_key", refusal)


def _of_surroundings(session: Session, stored: Stored, now: datetime) -> Iterator[Finding]:
    toml = stored.text.toml
    closes = toml.get("closes")
    if isinstance(closes, datetime) and closes.tzinfo and closes <= now:
        yield Finding("closes", OpensNever("The letter would be closed already. Choose a later moment."))
    try:
        check_slug(session, written(toml.get("slug")), stored.letter_id)
    except (SlugTaken, SlugFixed) as refusal:
        yield Finding("slug", refusal)
    if toml.get("custody") == "team" and not who_see(session, stored.team_id):
        yield Finding("custody", NoNames("Nobody in the team may see names. Let one member see them first."))
