"""A letter's folder as an organiser writes it, whole or with one thing wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.letters import LetterRow, LetterState
from letters.models.values import Letter
from letters.organising.folder import read_folder
from letters.organising.loading import load, move, open_letter
from letters.publishing.editions import lock_letter
from letters.runtime import Runtime
from verification.identity.sealing import KeyPair

RESPONSIBLE = '{name = "Example Initiative", contact = "letters@example.org"}'

FIELDS: Mapping[str, str] = {
    "slug": '"fair-shifts"',
    "languages": '["ru", "en"]',
    "addressee": '{ru = "Министр", en = "The minister"}',
    "countries": '["BY"]',
    "custody": '"offline"',
    "responsible": RESPONSIBLE,
}
"""The least that `letter.toml` needs, as TOML."""

FILES: Mapping[str, bytes] = {
    "ru.md": "# Справедливые смены\n\nМы просим о сменах, после которых можно спать.\n".encode(),
    "en.md": b"# Fair shifts\n\nWe ask for shifts that let us sleep.\n",
    "privacy.ru.md": "Имя запечатано.\n".encode(),
    "privacy.en.md": b"Your name is sealed.\n",
}


def write_letter(folder: Path, files: Mapping[str, bytes | None] | None = None, /, **fields: str | None) -> Path:
    """Write a letter into `folder` and return it; None takes a file or a field out."""
    folder.mkdir(exist_ok=True)
    table = {name: value for name, value in {**FIELDS, **fields}.items() if value is not None}
    toml = "".join(f"{name} = {value}\n" for name, value in table.items())
    for name, content in {"letter.toml": toml.encode(), **FILES, **(files or {})}.items():
        if content is not None:
            (folder / name).write_bytes(content)
        else:
            (folder / name).unlink(missing_ok=True)
    return folder


@dataclass(frozen=True)
class Desk:
    """An organiser at work on one letter."""

    runtime: Runtime
    folder: Path
    pair: KeyPair

    @property
    def letter(self) -> Letter:
        with self.runtime.reading() as session:
            return find_letter(session, "fair-shifts")

    @property
    def stored(self) -> int:
        """How many letters the database holds."""
        with self.runtime.reading() as session:
            return session.scalar(select(func.count()).select_from(LetterRow)) or 0

    def load(self, files: Mapping[str, bytes | None] | None = None, /, **fields: str | None) -> None:
        """Write the letter with these files and fields, and load it; the key is there unless a field says otherwise."""
        draft = read_folder(write_letter(self.folder, files, **{"public_key": f'"{self.pair.public}"', **fields}))
        runtime = self.runtime
        runtime.settle(lambda session: load(session, draft, runtime.settings.vocabularies, runtime.clock()))

    def open(self) -> LetterState:
        runtime = self.runtime

        def verb(session: Session) -> LetterState:
            return open_letter(lock_letter(session, "fair-shifts"), runtime.keyring, runtime.clock())

        return runtime.settle(verb)

    def move(self, state: LetterState) -> None:
        runtime = self.runtime
        runtime.settle(lambda session: move(lock_letter(session, "fair-shifts"), state, runtime.clock()))
