"""Professions: a vocabulary that reaches from specialty up to one root, each entry with its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from letters.vocabularies.errors import MissingLabels, UnknownProfession
from letters.vocabularies.labels import Choices, Label, label_in
from letters.vocabularies.tree import Level, Profession, read_professions

__all__ = ["Level", "Profession", "Professions"]


class Professions:
    """A vocabulary of professions. `key in professions` is true for what a signer may choose: all but the root."""

    def __init__(self, name: str, entries: Mapping[str, Profession]) -> None:
        """Use `load`; the entries form one tree."""
        self.name = name
        self.entries = MappingProxyType(dict(entries))
        self.counted = tuple(key for key, entry in entries.items() if entry.level is Level.PROFESSION)
        """What figures count by."""

    @classmethod
    def load(cls, name: str, folders: Sequence[Path] = ()) -> Professions:
        """Load the vocabulary called `name`, the host's own `folders` over what is built in.

        What was read is kept: a changed file counts after a restart. Raises `UnknownVocabulary` and `BrokenVocabulary`.
        """
        return _load(name, tuple(folders))

    def __contains__(self, key: object) -> bool:
        return key in self.entries and self.entries[str(key)].level is not Level.ROOT

    def get(self, key: str) -> Profession:
        """Return the entry, the root included. Raises `UnknownProfession`."""
        try:
            return self.entries[key]
        except KeyError:
            raise UnknownProfession(key, self.name) from None

    def label(self, key: str, *languages: str) -> Label:
        """Return the plural label, for figures, in the first of the languages that has one, else in any.

        Raises `UnknownProfession`.
        """
        return label_in(self.get(key).labels, languages, key)

    def one(self, key: str, *languages: str) -> Label:
        """Return the label of a single person, in a language as `label` has it. Raises `UnknownProfession`."""
        return label_in(self.get(key).one, languages, key)

    def choices(self, *languages: str) -> Choices:
        """Return what a signer may choose: first every profession, without a group, then each one's specialties.

        The file's order; single-person labels with a capital letter, in languages as `label` has them.
        """
        groups = [("", list(self.counted))]
        for profession in self.counted:
            specialties = [key for key, entry in self.entries.items() if entry.parent == profession]
            if specialties:
                groups.append((self.label(profession, *languages), specialties))
        return tuple((label, tuple((key, self._option(key, languages)) for key in keys)) for label, keys in groups)

    def ancestors(self, key: str) -> tuple[str, ...]:
        """Return the key itself, then its parent, and so on to the root. Raises `UnknownProfession`."""
        parent = self.get(key).parent
        return (key, *self.ancestors(parent)) if parent else (key,)

    def profession_of(self, key: str) -> str:
        """Return what figures count this key by: its profession. Raises `UnknownProfession`, for the root too."""
        if key not in self:
            raise UnknownProfession(key, self.name)
        return self.ancestors(key)[-2]

    def check_complete(self, languages: Sequence[str]) -> None:
        """Raise `MissingLabels` unless every entry has both labels in each of the languages."""
        for language in languages:
            missing = [
                key for key, entry in self.entries.items() if not (language in entry.labels and language in entry.one)
            ]
            if missing:
                what = f'The vocabulary of professions "{self.name}"'
                raise MissingLabels(what, language, missing, f"professions/{self.name}.toml")

    def _option(self, key: str, languages: Sequence[str]) -> Label:
        text = self.one(key, *languages)
        return Label(text[:1].upper() + text[1:], text.language)


@lru_cache(maxsize=32)
def _load(name: str, folders: tuple[Path, ...]) -> Professions:
    return Professions(name, read_professions(name, folders))
