"""Modules that are loaded when they are first used: where only signers come, nothing is kept that organisers need."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Late:
    """A module by its name. Loading it, on whichever thread asks first, raises what importing it raises."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
