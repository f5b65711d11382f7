"""A draft as JSON and back: the days and moments of `letter.toml` are ISO 8601 texts there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

from letters.organising.draft import FolderText
from letters.organising.drafting.typed import as_day, as_moment, table, tables
from letters.organising.folder import TOML, Need
from letters.organising.needs import bad_file

DEEPEST = 12
"""Tables within tables; a letter has three."""


def to_json(text: FolderText) -> dict[str, Any]:
    """What the database keeps. Raises `BadFolder` for a `letter.toml` that no letter could have."""
    return {"toml": _plain(text.toml, DEEPEST), "texts": dict(text.texts), "privacy": dict(text.privacy)}


def from_json(content: Mapping[str, Any]) -> FolderText:
    """The inverse of `to_json`; where a day cannot be read, its text stays."""
    toml = dict(content["toml"])
    for name in ("opens", "closes"):
        _read(toml, name, as_moment)
    _read(toml, "identities_until", as_day)
    if tables(toml.get("corrections")):
        toml["corrections"] = [_dated(correction) for correction in tables(toml["corrections"])]
    if table(toml.get("delivered")):
        toml["delivered"] = _dated(toml["delivered"])
    return FolderText(toml, dict(content["texts"]), dict(content["privacy"]))


def _plain(value: Any, depth: int) -> Any:
    if not depth:
        raise bad_file(PurePath(TOML), Need.NOT_TOML, reason="tables within tables")
    if isinstance(value, Mapping):
        return {name: _plain(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _dated(values: Mapping[str, Any]) -> dict[str, Any]:
    copy = dict(values)
    _read(copy, "on", as_day)
    return copy


def _read(values: dict[str, Any], name: str, read: Any) -> None:
    if isinstance(values.get(name), str):
        values[name] = read(values[name])
