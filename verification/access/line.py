"""The line to Redis or Valkey. When nobody answers it is given up for a while, so that hardly anybody waits for it."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from typing import Any, Protocol

from verification.errors import Refusal

PATIENCE = 0.2
"""Seconds for which a connection or an answer is waited for."""
AGAIN = 5.0
"""Seconds after a failure until one question is tried again."""

Word = str | bytes | int


class Connection(Protocol):
    """What is used of the module's connections. They open themselves when they are asked, and close when they fail."""

    def send_command(self, *command: Word) -> None: ...

    def read_response(self) -> Any: ...

    def disconnect(self) -> None: ...


class Away(Refusal):
    """Redis is not there, does not answer in time, or refuses."""

    def __init__(self, reason: str) -> None:
        super().__init__("Redis does not answer: look at it, and at UNDERSIGNED_REDIS_URL. Until then count without.")
        self.reason = reason


@dataclass(frozen=True)
class Script:
    """What Redis does in one step, in Lua; `sha` is what Redis knows it by once it has seen it."""

    text: str
    sha: str

    @classmethod
    def of(cls, text: str) -> Script:
        return cls(text, hashlib.sha1(text.encode()).hexdigest())  # noqa: S324 - Redis's name for it


class Line:
    """Asks one Redis, from any thread. Its module is loaded here, so that whoever has none does not carry it.

    The connections are kept here: what the module's client does around a question costs more than the question.
    """

    def __init__(
        self, url: str, tell: Callable[[str | None], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`tell` is called with the kind of failure when the line goes, and with None when it is back.

        Raises `Away` for an address that leads nowhere.
        """
        redis = import_module("redis")
        once = import_module("redis.retry").Retry(import_module("redis.backoff").NoBackoff(), 0)
        options = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry": once}
        self._failures = redis.RedisError, OSError, UnicodeError
        self._cut, self._unknown = redis.ConnectionError, redis.exceptions.NoScriptError
        self._tell, self._monotonic = tell, monotonic
        self._lock, self._try_at, self._is_gone = Lock(), float("-inf"), False
        self._idle: deque[Connection] = deque()
        try:
            self._pool = redis.ConnectionPool.from_url(url, **options)
        except ValueError:
            raise Away("ValueError") from None

    def ask(self, *command: Word) -> Any:
        """What Redis answers to a command. Raises `Away`, and while the line is given up at once."""
        return self._guarded(command)

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Word]) -> Any:
        """What a script answers. Raises `Away`."""
        return self._guarded(("EVALSHA", script.sha, len(keys), *keys, *arguments), script.text)

    def close(self) -> None:
        """End all connections that nobody uses. Whoever asks again has a new one."""
        while self._idle:
            self._idle.pop().disconnect()

    def _guarded(self, command: tuple[Word, ...], script: str | None = None) -> Any:
        if self._is_gone and not self._may_try():
            raise Away("given up")
        try:
            answer = self._exchange(command, script)
        except self._failures as error:
            self._lose(type(error).__name__)
            raise Away(type(error).__name__) from None  # its text may hold what was asked
        if self._is_gone:
            self._find()
        return answer

    def _exchange(self, command: tuple[Word, ...], script: str | None) -> Any:
        try:
            connection, used = self._idle.pop(), True
        except IndexError:
            connection, used = self._pool.make_connection(), False
        try:
            return self._say(connection, command, script)
        except self._cut:
            if not used:
                raise
            return self._say(connection, command, script)  # restarted since: the connection opens itself anew
        finally:
            self._idle.append(connection)  # open, or closed by its failure

    def _say(self, connection: Connection, command: tuple[Word, ...], script: str | None) -> Any:
        connection.send_command(*command)
        try:
            return connection.read_response()
        except self._unknown:
            connection.send_command("EVAL", script or "", *command[2:])
            return connection.read_response()

    def _may_try(self) -> bool:
        """Whether it is time, and nobody else tries."""
        with self._lock:
            now = self._monotonic()
            may = now >= self._try_at
            if may:
                self._try_at = now + AGAIN
            return may

    def _lose(self, reason: str) -> None:
        with self._lock:
            known, self._is_gone = self._is_gone, True
            self._try_at = self._monotonic() + AGAIN
        if not known:
            self._tell(reason)

    def _find(self) -> None:
        with self._lock:
            known, self._is_gone = not self._is_gone, False
        if not known:
            self._tell(None)
