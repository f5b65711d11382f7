"""The tree of professions as files: every entry checked, each under its parent, one root."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from letters.vocabularies.errors import BrokenVocabulary, UnknownVocabulary
from letters.vocabularies.files import layers, names
from letters.vocabularies.labels import Texts, read_labels

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISCO = re.compile(r"[0-9]{2,4}")
_FIELDS = {"isco", "parent", "label", "one"}


class Level(StrEnum):
    """How far below the root an entry stands."""

    ROOT = "root"
    PROFESSION = "profession"
    SPECIALTY = "specialty"


@dataclass(frozen=True, slots=True)
class Profession:
    """One entry: `isco` is its ISCO-08 code of 2 to 4 digits, None where the standard has none.

    `labels` are plural, for figures; `one` is for a single person.
    """

    key: str
    isco: str | None
    parent: str | None
    level: Level
    labels: Texts
    one: Texts


def read_professions(name: str, folders: Sequence[Path]) -> dict[str, Profession]:
    """Return the entries of a vocabulary by key, in order. Raises `UnknownVocabulary` and `BrokenVocabulary`."""
    tables: dict[str, dict[str, Any]] = {}
    files: dict[str, Path] = {}
    for file, key, entry in layers(folders, "professions", name) if _NAME.fullmatch(name) else ():
        _check(file, key, entry)
        merged = tables.setdefault(key, {"label": {}, "one": {}})
        texts = {field: {**merged[field], **entry.get(field, {})} for field in ("label", "one")}
        merged.update(entry | texts)
        files[key] = file
    if not tables:
        raise UnknownVocabulary(name, names(folders, "professions"))
    parents = {key: table.get("parent") for key, table in tables.items()}
    _check_tree(parents, files)
    return {key: _entry(key, table, parents) for key, table in tables.items()}


def _check(file: Path, key: str, entry: Mapping[str, Any]) -> None:
    if not _NAME.fullmatch(key):
        raise BrokenVocabulary(file, key, "a key is small Latin letters and digits with hyphens between them")
    if unknown := set(entry) - _FIELDS:
        raise BrokenVocabulary(file, key, f"has {', '.join(sorted(unknown))}; it may have {', '.join(sorted(_FIELDS))}")
    if "isco" in entry and not (isinstance(entry["isco"], str) and _ISCO.fullmatch(entry["isco"])):
        raise BrokenVocabulary(file, key, 'isco must be 2 to 4 digits in quotes, such as "2221"')
    if "parent" in entry and not (isinstance(entry["parent"], str) and entry["parent"]):
        raise BrokenVocabulary(file, key, "parent must be the key of another entry, in quotes")
    for field in ("label", "one"):
        read_labels(file, key, entry.get(field, {}))


def _check_tree(parents: Mapping[str, str | None], files: Mapping[str, Path]) -> None:
    roots = [key for key, parent in parents.items() if parent is None]
    if not roots:
        raise BrokenVocabulary(files[next(iter(parents))], "", "one entry, the root, must stand without a parent")
    for key in roots[1:]:
        problem = f'the root is "{roots[0]}"; give this entry a parent, such as parent = "{roots[0]}"'
        raise BrokenVocabulary(files[key], key, problem)
    for key, parent in parents.items():
        if parent is not None and parent not in parents:
            raise BrokenVocabulary(files[key], key, f'its parent "{parent}" is not an entry; add that, or name another')
    for key in parents:
        if _depth(key, parents) >= len(Level):
            raise BrokenVocabulary(files[key], key, "its parent must be the root or a profession right below the root")


def _depth(key: str, parents: Mapping[str, str | None]) -> int:
    """Steps up to the root; no more than there are levels, however deep or circular the parents are."""
    depth, parent = 0, parents[key]
    while parent is not None and depth < len(Level):
        depth, parent = depth + 1, parents[parent]
    return depth


def _entry(key: str, table: Mapping[str, Any], parents: Mapping[str, str | None]) -> Profession:
    level = tuple(Level)[_depth(key, parents)]
    return Profession(key, table.get("isco"), parents[key], level, table["label"], table["one"])
