"""A form's fields as templates show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wtforms import Field


@dataclass(frozen=True)
class FieldView:
    """One field: what was typed, and what is wrong with it."""

    name: str
    label: str
    value: str
    errors: Sequence[str]

    @property
    def id(self) -> str:
        return f"f-{self.name}"

    @classmethod
    def of(cls, field: Field, label: str) -> FieldView:
        value = field.data
        if isinstance(value, bool):
            value = "1" if value else ""
        return cls(field.short_name, label, value or "", tuple(str(error) for error in field.errors))


@dataclass(frozen=True)
class Choice:
    """One radio button."""

    value: str
    label: str
    hint: str
    checked: bool
