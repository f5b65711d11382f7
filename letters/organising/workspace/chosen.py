"""Which of a form's buttons was pressed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from flask import abort, request

Act = TypeVar("Act")


def chosen(field: str, acts: Mapping[str, Act]) -> Act:
    """The act that the form names in `field`; 400 where it names none of them, which no form of ours does."""
    act = acts.get(request.form.get(field, ""))
    if act is None:
        abort(400)
    return act
