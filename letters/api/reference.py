"""The description for people: every address, what it takes and answers, and what each field means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, g, render_template, url_for

from letters.api.described import Description
from letters.web.locale import switch
from letters.web.site import Site, SitePage

_NAMED = "#/components/schemas/"
_SHARED = "#/components/responses/"


@dataclass(frozen=True)
class Kind:
    """What a value is, in words, and the shape it has if that has a name."""

    words: str
    shape: str | None = None


@dataclass(frozen=True)
class Field:
    """A field of a shape, or something that an address takes; `place` says where it stands there."""

    name: str
    kind: Kind
    says: str
    place: str = ""
    always: bool = True


@dataclass(frozen=True)
class Shape:
    """What an object in an answer holds."""

    name: str
    says: str
    fields: Sequence[Field]


@dataclass(frozen=True)
class Refused:
    """An error that an address can answer with."""

    status: str
    says: str


@dataclass(frozen=True)
class Operation:
    """One address; `shape` is what it answers, with an example, unless that is this description itself."""

    path: str
    anchor: str
    says: str
    takes: Sequence[Field]
    shape: str | None
    example: str
    refuses: Sequence[Refused]


class Reference(SitePage):
    """The page of the description. Its words are those of the description, and English."""

    def __init__(self, site: Site, description: Description) -> None:
        super().__init__(site)
        self.description = description

    def get(self) -> Response:
        return self.site.pages.answer(("api_reference", g.language, g.prefix), self._render)

    def _render(self) -> str:
        described = self.description.body
        shared = described["components"]["responses"]
        return render_template(
            "api/reference.html",
            about=described["info"]["description"],
            description_url=url_for("api.openapi"),
            operations=[operation(path, item, shared) for path, item in described["paths"].items()],
            shapes=[shape(name, body) for name, body in described["components"]["schemas"].items()],
            switch=switch(self.site.runtime.settings.languages),
        )


def operation(path: str, item: Mapping[str, Any], shared: Mapping[str, Any]) -> Operation:
    """One path's item of the description; `shared` are the answers that it refers to."""
    described = item["get"]
    answers: Mapping[str, Any] = described["responses"]
    answer = answers["200"]["content"]["application/json"]
    return Operation(
        path=path,
        anchor=path.strip("/").replace("/", "-").translate(str.maketrans("", "", "{}")),
        says=described["summary"],
        takes=[_taken(parameter) for parameter in (*item.get("parameters", ()), *described.get("parameters", ()))],
        shape=_kind(answer["schema"]).shape,
        example=json.dumps(answer["example"], ensure_ascii=False, indent=2) if "example" in answer else "",
        refuses=[
            Refused(status, _refusal(shared[said["$ref"].removeprefix(_SHARED)]))
            for status, said in sorted(answers.items())
            if "$ref" in said
        ],
    )


def shape(name: str, described: Mapping[str, Any]) -> Shape:
    always = described.get("required", ())
    fields = [
        Field(field, _kind(says), says.get("description", ""), always=field in always)
        for field, says in described["properties"].items()
    ]
    return Shape(name, described.get("description", ""), fields)


def _taken(parameter: Mapping[str, Any]) -> Field:
    kind = _kind(parameter["schema"])
    return Field(parameter["name"], kind, parameter.get("description", ""), parameter["in"])


def _refusal(said: Mapping[str, Any]) -> str:
    return str(said["content"]["application/problem+json"]["example"]["detail"])


def _kind(schema: Mapping[str, Any]) -> Kind:
    """A schema in a few words: `list of Cell`, `whole number or null`."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_NAMED)
        return Kind(name, name)
    if "anyOf" in schema:
        kinds = [_kind(choice) for choice in schema["anyOf"]]
        return Kind(" or ".join(kind.words for kind in kinds), next((kind.shape for kind in kinds if kind.shape), None))
    types = schema.get("type", "object")
    return _several([_plain(one, schema) for one in ([types] if isinstance(types, str) else types)])


def _several(kinds: Sequence[Kind]) -> Kind:
    return Kind(" or ".join(kind.words for kind in kinds), next((kind.shape for kind in kinds if kind.shape), None))


def _plain(name: str, schema: Mapping[str, Any]) -> Kind:
    if name == "array":
        inner = _kind(schema["items"])
        return Kind(f"list of {inner.words}", inner.shape)
    if name == "object" and "additionalProperties" in schema:
        inner = _kind(schema["additionalProperties"])
        return Kind(f"{inner.words} by name", inner.shape)
    if name == "string" and "enum" in schema:
        return Kind(" or ".join(f"“{value}”" for value in schema["enum"]))
    return Kind(_FORMATS.get(schema.get("format", ""), "text") if name == "string" else _WORDS.get(name, name))


_WORDS = {"integer": "whole number", "boolean": "true or false"}
_FORMATS = {"date": "day", "date-time": "moment"}
