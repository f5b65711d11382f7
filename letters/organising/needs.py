"""What a letter lacks: each problem by its field, and the refusal that says it in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from enum import StrEnum
from pathlib import PurePath

from verification.errors import Refusal

LARGEST = 256 * 1024
"""Bytes of one file; a letter of 10,000 words in Cyrillic needs about 150 kB."""


def N_(message: str) -> str:  # noqa: N802 - the name that extracts a message to be translated where it is shown
    return message


class Need(StrEnum):
    """What a field or a file needs, said as the end of a sentence that begins with its name.

    The value is the message of the catalogues, its placeholders are filled from `Problem.values`.
    """

    TEXT = N_("needs a text")
    TEXTS = N_("needs a list of texts")
    ONCE = N_("needs each text once")
    EACH_LANGUAGE = N_("needs a text for each of %(languages)s")
    ONE_OF = N_("needs one of %(choices)s")
    SOME_OF = N_("needs one or more of %(choices)s")
    NUMBER = N_("needs a whole number from 1 to %(most)s")
    MOMENT = N_("needs a moment of this century with its zone, such as 2026-12-01T06:00:00Z")
    DAY = N_("needs a day of this century, such as 2026-12-01")
    TABLE = N_("needs a table")
    TABLES = N_("needs [[%(table)s]] tables")
    SLUG = N_('needs up to 80 small letters, digits and hyphens, such as "stop-the-violence"')
    AFTER_OPENING = N_("needs a moment after `opens`")
    CLOSING_FIRST = N_("needs `closes`, on that day or before")
    INTERVAL = N_('needs a time such as "6h", "1m" or "30s", up to "%(days)sd"')
    UP_TO_THRESHOLD = N_("needs a number up to the threshold")
    PACT = N_("needs a whole number from 2 to %(most)s, and `named` among `display`")
    UNKNOWN_FIELD = N_("is a field that nobody knows; take it out or correct its spelling")

    MISSING = N_("is missing; a letter needs it")
    NO_TITLE = N_("needs a line `# Title` and a text below it")
    NO_NOTICE = N_("is empty; signers have to read there what is kept about them")
    TOO_LARGE = N_("is larger than %(kilobytes)s kB; a letter is a text, shorten it")
    NOT_UTF8 = N_("is not UTF-8 text; save it as UTF-8")
    NUL = N_("holds a NUL character; save it as plain text")
    NOT_READ = N_("cannot be read: %(reason)s")
    NOT_TOML = N_("is not valid TOML: %(reason)s")

    NOT_ZIP = N_("is not a zip file, or a damaged one; pack the letter's folder as a zip again")
    TOO_MANY = N_("holds more than %(most)s files; pack only letter.toml and the texts")
    ENCRYPTED = N_("is encrypted; pack it without a password")
    NO_FILE = N_("is a link or a device; pack the files themselves")
    STRANGE_PLACE = N_("lies in another folder; pack all files in one folder, or in none")
    STRANGE_NAME = N_("is no file of a letter; take it out")
    TWICE = N_("stands there twice; take one out")
    STRANGE_METHOD = N_("is compressed in an unusual way; pack it as an ordinary zip")
    DAMAGED = N_("is damaged; pack the folder again")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field of `letter.toml`, by its dotted name, or with one file, by its name.

    `number` counts the `[[tables]]` of a name from 1, and is 0 elsewhere. `languages` are those whose text is at fault.
    """

    field: str
    need: Need
    values: Mapping[str, str] = made_by(default_factory=dict)
    number: int = 0
    languages: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The need in English, without the field."""
        return self.need.value % self.values


class BadFolder(Refusal):
    """A letter's folder cannot be loaded; nothing was stored."""

    def __init__(self, sentence: str, problem: Problem) -> None:
        super().__init__(sentence)
        self.problem = problem

    @property
    def field(self) -> str:
        return self.problem.field

    @property
    def need(self) -> Need:
        return self.problem.need


def bad_file(file: PurePath, need: Need, *languages: str, **values: str) -> BadFolder:
    """The refusal of a whole file; its problem is named by the last part of the path."""
    problem = Problem(file.name, need, values, languages=languages)
    return BadFolder(f"{file} {problem.words}.", problem)


def too_large(file: PurePath, *languages: str) -> BadFolder:
    return bad_file(file, Need.TOO_LARGE, *languages, kilobytes=str(LARGEST // 1024))


def flaw_of(text: str) -> Need | None:
    """What keeps a text from a UTF-8 file and from a database: a lone surrogate, or a NUL."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return Need.NOT_UTF8
    return Need.NUL if "\x00" in text else None
