"""The parts of a letter that are written and saved one by one, as they stand in the fields of a form.

A part takes whatever was typed and gives it back: what a letter lacks is said by `folder.problems_of` alone.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

from werkzeug.datastructures import MultiDict

from letters.organising.draft import FolderText
from letters.organising.drafting.typed import in_each, listed, many_lines, one_line, written
from letters.organising.folder import Problem
from letters.organising.folder_files import privacy_file, text_file
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import split_title

Form = MultiDict[str, str]


@dataclass(frozen=True)
class Side:
    """A letter, and the one language that a part is about, if it is about one."""

    text: FolderText
    spoken: str = ""


@dataclass(frozen=True)
class Posted:
    """A form that came in, with the letter's languages."""

    form: Form
    languages: Sequence[str]
    spoken: str = ""


@dataclass(frozen=True)
class Part(ABC):
    """One part; a part about one language names it in `spoken`."""

    fields: ClassVar[tuple[str, ...]] = ()
    """What problems call its fields; a name stands for the table around it too."""

    @classmethod
    @abstractmethod
    def of(cls, side: Side) -> Self:
        """The part as a letter has it."""

    @classmethod
    @abstractmethod
    def posted(cls, post: Posted) -> Self:
        """The part as it was typed."""

    @abstractmethod
    def into(self, text: FolderText) -> FolderText:
        """The letter with this part in place of what it had."""

    def covers(self, problem: Problem) -> bool:
        """Whether it is here that a problem is mended."""
        return self.covers_field(problem.field)

    def covers_field(self, field: str) -> bool:
        return any(field == name or field.startswith(f"{name}.") for name in self.fields)

    @property
    def seen(self) -> str:
        """What a form carries to tell whether the part has changed since it was shown."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:32]


def languages_of(text: FolderText) -> tuple[str, ...]:
    """The draft's languages that the product speaks, the authoritative one first."""
    return tuple(code for code in listed(text.toml.get("languages")) if code in LANGUAGES)


def with_toml(text: FolderText, **values: Any) -> FolderText:
    """The letter with these fields of `letter.toml`; without those that are empty."""
    merged = {**text.toml, **values}
    return replace(text, toml={name: value for name, value in merged.items() if value not in (None, "", [], {})})


def filled(texts: Mapping[str, str]) -> dict[str, str]:
    """The languages in which something was written."""
    return {language: text for language, text in texts.items() if text}


def lines_in(form: Form, name: str, languages: Sequence[str]) -> dict[str, str]:
    """One line in each language, from fields such as `name-ru`."""
    return {language: one_line(form.get(f"{name}-{language}", "")) for language in languages}


@dataclass(frozen=True)
class LetterPart(Part):
    """The letter's address, its languages with the authoritative one first, and to whom it is written."""

    fields = ("slug", "languages", "addressee")

    slug: str
    languages: tuple[str, ...]
    addressee: Mapping[str, str]

    @classmethod
    def of(cls, side: Side) -> Self:
        addressee = in_each(side.text.toml.get("addressee"), tuple(LANGUAGES))  # any of them may be chosen beside it
        return cls(written(side.text.toml.get("slug")), languages_of(side.text), addressee)

    @classmethod
    def posted(cls, post: Posted) -> Self:
        chosen, first = [code for code in LANGUAGES if code in post.form.getlist("languages")], post.form.get("first")
        ordered = tuple(sorted(chosen, key=lambda code: code != first))
        return cls(post.form.get("slug", "").strip(), ordered, lines_in(post.form, "addressee", tuple(LANGUAGES)))

    def into(self, text: FolderText) -> FolderText:
        return with_toml(text, slug=self.slug, languages=list(self.languages), addressee=filled(self.addressee))


@dataclass(frozen=True)
class TextPart(Part):
    """The letter itself in one language."""

    spoken: str
    title: str
    body: str

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(side.spoken, *split_title(side.text.texts.get(side.spoken, "")))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(post.spoken, one_line(post.form.get("title", "")), many_lines(post.form.get("body", "")))

    def into(self, text: FolderText) -> FolderText:
        closing = " #" if self.title.endswith("#") else ""  # hash signs at the end would be read as closing ones
        heading = f"# {self.title}{closing}\n\n" if self.title else ""
        return replace(text, texts={**text.texts, self.spoken: heading + self.body})

    def covers_field(self, field: str) -> bool:
        return field == text_file(self.spoken)


@dataclass(frozen=True)
class PrivacyPart(Part):
    """The privacy notice in one language."""

    spoken: str
    notice: str

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(side.spoken, side.text.privacy.get(side.spoken, ""))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(post.spoken, many_lines(post.form.get("notice", "")))

    def into(self, text: FolderText) -> FolderText:
        return replace(text, privacy={**text.privacy, self.spoken: self.notice})

    def covers_field(self, field: str) -> bool:
        return field == privacy_file(self.spoken)
