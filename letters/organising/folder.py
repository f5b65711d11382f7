"""A letter as files: `letter.toml`, and per language the text and the privacy notice.

One mechanism serves the command line, which refuses a folder with its first problem, and whoever writes a letter and
wants to see all of them.
"""

from __future__ import annotations

from pathlib import Path

from letters.organising.draft import Draft, FolderText
from letters.organising.folder_checks import check
from letters.organising.folder_files import TOML, files_of, folder_text, parse, write_toml
from letters.organising.needs import LARGEST, BadFolder, Need, Problem, bad_file

__all__ = [
    "LARGEST", "TOML", "BadFolder", "Draft", "FolderText", "Need", "Problem", "draft_of", "files_of", "folder_text",
    "parse", "problems_of", "read_folder", "write_toml",
]  # fmt: skip


def read_folder(folder: Path, public_key: str | None = None) -> Draft:
    """Read and check a letter's folder; `public_key` stands in for a missing one. Raises `BadFolder`."""
    text = parse(lambda name: _read_file(folder / name), folder)
    return draft_of(text, str(folder / TOML), public_key)


def draft_of(text: FolderText, where: str = TOML, public_key: str | None = None) -> Draft:
    """The letter, checked; refusals call its `letter.toml` `where`. Raises `BadFolder` with the first problem."""
    draft, refused = check(text, where, public_key)
    if refused:
        raise refused[0]
    return draft


def problems_of(text: FolderText) -> list[Problem]:
    """All that keeps the letter from being whole, in the order of its fields; none means that `draft_of` takes it."""
    _draft, refused = check(text, TOML)
    return [refusal.problem for refusal in refused]


def _read_file(file: Path) -> bytes | None:
    """A file's content, or its first bytes when it is too large; None where there is no file."""
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise bad_file(file, Need.NOT_READ, reason=str(error.strerror)) from None
