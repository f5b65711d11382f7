"""Reading vocabulary files: what comes with the product first, then what each of a host's folders adds or overrides."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from letters.vocabularies.errors import BrokenVocabulary

BUILT_IN = Path(__file__).parent
"""The folder that is always read first. A host's own folder has the same layout: `professions/`, `regions/`."""


def layers(folders: Sequence[Path], part: str, name: str) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Yield (file, entry's key, entry) for each entry of each file called `name` in `part` of each folder, in order.

    In one folder `name.json`, which a program wrote, comes before `name.toml`, which a person wrote.
    Raises `BrokenVocabulary`.
    """
    for folder in (BUILT_IN, *folders):
        for file in (folder / part / f"{name}.json", folder / part / f"{name}.toml"):
            if file.is_file():
                yield from _entries(file)


def names(folders: Sequence[Path], part: str) -> tuple[str, ...]:
    """Return the names that have a file in `part` of any folder, sorted."""
    files = (file for folder in (BUILT_IN, *folders) for file in (folder / part).glob("*.*"))
    return tuple(sorted({file.stem for file in files if file.suffix in (".json", ".toml")}))


def _entries(file: Path) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    for key, entry in _parse(file).items():
        if not isinstance(entry, dict):
            raise BrokenVocabulary(file, key, "every entry is a table; put its fields below a line [KEY]")
        yield file, key, entry


def _parse(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        table = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise BrokenVocabulary(file, "", f"cannot be read as UTF-8 {file.suffix[1:].upper()} ({error})") from error
    if not isinstance(table, dict):
        raise BrokenVocabulary(file, "", "must hold one table of entries")
    return table
