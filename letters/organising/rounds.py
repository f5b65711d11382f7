"""Rounds of the worker in a thread of their own: mail, editions and keys never wait for what is done there."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread

import structlog

from letters.web.logs import where

log = structlog.get_logger()


def go_round(name: str, turn: Callable[[], object], stopped: Callable[[], bool], pause: float) -> None:
    """Call `turn` again and again, with `pause` seconds between, in a thread of that name until `stopped` says so.

    A turn that fails is logged and ends nothing.
    """

    def run() -> None:
        while not stopped():
            try:
                turn()
            except Exception as error:  # noqa: BLE001 - the database may be away
                log.error(f"{name} failed", error=type(error).__name__, where=where(error))
            time.sleep(pause)

    Thread(target=run, name=name, daemon=True).start()
