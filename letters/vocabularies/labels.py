"""The shapes that labels have: in a file, and in a form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from letters.vocabularies.errors import BrokenVocabulary

Labels = Mapping[str, str]
"""Texts by language code."""

Choices = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Groups for a select: (group's label, ((value, label), …)). An empty group's label means options without a group."""


def read_labels(file: Path, entry: str, value: object) -> Labels:
    """Return a table of texts by language. Raises `BrokenVocabulary` for anything else."""
    if not isinstance(value, dict):
        raise BrokenVocabulary(file, entry, 'labels are a table by language, such as {ru = "…", en = "…"}')
    for language, text in value.items():
        if not isinstance(text, str) or not text.strip():
            raise BrokenVocabulary(file, entry, f'the label in "{language}" must be a text that is not empty')
    return value
