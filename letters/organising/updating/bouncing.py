"""What comes back: a mailbox that takes no mail ends its subscription.

A bounce holds an address, so nothing of it is kept: a file is deleted once it was read, whatever it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from letters.runtime import Runtime
from letters.signing.unsubscribing import end_bounced
from letters.signing.update_mail import read_update_token
from verification.mailbox.bounces import LARGEST, NotABounce, read_bounce
from verification.mailbox.tokens import TokenDamaged, TokenForeign

AT_ONCE = 10
"""Files read between two rounds of sending."""
LOOK_EVERY = 10.0
"""Seconds between two looks into the folder."""


class Came(StrEnum):
    """What a message that came back turned out to be."""

    ENDED = "ended"
    NOTHING = "nothing"
    NO_BOUNCE = "no-bounce"


def take_bounce(runtime: Runtime, raw: bytes) -> Came:
    """Read a message, and end the subscriptions of whose mailboxes it says that they take no mail.

    It says so by the Message-ID of an update's mail, which is signed: nobody else can end a subscription with it.
    """
    try:
        bounce = read_bounce(raw)
    except NotABounce:
        return Came.NO_BOUNCE
    if not bounce.permanent:
        return Came.NOTHING
    ended = [_end(runtime, message_id) for message_id in bounce.message_ids]
    return Came.ENDED if any(ended) else Came.NOTHING


def take_folder(runtime: Runtime, folder: Path) -> int:
    """Read and delete some messages of a Maildir; returns how many."""
    taken = 0
    for path in _messages(folder):
        with suppress(FileNotFoundError):  # another worker was first
            take_bounce(runtime, read_start(path))
            path.unlink()
            taken += 1
        if taken == AT_ONCE:
            break
    return taken


def read_start(path: Path) -> bytes:
    """A message, or so much of it as shows that it is too large."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _messages(folder: Path) -> Iterator[Path]:
    for name in ("new", "cur"):
        with suppress(FileNotFoundError), os.scandir(folder / name) as entries:
            yield from (Path(entry) for entry in entries if entry.is_file(follow_symlinks=False))


def _end(runtime: Runtime, message_id: str) -> bool:
    token = message_id.removeprefix("<update.").rpartition("@")[0]
    try:
        handle, number = read_update_token(runtime.tokens, token)
    except (TokenDamaged, TokenForeign):
        return False
    return runtime.settle(lambda session: end_bounced(session, handle, number))
