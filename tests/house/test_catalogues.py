"""Every message is translated, in every language, and nothing else is."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from flask import Flask
from jinja2.ext import extract_from_ast

from letters.vocabularies.languages import LANGUAGES
from tests.house.sources import ROOT, templates

FOLDER = ROOT / "letters/translations"
WRITTEN_IN = "en"
TRANSLATED = sorted(set(LANGUAGES) - {WRITTEN_IN})
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
WITHOUT_NUMBER = re.compile(r"%\((?:num|n|count)\)[a-z]")


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code and the templates say now."""
    pot = tmp_path_factory.mktemp("messages") / "messages.pot"
    extract = ["pybabel", "-q", "extract", "-F", "pyproject.toml", "-o", str(pot), "."]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run(extract)  # type: ignore[no-untyped-call]
    return read(pot)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str, wanted: Catalog) -> None:
    catalogue = read(po(language))
    missing = [message.id for message in wanted if message.id and not translated(catalogue.get(*key(message)))]
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over_or_unsure(language: str, wanted: Catalog) -> None:
    catalogue = read(po(language))
    left_over = [message.id for message in catalogue if message.id and wanted.get(*key(message)) is None]
    unsure = [message.id for message in catalogue if message.fuzzy]
    assert (left_over, unsure, list(catalogue.obsolete)) == ([], [], [])


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_say_the_same_placeholders(language: str) -> None:
    assert [message.id for message in read(po(language)) if message.id and not same_placeholders(message)] == []


def test_messages_are_one_line(wanted: Catalog) -> None:
    """A longer `trans` block begins with `trimmed`, so that translators see no indentation."""
    assert [message.id for message in wanted if "\n" in "".join(texts(message.id)) and message.id] == []


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_application_asks_for_what_was_extracted(app: Flask, wanted: Catalog) -> None:
    parsed = {name: app.jinja_env.parse(text) for name, text in templates().items()}
    asked = {
        (name, text)
        for name, tree in parsed.items()
        for _, _, found in extract_from_ast(tree)
        for text in ([found] if isinstance(found, str) else found or ())
        if text
    }
    known = {text for message in wanted for text in texts(message.id)}
    assert [(name, text) for name, text in sorted(asked) if text not in known] == []


def test_only_known_languages_have_a_catalogue() -> None:
    assert sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir()) == TRANSLATED


def po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def key(message: Message) -> tuple[str, str | None]:
    return (message.id[0] if isinstance(message.id, tuple | list) else message.id, message.context)


def texts(what: object) -> list[str]:
    return [str(text) for text in what] if isinstance(what, tuple | list) else [str(what or "")]


def translated(message: Message | None) -> bool:
    return message is not None and all(texts(message.string))


def same_placeholders(message: Message) -> bool:
    """One form of a plural may leave out the number ("one signature"), any other must say all."""
    wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
    forms = [set(PLACEHOLDER.findall(text)) for text in texts(message.string)]
    numbers = {name for name in wanted if WITHOUT_NUMBER.match(name)} if len(forms) > 1 else set()
    return all(wanted - numbers <= form <= wanted for form in forms)
