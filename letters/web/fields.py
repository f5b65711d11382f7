"""A form's fields as templates show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


@dataclass(frozen=True)
class Choice:
    """One radio button."""

    value: str
    label: str
    hint: str
    checked: bool
