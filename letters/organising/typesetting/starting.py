"""One thing to be typeset: what was typed reaches the typesetter as JSON, and is never part of its source."""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from verification.errors import Refusal

COMPILING = Path(__file__).with_name("compiling.py")

Form = Literal["pdf", "png"]

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class NotTypeset(Refusal):
    """The typesetter failed, or took too long."""


def typeset(template: Path, values: dict[str, Any], form: Form, patience: float) -> bytes:
    """What the template makes of the values (`sys.inputs.paper`), by another process; `patience` is in seconds.

    Raises `NotTypeset`.
    """
    written = json.dumps(values, ensure_ascii=False).encode()
    command = [sys.executable, "-I", str(COMPILING), str(template), form]
    try:
        done = subprocess.run(command, input=written, capture_output=True, env={}, timeout=patience, check=True)
    except (OSError, subprocess.SubprocessError):
        # What the typesetter says of it may quote names: it is told to nobody.
        raise NotTypeset("The typesetter failed: too little time or memory, or too deep a text.") from None
    return done.stdout


def printable(text: str) -> str:
    """The text without what no font can show and no JSON for the typesetter may hold."""
    return _UNPRINTABLE.sub(" ", text)


@contextmanager
def alone(known: Path) -> Iterator[bool]:
    """Hold a lock on a file that every process of this machine knows, and that ends with its holder; False where
    somebody else holds it."""
    with known.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
