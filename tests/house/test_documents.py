"""What the documents tell a host to type exists, and so does what they link to."""

import re
from collections.abc import Iterator

import click

from letters.cli import main
from tests.house.sources import ROOT, text_files

CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s/`$(])undersigned (?!undersigned )(?P<words>[a-z-][^\n`|;&)#]*)", re.MULTILINE)
MAKE = re.compile(r"(?:^|[\s`])make (?P<words>[^\n`|;&)#]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def test_documented_commands_exist() -> None:
    found = list(said(COMMAND))
    assert found
    assert [(name, line) for name, line in found if (wrong := unknown_part(line.split())) and wrong] == []


def test_documented_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    found = list(said(MAKE))
    assert found
    asked = {(name, word) for name, line in found for word in line.split() if re.fullmatch(r"[a-z-]+", word)}
    assert [(name, word) for name, word in sorted(asked) if word not in targets] == []


def test_documented_files_exist() -> None:
    links = [(name, link) for name, text in documents() for link in LINK.findall(text)]
    assert [(name, link) for name, link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def documents() -> Iterator[tuple[str, str]]:
    """Yield name and text of every document for people, which a letter or a licence is not."""
    for name, text in text_files().items():
        if name == "README.md" or (name.endswith(".md") and name.startswith(("docs/", "deploy/"))):
            yield name, text


def said(what: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield where, and the words after the program's name, wherever code in a document calls it."""
    for name, text in documents():
        for code in CODE.findall(text):
            for line in what.finditer(code):
                yield name, line["words"]


def unknown_part(words: list[str]) -> str | None:
    """Return the first word that is no command or option of the command it follows."""
    command: click.Command = main
    with click.Context(command) as context:
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            known = command.get_command(context, words.pop(0))
            if known is None:
                return "command"
            command = known
    options = {"--help"} | {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    asked = (word.strip("[]").partition("=")[0] for word in words)
    return next((word for word in asked if word.startswith("--") and word not in options), None)
