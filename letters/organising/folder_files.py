"""A letter's files and what they hold, there and back; nothing is checked but that it is text."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import PurePath
from typing import Any

import tomli_w

from letters.models.values import Correction, LetterText, Person
from letters.organising.draft import Draft, FolderText
from letters.organising.needs import LARGEST, Need, bad_file, flaw_of, too_large
from letters.vocabularies.languages import LANGUAGES

TOML = "letter.toml"
HERE = PurePath()

_BOM = "\ufeff"
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def text_file(language: str) -> str:
    return f"{language}.md"


def privacy_file(language: str) -> str:
    return f"privacy.{language}.md"


def parse(read: Callable[[str], bytes | None], where: PurePath = HERE) -> FolderText:
    """What files hold; `read` gives one by its name, None where there is none, and `where` is the folder's name.

    Only texts in the languages that `letter.toml` names are read. Raises `BadFolder` for what cannot be read at all.
    """
    content = read(TOML)
    if content is None:
        raise bad_file(where / TOML, Need.MISSING)
    toml = _parse_toml(content, where / TOML)
    listed = toml.get("languages")
    codes = [code for code in LANGUAGES if isinstance(listed, list) and code in listed]

    def texts(name_of: Callable[[str], str]) -> dict[str, str]:
        found = {code: (where / name_of(code), read(name_of(code))) for code in codes}
        return {code: _decode(content, file, code) for code, (file, content) in found.items() if content is not None}

    return FolderText(toml, texts(text_file), texts(privacy_file))


def files_of(text: FolderText) -> dict[str, bytes]:
    """The inverse of `parse`: the content of each file by its name."""
    return {
        TOML: write_toml(text.toml).encode(),
        **{text_file(code): _encode(markdown) for code, markdown in text.texts.items()},
        **{privacy_file(code): _encode(notice) for code, notice in text.privacy.items()},
    }


def write_toml(values: Mapping[str, Any]) -> str:
    """`letter.toml` from what `tomllib` would read in it."""
    return tomli_w.dumps(values)


def folder_text(draft: Draft) -> FolderText:
    """The inverse of `draft_of`."""
    texts = {code: _markdown(text) for code, text in draft.texts.items()}
    return FolderText(_toml(draft), texts, {code: text.privacy for code, text in draft.texts.items()})


def _toml(draft: Draft) -> dict[str, Any]:
    values = {
        "slug": draft.slug,
        "languages": list(draft.languages),
        "countries": list(draft.countries),
        "professions": draft.professions,
        "opens": draft.opens_at,
        "closes": draft.closes_at,
        "identities_until": draft.identities_until,
        "goal": draft.goal,
        "custody": draft.custody,
        "public_key": draft.public_key,
        "organisers": list(draft.organisers),
        "display": [display.value for display in draft.displays],
        "pact": draft.pact,
        "addressee": dict(draft.addressee),
        "responsible": dict(draft.responsible),
        "edition": {"every": _interval(draft.rule.every), "at_least": draft.rule.at_least},
        "figures": asdict(draft.policy),
        "first_signatories": [_person(person) for person in draft.first_signatories],
        "corrections": [_correction(correction) for correction in draft.corrections],
        "delivered": _delivered(draft),
    }
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _interval(every: timedelta) -> str:
    """In the largest unit that gives a whole number."""
    unit, length = next((unit, length) for unit, length in _UNITS.items() if not every % length)
    return f"{every // length}{unit}"


def _person(person: Person) -> dict[str, Any]:
    return {"name": dict(person.name), "title": dict(person.title)}


def _correction(correction: Correction) -> dict[str, Any]:
    return {"on": correction.dated, "text": dict(correction.text)}


def _delivered(draft: Draft) -> dict[str, Any]:
    answer = {"answer": dict(draft.answer)} if draft.answer else {}
    return {"on": draft.delivered_on, **answer} if draft.delivered_on else {}


def _markdown(text: LetterText) -> str:
    """Title and body in one; hash signs at a title's end are its own only before closing ones (CommonMark, 4.2)."""
    closing = " #" if text.title.endswith("#") else ""
    return f"# {text.title}{closing}\n\n{text.body}"


def _encode(text: str) -> bytes:
    """UTF-8; a text that begins with a byte order mark gets a second one, because reading takes one off."""
    return text.encode("utf-8-sig" if text.startswith(_BOM) else "utf-8")


def _decode(content: bytes, file: PurePath, *languages: str) -> str:
    if len(content) > LARGEST:
        raise too_large(file, *languages)
    try:
        text = content.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise bad_file(file, Need.NOT_UTF8, *languages) from None
    if flaw := flaw_of(text):
        raise bad_file(file, flaw, *languages)
    return text


def _parse_toml(content: bytes, file: PurePath) -> dict[str, Any]:
    text = _decode(content, file)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise bad_file(file, Need.NOT_TOML, reason=str(error)) from None
