"""Lines of a log: JSON on standard error, by the hour, of what failed and where; never of whom.

Lines about mail and pages are lines about visits, so the hour is the finest time that stands in them.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from typing import Any

import structlog

HOUR = "%Y-%m-%dT%HZ"

_PLAIN = re.compile(r"(?:worker-\d+|[A-Za-z' ,])+")
"""What the web server says of itself and its processes. A line with anything else in it may be about a visitor."""


def log_lines() -> None:
    """Log that way whatever this process has to say, other people's modules and lost threads included."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt=HOUR, utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    threading.excepthook = _thread_failed


def where(error: BaseException) -> list[str]:
    """The files and lines of a traceback, without a word of what was being handled."""
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]


class Lines(logging.Formatter):
    """Records of other people's modules: who speaks, the kind of error and its place, and nothing of what they say.

    Only the web server's own words about itself are repeated, and only where they hold no figure or name.
    """

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {"event": "a module speaks", "module": record.name.partition(".")[0]}
        first = record.getMessage().partition("\n")[0]
        if said["module"] == "_granian":
            said |= {"event": "web server", "says": first if _PLAIN.fullmatch(first) else "something"}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            said |= {"error": type(error).__name__, "where": where(error)}
        at = datetime.fromtimestamp(record.created, UTC).strftime(HOUR)
        return json.dumps({**said, "level": record.levelname.lower(), "timestamp": at})


GRANIAN: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "letters.web.logs.Lines"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["lines"], "propagate": False}},
}
"""How the web server is told to log; it logs no access."""


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        name = type(failed.exc_value).__name__
        structlog.get_logger().error("a thread failed", error=name, where=where(failed.exc_value))
