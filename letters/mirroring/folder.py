"""The folder of a mirror: written whole beside the one that is served, and then put in its place."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from letters.laying.folder import OPEN_TO_ALL
from letters.mirroring.keeping import carry_over
from verification.errors import Refusal
from verification.ledger.auditing.answers import BadAnswer
from verification.ledger.auditing.mirror_files import MIRROR_FILE, read_mirror


class NotAMirror(Refusal):
    """The folder holds something else, or cannot be put in place."""


class MirrorBusy(Refusal):
    """Another process writes the same mirror."""


@dataclass
class MirrorFolder:
    """What is written; nothing is to be seen of it before all of it is there. The old one has the letters `before`."""

    root: Path
    before: Collection[str] = ()
    files: int = field(default=0, init=False)
    size: int = field(default=0, init=False)

    def write(self, file: str, body: bytes) -> None:
        """Write a file, whose path below the root has slashes."""
        path = self.root / file
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise NotAMirror(f"{file!r} leads out of the mirror.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self.files += 1
        self.size += len(body)

    @property
    def names(self) -> Collection[str]:
        """What was written into the root so far."""
        return {path.name for path in self.root.iterdir()}

    def clear(self) -> None:
        """Begin anew."""
        _empty(self.root)
        self.files = self.size = 0


@contextmanager
def replacing(folder: Path) -> Iterator[MirrorFolder]:
    """A new folder that takes the place of the old one, if there is one, once the block has ended well.

    What others have put into the root of the old one is carried over. Where the name is a symbolic link, that is the
    folder it leads to. Raises `NotAMirror` for a folder that is none, `InTheWay`, and `MirrorBusy`.
    """
    folder = folder.resolve()
    before = _letters_before(folder)
    if not folder.parent.is_dir():
        raise NotAMirror(f"There is no folder {folder.parent}: make it first.")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    handle = _own_folder(unfinished)
    try:
        _lock_whole(handle, folder)
        _empty(unfinished)
        try:
            yield MirrorFolder(unfinished, before)
            _open_to_all(unfinished)
            carry_over(_standing(folder), unfinished)
            _put_in_place(unfinished, folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)  # names may be in it that are taken away tomorrow
            raise
    finally:
        os.close(handle)


def _own_folder(unfinished: Path) -> int:
    """Make the folder, if need be, and open it. What is in it will be deleted: it must not be a link to another one."""
    try:
        unfinished.mkdir(exist_ok=True)
        return os.open(unfinished, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise NotAMirror(f"{unfinished} cannot be used ({error.strerror}): take it away.") from None


def _letters_before(folder: Path) -> Collection[str]:
    """The letters of the mirror that stands there. Raises `NotAMirror`."""
    if not folder.exists():
        return ()
    if not folder.is_dir():
        raise NotAMirror(f"{folder} is no folder. Name another one.")
    if not any(folder.iterdir()):
        return ()
    try:
        return read_mirror((folder / MIRROR_FILE).read_bytes(), "").editions
    except (OSError, BadAnswer):
        raise NotAMirror(f"{folder} holds other files. Name an empty folder, or one that is a mirror.") from None


def _lock_whole(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise MirrorBusy(f"Another process is writing {folder}. Wait until it is done.") from None


def _empty(folder: Path) -> None:
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _open_to_all(folder: Path) -> None:
    """Whoever serves it is another user, and all of it is public."""
    folder.chmod(OPEN_TO_ALL)
    for path in folder.rglob("*"):
        path.chmod(OPEN_TO_ALL if path.is_dir() else 0o644)


def _standing(folder: Path) -> Path:
    """The mirror that is to be replaced: it has stepped aside already where a run was killed just then."""
    return folder if folder.exists() and any(folder.iterdir()) else _aside(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _put_in_place(fresh: Path, folder: Path) -> None:
    old = _aside(folder)
    try:
        if _standing(folder) == folder:
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        fresh.rename(folder)
    except OSError as error:
        raise NotAMirror(f"{folder} cannot be replaced ({error.strerror}): name a folder inside of it.") from None
    shutil.rmtree(old, ignore_errors=True)
