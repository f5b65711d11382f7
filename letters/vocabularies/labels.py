"""The shapes that labels have: in a file, and in a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from letters.vocabularies.errors import BrokenVocabulary

Texts = Mapping[str, str]
"""One label by language code."""


class Label(str):
    """A text that knows its language, a BCP 47 code; empty for a bare code, which is in none."""

    __slots__ = ("language",)

    language: str

    def __new__(cls, text: str, language: str = "") -> Label:
        label = super().__new__(cls, text)
        label.language = language
        return label


Choices = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Groups for a select: (group's label, ((value, label), …)). An empty group's label means options without a group."""


def label_in(texts: Texts, languages: Sequence[str], code: str) -> Label:
    """Return the text in the first of the languages that has one; else in any that has, else the code itself."""
    language = next((language for language in (*languages, *texts) if language in texts), "")
    return Label(texts[language] if language else code, language)


def read_labels(file: Path, entry: str, value: object) -> Texts:
    """Return a table of texts by language. Raises `BrokenVocabulary` for anything else."""
    if not isinstance(value, dict):
        raise BrokenVocabulary(file, entry, 'labels are a table by language, such as {ru = "…", en = "…"}')
    for language, text in value.items():
        if not isinstance(text, str) or not text.strip():
            raise BrokenVocabulary(file, entry, f'the label in "{language}" must be a text that is not empty')
    return value
