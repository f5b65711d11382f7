"""Lines of a log: JSON, by the hour, and nothing of what other people's modules say about a request."""

import json
import logging
import threading
from datetime import UTC, datetime

import pytest

from letters.web.logs import HOUR, Lines, log_lines, where

MARKER = "marker-of-what-was-handled"


def line(logger: str, message: str, *args: object, error: BaseException | None = None) -> dict[str, object]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(logger, logging.ERROR, __file__, 1, message, args, info)
    said: dict[str, object] = json.loads(Lines().format(record))
    return said


def fail() -> None:
    raise RuntimeError(MARKER)


def failure() -> RuntimeError:
    with pytest.raises(RuntimeError) as failed:
        fail()
    return failed.value


@pytest.mark.parametrize("says", ["Unexpected exit from worker-2", "Application callable raised an exception"])
def test_the_web_servers_words_about_itself_are_repeated(says: str) -> None:
    said = line("_granian.workers", f"{says}\nTraceback: {MARKER}")
    assert (said["event"], said["says"], said["level"]) == ("web server", says, "error")
    assert said["timestamp"] == datetime.now(UTC).strftime(HOUR)


@pytest.mark.parametrize(
    "says", ["TCP handshake failed with error: 192.0.2.7", "lost 2001:db8::1", "GET /confirm/abc", f"x {MARKER}"]
)
def test_of_whatever_else_it_says_only_that_it_spoke_is_told(says: str) -> None:
    assert line("_granian", says)["says"] == "something"


def test_of_another_module_the_kind_of_error_and_its_place_are_told() -> None:
    said = line("sqlalchemy.pool.impl", "Exception during reset of %s", MARKER, error=failure())
    assert (said["event"], said["module"], said["error"]) == ("a module speaks", "sqlalchemy", "RuntimeError")
    assert "test_logs.py" in str(said["where"])
    assert MARKER not in str(said)


def test_a_place_is_a_file_and_a_line() -> None:
    places = where(failure())
    assert [place.rpartition(":")[0] for place in places] == [__file__, __file__]


def test_warnings_and_lost_threads_become_lines(capfd: pytest.CaptureFixture[str]) -> None:
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        log_lines()
        logging.getLogger("elsewhere").warning("about %s", MARKER)
        threading.excepthook(threading.ExceptHookArgs((RuntimeError, failure(), None, None)))
    finally:
        root.handlers[:], threading.excepthook = handlers, hook
        root.setLevel(level)
    said = [json.loads(text) for text in capfd.readouterr().err.splitlines()]
    assert [one["event"] for one in said] == ["a module speaks", "a thread failed"]
    assert MARKER not in str(said)
