"""Regions: the ISO 3166-2 subdivisions of some countries, and "abroad", with labels from CLDR."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from letters.vocabularies.errors import BrokenVocabulary, MissingLabels, UnknownCountry, UnknownRegion
from letters.vocabularies.files import layers, names
from letters.vocabularies.labels import Choices, Label, Texts, label_in, read_labels
from letters.vocabularies.languages import sort_key

ABROAD = "abroad"
"""The region of everybody who lives in none of a letter's countries."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}")


class Regions:
    """The regions of some countries. `code in regions` is true for what a signer may choose.

    These are the countries' subdivisions and "abroad"; a country without subdivisions is chosen itself.
    """

    def __init__(self, countries: Mapping[str, Mapping[str, Texts]], abroad: Texts) -> None:
        """Use `load`; `countries` has, by country, the labels of the country and of its subdivisions by code."""
        self.countries = tuple(countries)
        """ISO 3166-1 codes in the order asked for."""
        self._labels = {code: texts for country in countries.values() for code, texts in country.items()}
        self._labels[ABROAD] = abroad
        self._below = {country: tuple(code for code in own if code != country) for country, own in countries.items()}
        self.codes = (*(code for country, own in self._below.items() for code in own or (country,)), ABROAD)
        """What a signer may choose."""

    @classmethod
    def load(cls, countries: Sequence[str], folders: Sequence[Path] = ()) -> Regions:
        """Load these countries, the host's own `folders` over what is built in.

        What was read is kept: a changed file counts after a restart. Raises `UnknownCountry` and `BrokenVocabulary`.
        """
        return _load(tuple(dict.fromkeys(countries)), tuple(folders))

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def label(self, code: str, *languages: str) -> Label:
        """Return the label of a region or of one of the countries, in the first of the languages that has one, else in
        any. Raises `UnknownRegion`.
        """
        return label_in(self._known(code), languages, code)

    def choices(self, *languages: str) -> Choices:
        """Return the regions of each country, and last "abroad" without a group, in languages as `label` has them.

        What is labelled in the first language comes first, alphabetical in it, then what is in the next.
        """
        groups = [
            (self.label(country, *languages), self._options(own or (country,), languages))
            for country, own in self._below.items()
        ]
        return (*groups, ("", self._options((ABROAD,), languages)))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the code itself, then its country: ("BY-MI", "BY"), ("abroad",). Raises `UnknownRegion`."""
        self._known(code)
        country, subdivided, _ = code.partition("-")
        return (code, country) if subdivided else (code,)

    def check_complete(self, languages: Sequence[str]) -> None:
        """Raise `MissingLabels`, for the first country and language that lack any, unless each country, each region and
        "abroad" has a label in each of the languages.
        """
        for place in (*self.countries, ABROAD):
            for language in languages:
                codes = [code for code in (place, *self._below.get(place, ())) if language not in self._labels[code]]
                if codes:
                    raise self._missing(place, language, codes)

    def _known(self, code: str) -> Texts:
        try:
            return self._labels[code]
        except KeyError:
            raise UnknownRegion(code, self.countries) from None

    def _options(self, codes: Sequence[str], languages: Sequence[str]) -> tuple[tuple[str, Label], ...]:
        options = [(code, self.label(code, *languages)) for code in codes]
        return tuple(sorted(options, key=lambda option: _in_order(option[1], languages)))

    def _missing(self, place: str, language: str, codes: Sequence[str]) -> MissingLabels:
        name = self._labels[place].get("en")
        what = f"{name} ({place})" if name and place != ABROAD else f'"{place}"'
        return MissingLabels(what, language, codes, f"regions/{place}.toml")


def _in_order(label: Label, languages: Sequence[str]) -> tuple[Any, ...]:
    """What sorts labels: those of one language together, by its alphabet."""
    rank = languages.index(label.language) if label.language in languages else len(languages)
    return rank, label.language, sort_key(label, label.language)


def countries_complete_in(languages: Sequence[str], folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the countries whose labels are complete in all the languages, sorted by code. Reads every file."""
    known = [name for name in names(folders, "regions") if _COUNTRY.fullmatch(name)]
    return tuple(
        country
        for country in known
        if all(language in texts for texts in _read(country, folders).values() for language in languages)
    )


@lru_cache(maxsize=128)
def _load(countries: tuple[str, ...], folders: tuple[Path, ...]) -> Regions:
    return Regions({country: _read(country, folders) for country in countries}, _read_abroad(folders))


def _read(country: str, folders: Sequence[Path]) -> Mapping[str, Texts]:
    merged: dict[str, Texts] = {}
    for file, code, entry in layers(folders, "regions", country) if _COUNTRY.fullmatch(country) else ():
        if code != country and not _below(code, country):
            problem = f"a code in this file is {country} or {country}- and one to three capital letters or digits"
            raise BrokenVocabulary(file, code, problem)
        merged[code] = {**merged.get(code, {}), **read_labels(file, code, entry)}
    if country not in merged:
        raise UnknownCountry(country)
    return MappingProxyType(merged)


def _below(code: str, country: str) -> bool:
    prefix, _, rest = code.partition("-")
    return prefix == country and _SUBDIVISION.fullmatch(rest) is not None


def _read_abroad(folders: Sequence[Path]) -> Texts:
    merged: dict[str, str] = {}
    for file, code, entry in layers(folders, "regions", ABROAD):
        if code != ABROAD:
            raise BrokenVocabulary(file, code, f"this file has one entry, [{ABROAD}]")
        merged |= read_labels(file, code, entry)
    return merged
