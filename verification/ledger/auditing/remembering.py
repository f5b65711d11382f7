"""What an auditor remembers of a log between two looks: a small JSON file beside it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from verification.errors import Refusal
from verification.ledger.auditing.answers import BadAnswer, as_figure, as_object, as_text, parsed_object
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.hashing import HASH
from verification.ledger.notes import BadVerifierKey, VerifierKey
from verification.ledger.strict import base64_of, strict_base64

STATE_FORMAT = "undersigned audit state 1"
LARGEST_STATE = 16 * 1024 * 1024
"""Bytes in the largest file that is read; a letter with a hundred thousand editions fits in."""

Height = tuple[int, bytes]
"""A size, and the root of so many leaves."""


class BadState(Refusal):
    """The file is none that an audit of this letter has written."""


@dataclass(frozen=True)
class Remembered:
    """What was seen of a letter's log: its key, its signed checkpoint, where each edition ended; and the signed list of
    the letter's official addresses, "" for none."""

    slug: str
    key: VerifierKey
    size: int
    root: bytes
    note: str
    editions: Mapping[int, Height] = field(default_factory=dict)
    addresses: str = ""

    @property
    def heights(self) -> Mapping[int, bytes]:
        """Every root that was seen, by its size."""
        return {**dict(self.editions.values()), self.size: self.root}


def read_state(path: Path, address: LetterAddress) -> Remembered | None:
    """What an earlier audit of this letter remembered, None where there is no file yet. Raises `BadState`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_STATE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadState(f"The state {path} cannot be read: {error.strerror}.") from None
    try:
        found = _state_of(data)
    except (BadAnswer, BadVerifierKey, ValueError) as wrong:
        raise BadState(f"The file {path} is no state of an audit, or damaged. {wrong}") from None
    if found.slug != address.slug:
        said = f"The state {path} is of the letter {found.slug!r}, and not of {address.slug!r}"
        raise BadState(f"{said}: keep one file for each letter.")
    return found


def write_state(path: Path, state: Remembered) -> None:
    """Write the file for its owner alone, whole or not at all. Raises `BadState`."""
    content = {
        "format": STATE_FORMAT,
        "letter": state.slug,
        "key": str(state.key),
        "size": state.size,
        "root": base64_of(state.root),
        "checkpoint": state.note,
        "addresses": state.addresses,
        "editions": {str(number): [size, base64_of(root)] for number, (size, root) in state.editions.items()},
    }
    try:
        _put_in_place(path, json.dumps(content, indent=1).encode())
    except OSError as error:
        raise BadState(f"The state {path} cannot be written: {error.strerror}.") from None


def _put_in_place(path: Path, data: bytes) -> None:
    handle, draft = tempfile.mkstemp(".unfinished", f"{path.name}.", path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _state_of(data: bytes) -> Remembered:
    found = parsed_object(data)
    if found.get("format") != STATE_FORMAT:
        raise BadAnswer(f"It does not say that it is an {STATE_FORMAT!r}.")
    editions = as_object(found.get("editions"), "the editions")
    return Remembered(
        as_text(found.get("letter"), "the letter"),
        VerifierKey.parse(as_text(found.get("key"), "the key")),
        *_height_of([found.get("size"), found.get("root")]),
        as_text(found.get("checkpoint"), "the checkpoint"),
        {int(number): _height_of(height) for number, height in editions.items()},
        as_text(found.get("addresses", ""), "the list of official addresses"),
    )


def _height_of(value: object) -> Height:
    if not isinstance(value, list) or len(value) != 2:
        raise BadAnswer("A size and a root are missing.")
    root = strict_base64(as_text(value[1], "a root"))
    if len(root) != HASH:
        raise BadAnswer(f"A root has {len(root)} bytes: expected {HASH}.")
    return as_figure(value[0], "a size"), root
