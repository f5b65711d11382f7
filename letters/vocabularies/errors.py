"""What can be wrong with a vocabulary, or with what is asked of it. Each message says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from verification.errors import Refusal


class VocabularyRefusal(Refusal):
    """The root of this room's outcomes."""


class UnknownVocabulary(VocabularyRefusal):
    """No file describes the professions asked for."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(
            f'There is no vocabulary of professions "{name}". Use one of {", ".join(known)}, '
            "or add a file professions/NAME.toml to your own vocabularies folder."
        )


class UnknownProfession(VocabularyRefusal):
    """A vocabulary does not have this key."""

    def __init__(self, key: str, name: str) -> None:
        self.key, self.name = key, name
        super().__init__(
            f'The vocabulary of professions "{name}" has no "{key}". Choose one of its keys, '
            f"or add it in professions/{name}.toml of your own vocabularies folder."
        )


class UnknownCountry(VocabularyRefusal):
    """No file describes this country."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(
            f'There are no regions for the country "{code}". Use an ISO 3166-1 code of two capital letters, such as '
            "BY, or describe it in regions/CODE.toml of your own vocabularies folder."
        )


class UnknownRegion(VocabularyRefusal):
    """The countries loaded do not have this region."""

    def __init__(self, code: str, countries: Sequence[str]) -> None:
        self.code, self.countries = code, tuple(countries)
        super().__init__(
            f'"{code}" is not a region of {", ".join(countries) or "any country chosen"}. '
            'Choose one of their ISO 3166-2 codes, or "abroad".'
        )


class MissingLabels(VocabularyRefusal):
    """Entries have no label in a language; `what` names the country or vocabulary, `file` where labels may be added."""

    def __init__(self, what: str, language: str, codes: Sequence[str], file: str) -> None:
        self.what, self.language, self.codes, self.file = what, language, tuple(codes), file
        super().__init__(
            f'{what} has no label in "{language}" for {", ".join(codes)}. Add them in {file} of your own vocabularies '
            "folder, or leave out that country, vocabulary or language."
        )


class BrokenVocabulary(VocabularyRefusal):
    """A file cannot be used; `entry` is empty where the whole file is meant."""

    def __init__(self, file: Path, entry: str, problem: str) -> None:
        self.file, self.entry, self.problem = file, entry, problem
        place = f"{file}, [{entry}]" if entry else str(file)
        super().__init__(f"{place}: {problem}.")
