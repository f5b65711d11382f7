"""The parts of a letter that decide how it runs: who may sign how, when, what is shown, who opens names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any, Self

from letters.models.signatures import Display
from letters.organising.draft import FolderText
from letters.organising.drafting.parts import Part, Posted, Side, with_toml
from letters.organising.drafting.typed import as_day, as_moment, as_number, listed, one_line, table, written

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "protected": {"edition": {"every": "6h", "at_least": 50}, "figures": {"threshold": 10, "step": 10}},
    "ordinary": {"edition": {"every": "1m", "at_least": 1}, "figures": {"threshold": 1, "step": 1}},
}
OWN = "own"
"""What stands for values of the letter's own."""

UNITS = ("s", "m", "h", "d")
_EVERY = re.compile(r"(\d*)([smhd])")


@dataclass(frozen=True)
class SignersPart(Part):
    """Where signers work and as what, and how they may appear: the first way is preselected. With a pact, names can
    wait until so many have agreed to be named."""

    fields = ("countries", "professions", "display", "pact")

    countries: tuple[str, ...]
    professions: str
    displays: tuple[str, ...]
    pact: str

    @classmethod
    def of(cls, side: Side) -> Self:
        toml = side.text.toml
        displays = listed(toml.get("display", [Display.COUNTED.value]))
        professions, pact = written(toml.get("professions", "health")), written(toml.get("pact"))
        return cls(listed(toml.get("countries")), professions, displays, pact)

    @classmethod
    def posted(cls, post: Posted) -> Self:
        form, first = post.form, post.form.get("first")
        chosen = [display.value for display in Display if display in form.getlist("display")]
        ordered = tuple(sorted(chosen, key=lambda name: name != first)) or (Display.COUNTED.value,)
        countries, pact = tuple(dict.fromkeys(form.getlist("countries"))), one_line(form.get("pact", ""))
        return cls(countries, form.get("professions", ""), ordered, pact)

    def into(self, text: FolderText) -> FolderText:
        return with_toml(
            text,
            countries=list(self.countries),
            professions=self.professions,
            display=list(self.displays),
            pact=as_number(self.pact),
        )


@dataclass(frozen=True)
class SchedulePart(Part):
    """When the letter opens and closes, until when sealed names are kept, and how many signatures it hopes for."""

    fields = ("opens", "closes", "identities_until", "goal")

    opens: str
    closes: str
    identities_until: str
    goal: str

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(*(written(side.text.toml.get(name)) for name in cls.fields))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(*(post.form.get(name, "").strip() for name in cls.fields))

    def into(self, text: FolderText) -> FolderText:
        days = {"opens": as_moment(self.opens), "closes": as_moment(self.closes)}
        return with_toml(text, **days, identities_until=as_day(self.identities_until), goal=as_number(self.goal))


@dataclass(frozen=True)
class RulesPart(Part):
    """How often editions come and how fine the figures are: a preset, or values of one's own."""

    fields = ("edition", "figures")

    preset: str
    every: str
    unit: str
    at_least: str
    threshold: str
    step: str

    @classmethod
    def of(cls, side: Side) -> Self:
        edition, figures = table(side.text.toml.get("edition")), table(side.text.toml.get("figures"))
        usual = PRESETS["protected"]
        every = written(edition.get("every", usual["edition"]["every"]))
        match = _EVERY.fullmatch(every)
        return cls(
            preset_of(side.text),
            match[1] if match else every,
            match[2] if match else "h",
            written(edition.get("at_least", usual["edition"]["at_least"])),
            written(figures.get("threshold", usual["figures"]["threshold"])),
            written(figures.get("step", usual["figures"]["step"])),
        )

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(*(one_line(post.form.get(field.name, "")) for field in fields_of(cls)))

    def into(self, text: FolderText) -> FolderText:
        if self.preset in PRESETS:
            return with_toml(text, **PRESETS[self.preset])
        before = table(text.toml.get("figures"))
        edition = {"every": f"{self.every}{self.unit}", "at_least": as_number(self.at_least)}
        figures: dict[str, object] = {"threshold": as_number(self.threshold), "step": as_number(self.step)}
        if figures.items() <= before.items():  # then what only a folder can say stays with them
            figures = {**before}
        return with_toml(text, edition=edition, figures=figures)


@dataclass(frozen=True)
class CustodyPart(Part):
    """Who can open names; the public key of an offline one."""

    fields = ("custody", "public_key")

    custody: str
    public_key: str

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(written(side.text.toml.get("custody")), written(side.text.toml.get("public_key")))

    @classmethod
    def posted(cls, post: Posted) -> Self:
        return cls(post.form.get("custody", ""), "".join(post.form.get("public_key", "").split()))

    def into(self, text: FolderText) -> FolderText:
        return with_toml(text, custody=self.custody, public_key=self.public_key)


def preset_of(text: FolderText) -> str:
    """The preset whose values a letter has, `OWN` for others."""
    edition, figures = table(text.toml.get("edition")), table(text.toml.get("figures"))
    protected = PRESETS["protected"]
    whole = {"edition": {**protected["edition"], **edition}, "figures": _usual({**protected["figures"], **figures})}
    return next((name for name, preset in PRESETS.items() if _whole(preset) == whole), OWN)


def _whole(preset: Mapping[str, Any]) -> dict[str, Any]:
    return {"edition": dict(preset["edition"]), "figures": _usual(preset["figures"])}


def _usual(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures with the two values that usually follow from the others, where they are numbers."""
    threshold, step = figures["threshold"], figures["step"]
    if not isinstance(threshold, int) or not isinstance(step, int):
        return dict(figures)
    return {"moves_after": step, "hides_below": (threshold + 1) // 2, **figures}
