"""The parts of a letter that may still change when it is open, and who stands behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from letters.organising.draft import FolderText
from letters.organising.drafting.parts import Form, Part, Posted, Side, filled, languages_of, lines_in, with_toml
from letters.organising.drafting.typed import (
    as_day,
    as_moment,
    as_number,
    in_each,
    many_lines,
    one_line,
    table,
    tables,
    written,
)

_ROW = re.compile(r"(?:person|title)([1-9]\d{0,4})-")


@dataclass(frozen=True)
class First:
    """One first signatory as typed, by language."""

    name: Mapping[str, str]
    title: Mapping[str, str]

    @property
    def written(self) -> bool:
        return any((*self.name.values(), *self.title.values()))


@dataclass(frozen=True)
class PeoplePart(Part):
    """Who is responsible and how to reach them, and who signed first."""

    fields = ("responsible", "first_signatories")

    name: Mapping[str, str]
    contact: str
    people: tuple[First, ...]

    @classmethod
    def of(cls, side: Side) -> Self:
        languages, responsible = languages_of(side.text), table(side.text.toml.get("responsible"))
        people = tuple(
            First(in_each(person.get("name"), languages), in_each(person.get("title"), languages))
            for person in tables(side.text.toml.get("first_signatories"))
        )
        return cls(in_each(responsible.get("name"), languages), written(responsible.get("contact")), people)

    @classmethod
    def posted(cls, post: Posted) -> Self:
        form, languages = post.form, post.languages
        numbers = sorted({int(row[1]) for name in form if (row := _ROW.match(name))})
        people = (
            First(lines_in(form, f"person{number}", languages), lines_in(form, f"title{number}", languages))
            for number in numbers
        )
        written_down = tuple(person for person in people if person.written)
        return cls(lines_in(form, "responsible", languages), one_line(form.get("contact", "")), written_down)

    def into(self, text: FolderText) -> FolderText:
        responsible = {"name": filled(self.name), "contact": self.contact}
        people = [{"name": filled(person.name), "title": filled(person.title)} for person in self.people]
        return with_toml(text, responsible=responsible, first_signatories=people)


@dataclass(frozen=True)
class ClosingPart(Part):
    """What of a schedule may change in an open letter."""

    fields = ("closes", "goal")

    closes: str
    goal: str

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(written(side.text.toml.get("closes")), written(side.text.toml.get("goal")))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(post.form.get("closes", "").strip(), post.form.get("goal", "").strip())

    def into(self, text: FolderText) -> FolderText:
        return with_toml(text, closes=as_moment(self.closes), goal=as_number(self.goal))


@dataclass(frozen=True)
class CorrectionPart(Part):
    """One more correction; a stored letter's has `told` ones, and nothing typed yet."""

    fields = ("corrections",)

    told: int
    on: str
    text: Mapping[str, str]

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(len(tables(side.text.toml.get("corrections"))), "", dict.fromkeys(languages_of(side.text), ""))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(0, post.form.get("on", "").strip(), _texts(post.form, post.languages))

    def into(self, text: FolderText) -> FolderText:
        added = {"on": as_day(self.on), "text": filled(self.text)}
        return with_toml(text, corrections=[*tables(text.toml.get("corrections")), added])


@dataclass(frozen=True)
class DeliveryPart(Part):
    """The day of delivery, and what the addressee answered."""

    fields = ("delivered",)

    on: str
    answer: Mapping[str, str]

    @classmethod
    def of(cls, side: Side) -> Self:
        delivered = table(side.text.toml.get("delivered"))
        return cls(written(delivered.get("on")), in_each(delivered.get("answer"), languages_of(side.text)))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(post.form.get("on", "").strip(), _texts(post.form, post.languages))

    def into(self, text: FolderText) -> FolderText:
        delivered: dict[str, Any] = {"on": as_day(self.on)} if self.on else {}
        answer = filled(self.answer)
        return with_toml(text, delivered={**delivered, **({"answer": answer} if answer else {})})


def _texts(form: Form, languages: Sequence[str]) -> dict[str, str]:
    return {language: many_lines(form.get(f"text-{language}", "")).strip() for language in languages}
