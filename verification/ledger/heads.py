"""The memory of signed heads: whoever signs a log's heads, its writer or a witness, looks here before each signature.

What is remembered is on the disk before the signature leaves, so a process that dies at any instruction has signed
nothing that the next one does not know of.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from verification.errors import Refusal
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.hashing import EMPTY_ROOT, HASH
from verification.ledger.proofs import verify_consistency
from verification.ledger.strict import base64_of, strict_base64, strict_number
from verification.private_files import private_file

SeenHead = tuple[int, bytes]
"""Size and root of the newest head that was signed."""

_WHAT_TO_DO = (
    "put back a copy as new as the last signature, or sign this log no more with this key. Do not remove it: "
    "a signer that forgets can be made to sign two different logs."
)


class Rollback(Refusal):
    """The head is smaller than one that was signed."""


class Fork(Refusal):
    """The head has the size of one that was signed, and another root."""


class DamagedMemory(Refusal):
    """What was signed cannot be told from the file, so nothing may be signed."""


def advance(seen: SeenHead | None, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raises `Rollback`, `Fork` or `BadProof` unless the checkpoint is the head that was seen, or proven to extend it.

    From nothing seen, and between equal sizes, the proof is empty.
    """
    _check_order(seen, checkpoint.size, checkpoint.root)
    size, root = seen or (0, EMPTY_ROOT)
    verify_consistency(size, checkpoint.size, root, checkpoint.root, proof)


@dataclass
class Memory:
    """What was signed of one log, while its lock is held: the newest head, None before the first."""

    origin: str
    path: Path
    head: SeenHead | None

    def remember(self, size: int, root: bytes) -> None:
        """Put the head on the disk; only after this may its signature leave. Raises `Rollback` or `Fork`.

        A head that is there already is written again: who wrote it may have died before it was sure to stay.
        """
        _check_order(self.head, size, root)
        with private_file(self.path, replace=True) as file:
            file.write(_head_file(self.origin, size, root))
        self.head = size, root


@dataclass(frozen=True)
class SeenHeads:
    """A folder with one small file for each log. It has to be there: one that is missing is not an empty one."""

    folder: Path

    @contextmanager
    def locked(self, origin: str) -> Iterator[Memory]:
        """What was signed of a log, for one process and thread at a time. Raises `DamagedMemory`."""
        path = self._path(origin)
        with _head_lock(path.with_suffix(".lock")):
            yield Memory(origin, path, _read_head(origin, path))

    def newest(self, origin: str) -> SeenHead | None:
        """The newest head that was signed of a log, without waiting for the lock. Raises `DamagedMemory`."""
        return _read_head(origin, self._path(origin))

    def _path(self, origin: str) -> Path:
        return self.folder / f"{sha256(origin.encode()).hexdigest()}.head"


def _check_order(seen: SeenHead | None, size: int, root: bytes) -> None:
    if seen and size < seen[0]:
        raise Rollback(f"A head of {seen[0]} leaves was signed before this one of {size}: a log only grows.")
    if seen and size == seen[0] and root != seen[1]:
        raise Fork(f"Another root was signed for {size} leaves: {seen[1].hex()}, now {root.hex()}. Keep both as proof.")


@contextmanager
def _head_lock(path: Path) -> Iterator[None]:
    """Opened anew each time, so that threads of one process wait for each other too (flock(2))."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        raise DamagedMemory(f"There is no folder {path.parent}, which remembers signed heads: {_WHAT_TO_DO}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _head_file(origin: str, size: int, root: bytes) -> bytes:
    text = f"{origin}\n{size}\n{base64_of(root)}\n".encode()
    return text + f"{sha256(text).hexdigest()}\n".encode()


def _read_head(origin: str, path: Path) -> SeenHead | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        _origin, size, root = data.decode().split("\n")[:3]
        head = strict_number(size), strict_base64(root)
    except ValueError:
        head = 0, b""
    if len(head[1]) != HASH or data != _head_file(origin, *head):
        raise DamagedMemory(f"The file {path}, which remembers what was signed of {origin}, is damaged: {_WHAT_TO_DO}")
    return head
