"""Fields as the answers have them. Every one says what it means, and is there unless it is `sometimes`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import OneOf, Range

F = TypeVar("F", bound="fields.Field[Any]")


class Shape(Schema):
    """An object of an answer; its docstring is what its description says. It may get new fields."""

    class Meta:
        unknown = EXCLUDE

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.Meta = type("Meta", (Shape.Meta,), {"description": cls.__doc__})  # type: ignore[assignment, misc]


class Moment(fields.String):
    """RFC 3339, to the second, in UTC."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def text(says: str, *, none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=none, metadata={"description": says})


def code(says: str, codes: Iterable[StrEnum]) -> fields.String:
    """One of these values."""
    return fields.String(required=True, validate=OneOf([code.value for code in codes]), metadata={"description": says})


def number(says: str, *, none: bool = False) -> fields.Integer:
    """A whole number of 0 or more."""
    return fields.Integer(required=True, allow_none=none, validate=Range(min=0), metadata={"description": says})


def change(says: str) -> fields.Integer:
    """A whole number that may be below 0."""
    return fields.Integer(required=True, metadata={"description": says})


def flag(says: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": says})


def moment(says: str, *, none: bool = False) -> Moment:
    return Moment(required=True, allow_none=none, metadata={"description": f"{says} In UTC.", "format": "date-time"})


def day(says: str, *, none: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=none, metadata={"description": says})


def by_language(says: str) -> fields.Dict:
    """A text in each language."""
    described = {"description": f"{says} By language."}
    return fields.Dict(fields.String(), fields.String(), required=True, metadata=described)


def one(shape: type[Shape], says: str, *, none: bool = False) -> fields.Nested:
    return fields.Nested(shape, required=True, allow_none=none, metadata={"description": says})


def many(shape: type[Shape], says: str) -> fields.List[Any]:
    return fields.List(fields.Nested(shape), required=True, metadata={"description": says})


def codes(says: str) -> fields.List[Any]:
    return fields.List(fields.String(), required=True, metadata={"description": says})


def sometimes(field: F) -> F:
    """The same field, which may also be absent."""
    field.required = False
    return field


def the_page() -> fields.Integer:
    return number("Which page of the list this is, from 1.")


def the_pages() -> fields.Integer:
    return number("How many pages the list has; 1 when it is empty.")
