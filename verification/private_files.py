"""Files for their owner alone: written whole or not at all, never through one that is there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".unfinished"
"""How the name of a file ends while it is written; one that stays was left by an interrupted run."""


@contextmanager
def private_file(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """Write a file with mode 0600; it appears under its name when the block ends well, and otherwise not at all.

    Raises `FileExistsError` rather than take the place of another, unless `replace`.
    """
    if not replace and path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    handle, draft = tempfile.mkstemp(UNFINISHED, f"{path.name}.", path.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _place(Path(draft), path, replace=replace)
    finally:
        Path(draft).unlink(missing_ok=True)
    sync_folder(path.parent)


def others_can_read(path: Path) -> bool:
    """Whether anybody but the owner can reach the file, as on a disk that keeps no owners (FAT)."""
    return bool(path.stat().st_mode & 0o077)


def sync_folder(folder: Path) -> None:
    """Let what was made, renamed or removed in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _place(draft: Path, path: Path, *, replace: bool) -> None:
    if replace:
        draft.replace(path)
        return
    try:
        os.link(draft, path)  # unlike a rename, refuses to replace
    except FileExistsError:
        raise
    except OSError:
        _claim(draft, path)


def _claim(draft: Path, path: Path) -> None:
    """As above on a disk without hard links, such as a USB stick (FAT): take the name first, then its place.

    A crash between the two leaves an empty file, never a part of one.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        draft.replace(path)
    except OSError:
        path.unlink()
        raise
