"""A folder of pages for a proxy to serve: each place is a link to a folder that was written whole.

What a place shows is switched by one rename; what it showed before is deleted some seconds later, since a request may
be between finding a file and opening it. Nothing is forced to the disk: whoever starts begins anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from letters.web.encodings import stamp_of
from verification.errors import Refusal

GRACE = 5.0
"""Seconds for which files stay after nothing leads to them any more."""

OURS = frozenset({"lock", "static", "index", "letters", "versions"})
"""All that such a folder holds; `versions` is what the links lead to."""

OPEN_TO_ALL = 0o755
"""Of every folder: the proxy is another user, and all of it is public."""


class NotAFolderOfPages(Refusal):
    """It holds what is not ours."""


@dataclass(frozen=True)
class _Version:
    """What a place shows: where it lies, and the hash of all of it."""

    folder: Path
    content: bytes


@dataclass
class LaidFolder:
    """The folder `root`, which one process at a time may change; `now` counts seconds."""

    root: Path
    now: Callable[[], float]
    _shown: dict[str, _Version] = field(default_factory=dict, init=False)
    _left: list[tuple[float, Path]] = field(default_factory=list, init=False)
    _last: int = field(default=0, init=False)
    _lock: IO[str] | None = field(default=None, init=False)

    def take(self) -> bool:
        """Empty the folder, to be changed by nobody else; False when another process is at work in it.

        Raises `NotAFolderOfPages`.
        """
        if not self.root.exists():
            self.root.mkdir(parents=True)
            self.root.chmod(OPEN_TO_ALL)
        if not {entry.name for entry in self.root.iterdir()} <= OURS:
            raise NotAFolderOfPages(f"{self.root} holds other files. Name a folder of its own in UNDERSIGNED_PAGES.")
        lock = (self.root / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        self._empty()
        return True

    def empty(self) -> None:
        """Take away what a process left that was killed, unless another one is at work. Raises `NotAFolderOfPages`."""
        if self.take():
            self.leave()

    def leave(self) -> None:
        """Leave nothing behind, and let another process take the folder."""
        if self._lock:
            self._empty()
            self._lock.close()
            self._lock = None

    def lay(self, place: str, files: Mapping[str, bytes]) -> None:
        """Let `place` (such as `letters/safe-staffing`) show these files from now on, by their paths.

        What stays as it is is not written again. Raises OSError, and then the place shows nothing.
        """
        before, content = self._shown.get(place), _hash(files)
        if before and before.content == content:
            return
        self._last += 1
        folder = self.root / "versions" / str(self._last)
        try:
            self._write(files, folder, before)
            self._switch(place, folder)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            self.remove(place)
            raise
        self._leave(before)
        self._shown[place] = _Version(folder, content)

    def remove(self, place: str) -> None:
        """Let a place show nothing, at once."""
        (self.root / place).unlink(missing_ok=True)
        self._leave(self._shown.pop(place, None))

    def clear(self) -> None:
        """Let no place show anything, at once."""
        for place in tuple(self._shown):
            self.remove(place)

    def sweep(self) -> None:
        """Delete what nothing has led to for some seconds."""
        until = self.now() - GRACE
        for left_at, folder in self._left:
            if left_at <= until:
                shutil.rmtree(folder, ignore_errors=True)
        self._left = [(left_at, folder) for left_at, folder in self._left if left_at > until]

    def _empty(self) -> None:
        for name in ("index", "static"):
            (self.root / name).unlink(missing_ok=True)
        for name in ("letters", "versions"):  # the links first
            with suppress(FileNotFoundError):
                shutil.rmtree(self.root / name)
        self._shown.clear()
        self._left.clear()

    def _write(self, files: Mapping[str, bytes], folder: Path, before: _Version | None) -> None:
        for path, body in files.items():
            _make_folders(folder / path, self.root)
            if before and _is_in(before.folder / path, body):
                os.link(before.folder / path, folder / path)
            else:
                _write_file(folder / path, body)

    def _switch(self, place: str, folder: Path) -> None:
        link, fresh = self.root / place, folder.with_suffix(".link")
        _make_folders(link, self.root)
        fresh.symlink_to(os.path.relpath(folder, link.parent))
        fresh.replace(link)

    def _leave(self, version: _Version | None) -> None:
        if version:
            self._left.append((self.now(), version.folder))


def _make_folders(file: Path, root: Path) -> None:
    """The folders that the file lies in, up to `root`, open to all whatever the process's mask says."""
    folder = file.parent
    if folder == root or folder.is_dir():
        return
    _make_folders(folder, root)
    folder.mkdir()
    folder.chmod(OPEN_TO_ALL)


def _hash(files: Mapping[str, bytes]) -> bytes:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path} {len(files[path])} ".encode() + files[path])
    return total.digest()


def _is_in(file: Path, body: bytes) -> bool:
    """Whether a file that we have written holds these bytes: by its time and size, which browsers go by, too."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return False
    return (int(found.st_mtime), found.st_size) == (stamp_of(body), len(body))


def _write_file(file: Path, body: bytes) -> None:
    file.write_bytes(body)
    file.chmod(0o644)
    stamp = stamp_of(body)
    os.utime(file, (stamp, stamp))
