"""The file that says which logs a witness follows: lines as `log <key>`, read again when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from verification.ledger.notes import ED25519, BadVerifierKey, VerifierKey
from verification.ledger.policies import BadPolicy

_OTHER_WORDS = ("witness", "group", "quorum")
"""What else may stand in a policy (C2SP tlog-policy), so that a whole one can be used."""


def parse_logs(text: str) -> dict[str, VerifierKey]:
    """The key of each log by its origin. Raises `BadPolicy`, whose text names the line."""
    logs: dict[str, VerifierKey] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        word, *rest = line.split() or [""]
        if word == "" or word.startswith("#") or word in _OTHER_WORDS:
            continue
        if word != "log" or len(rest) not in (1, 2):
            raise BadPolicy(f"Line {number} of the logs: expected 'log' and the key of a log, found {line[:60]!r}.")
        key = _read_key(number, rest[0])
        if key.name in logs:
            raise BadPolicy(f"Line {number} of the logs: {key.name} has a key already. Keep one line for each log.")
        logs[key.name] = key
    return logs


@dataclass
class LogsFile:
    """The logs in a file. A changed file that cannot be read changes nothing: `say` is told, once."""

    path: Path
    say: Callable[[str], object]
    _stamp: tuple[int, ...] = field(init=False)
    _logs: Mapping[str, VerifierKey] = field(init=False)

    def __post_init__(self) -> None:
        """Raises `BadPolicy` or `OSError`: a witness starts with a file that can be read, or not at all."""
        self._stamp = _stamp_of(self.path)
        self._logs = parse_logs(_text_of(self.path))

    def current(self) -> Mapping[str, VerifierKey]:
        """The logs as the file has them now."""
        try:
            stamp = _stamp_of(self.path)
        except OSError:
            stamp = ()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._logs = parse_logs(_text_of(self.path))
            except (BadPolicy, OSError) as wrong:
                self.say(f"{wrong} The witness goes on with the logs that it knew.")
        return self._logs


def _read_key(number: int, text: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except BadVerifierKey as wrong:
        raise BadPolicy(f"Line {number} of the logs: {wrong}") from None
    if key.algorithm != ED25519:
        raise BadPolicy(f"Line {number} of the logs: the key of {key.name} is not that of a log.")
    return key


def _stamp_of(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadPolicy(f"{path} is no UTF-8 text. Save it as plain text.") from None
