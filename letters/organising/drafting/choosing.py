"""What an organiser chooses from: countries, vocabularies of professions; and how a key is told from another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from letters.vocabularies.errors import VocabularyRefusal
from letters.vocabularies.files import names
from letters.vocabularies.languages import sort_key
from letters.vocabularies.professions import Level, Professions
from letters.vocabularies.regions import Regions, countries_complete_in
from verification.identity.keypairs import BadPublicKey, fingerprint
from verification.identity.sealing import members_of

Options = Sequence[tuple[str, str]]
"""Values with their labels."""


def country_choices(languages: Sequence[str], folders: Sequence[Path], spoken: str) -> Options:
    """The countries whose regions have names in all the languages, alphabetical in `spoken`."""
    return _countries(tuple(languages), tuple(folders), spoken)


def profession_choices(languages: Sequence[str], folders: Sequence[Path], spoken: str) -> Options:
    """The vocabularies that are complete in all the languages, by the label of their root."""
    options = []
    for name in names(folders, "professions"):
        try:
            vocabulary = Professions.load(name, folders)
            vocabulary.check_complete(languages)
        except VocabularyRefusal:
            continue
        root = next(key for key, entry in vocabulary.entries.items() if entry.level is Level.ROOT)
        options.append((name, vocabulary.get(root).labels.get(spoken, name)))
    return options


def fingerprints(public_key: str) -> list[str]:
    """The fingerprint of each key in a public key; none of what is no key."""
    try:
        return [fingerprint(part) for part in members_of(public_key)]
    except BadPublicKey:
        return []


@lru_cache(maxsize=32)
def _countries(languages: tuple[str, ...], folders: tuple[Path, ...], spoken: str) -> Options:
    codes = _complete(languages, folders)
    labels = [(code, Regions.load((code,), folders).label(code, spoken)) for code in codes]
    return tuple(sorted(labels, key=lambda option: sort_key(option[1], spoken)))


@lru_cache(maxsize=16)
def _complete(languages: tuple[str, ...], folders: tuple[Path, ...]) -> tuple[str, ...]:
    return countries_complete_in(languages, folders)
