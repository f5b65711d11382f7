"""The host's key files: one folder, one key a file, readable by its owner alone.

The folder never goes into the database or a backup; it may lie on a RAM disk. A file holds 32 random bytes as 64
hexadecimal digits and a line break, so that a half-written one is recognised.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from verification.errors import Refusal
from verification.private_files import private_file, sync_folder

BYTES = 32
SERVER_KEYS = ("tokens", "outbox", "names", "subscriptions", "accounts")
"""`tokens` signs links; the others encrypt what the server must read again, `accounts` about organisers."""

_LONGER_THAN_A_KEY = 4 * BYTES
_SHAPE = re.compile(rb"[0-9a-f]{64}\n")


class KeyMissing(Refusal):
    """A key file is not there: never made, or destroyed."""


class KeyUnusable(Refusal):
    """A key file is damaged, or others can read it."""


class Keyring:
    """The keys in `folder`. Each file is looked at whenever its key is asked for, so a missing one is missed at once.

    Server keys are kept in memory; a letter's keys never are, so that nothing outlives its file.
    """

    def __init__(self, folder: Path, random_bytes: Callable[[int], bytes]) -> None:
        self.folder = folder
        self.random_bytes = random_bytes

    def server(self, name: str) -> bytes:
        """One of `SERVER_KEYS`. Raises `KeyMissing` or `KeyUnusable`."""
        path = f"{self.folder}/{name}.key"
        return _read_kept(path, *_look_at(path))

    def dedupe(self, slug: str) -> bytes:
        """The key of one letter's dedupe index. Raises `KeyMissing` once destroyed, or `KeyUnusable`."""
        return _read_letter_key(f"{self.folder}/dedupe/{slug}.key")

    def identities(self, slug: str) -> bytes:
        """The key of the boxes around one letter's sealed identities. Raises `KeyMissing` or `KeyUnusable`."""
        return _read_letter_key(f"{self.folder}/identities/{slug}.key")

    def log_seed(self, slug: str) -> bytes:
        """The Ed25519 seed that signs one letter's log. Raises `KeyMissing` or `KeyUnusable`."""
        return _read_letter_key(f"{self.folder}/log/{slug}.key")

    @property
    def signed_heads(self) -> Path:
        """The folder that remembers which heads of logs were signed; as precious as the keys beside it."""
        return self.folder / "log"

    def create_server_keys(self) -> None:
        """Make those of `SERVER_KEYS` that are missing."""
        for name in SERVER_KEYS:
            self.create_server(name)

    def create_server(self, name: str) -> None:
        """Make one of them unless it is there."""
        self._create(self.folder / f"{name}.key")

    def create_dedupe(self, slug: str) -> None:
        """Make one letter's dedupe key unless it is there."""
        self._create(self._path("dedupe", slug))

    def create_identities(self, slug: str) -> None:
        """Make the key around one letter's identities unless it is there."""
        self._create(self._path("identities", slug))

    def create_log_seed(self, slug: str) -> None:
        """Make the seed that signs one letter's log unless it is there."""
        self._create(self._path("log", slug))

    def destroy_dedupe(self, slug: str) -> None:
        """Overwrite and remove one letter's dedupe key; from then on nobody can test whether an address signed."""
        self._destroy(self._path("dedupe", slug))

    def destroy_identities(self, slug: str) -> None:
        """Overwrite and remove the key around one letter's identities; from then on no backup of them opens."""
        self._destroy(self._path("identities", slug))

    def _destroy(self, path: Path) -> None:
        with suppress(FileNotFoundError):  # destroyed before, or by another process at this moment
            with path.open("r+b") as file:
                file.write(b"-" * (2 * BYTES))  # no key, should only the next step be lost
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            sync_folder(path.parent)

    def _path(self, kind: str, slug: str) -> Path:
        return self.folder / kind / f"{slug}.key"

    def _create(self, path: Path) -> None:
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process was first
            write_private(path, self.random_bytes(BYTES).hex() + "\n")


def _look_at(path: str) -> tuple[int, int]:
    """When the file was changed, and its inode. Plain strings and calls: this is on the way of every request."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        raise _missing(path) from None
    return _private(path, found)


def _private(path: str, found: os.stat_result) -> tuple[int, int]:
    if found.st_mode & 0o077:
        raise KeyUnusable(f"Others can read the key file {path}. Run: chmod 600 {path}")
    return found.st_mtime_ns, found.st_ino


def _missing(path: str) -> KeyMissing:
    return KeyMissing(
        f"The key file {path} is not there. Put it back; "
        "`undersigned db upgrade` makes the server's keys for an empty database."
    )


def _read_letter_key(path: str) -> bytes:
    """Opened, looked at and read in as few calls as can be: each lets another thread go first."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _missing(path) from None
    try:
        _private(path, os.fstat(opened))
        return _key_in(path, os.read(opened, _LONGER_THAN_A_KEY))
    finally:
        os.close(opened)


def _read_key(path: str) -> bytes:
    return _key_in(path, Path(path).read_bytes())


def _key_in(path: str, content: bytes) -> bytes:
    if not _SHAPE.fullmatch(content):
        raise KeyUnusable(f"The key file {path} is damaged. Restore it from where you keep your keys.")
    return bytes.fromhex(content.decode("ascii").strip())


@lru_cache(maxsize=16)
def _read_kept(path: str, _changed: int, _inode: int) -> bytes:
    return _read_key(path)


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all; raises `FileExistsError` rather than replace one."""
    with private_file(path) as file:
        file.write(text.encode("ascii"))
