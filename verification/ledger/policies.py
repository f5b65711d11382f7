"""Whose cosignatures make a checkpoint believable: a file of logs, witnesses and a quorum (C2SP tlog-policy)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from verification.errors import Refusal
from verification.ledger.checkpoints import parse_checkpoint
from verification.ledger.cosignatures import cosigned_at
from verification.ledger.notes import COSIGNATURE, ED25519, BadVerifierKey, Note, UnknownKey, VerifierKey, verify_note
from verification.ledger.strict import strict_number

LONGEST_POLICY = 64 * 1024
"""Characters in the longest policy that is read."""

MOST_OF_A_KIND = 64
"""Logs, witnesses, and groups in one policy; the specification recommends 32 or more."""

_BLANKS = re.compile("[ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class BadPolicy(Refusal):
    """A line of a policy that says nothing, or not clearly."""


@dataclass(frozen=True)
class PolicyLog:
    """A log whose checkpoints are accepted, and where it can be read, if that is said."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class PolicyWitness:
    """A witness under the name that groups use for it, and where checkpoints are submitted, if that is said."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class PolicyGroup:
    """So many of these members must have witnessed a checkpoint."""

    name: str
    needed: int
    members: tuple[PolicyWitness | PolicyGroup, ...]


@dataclass(frozen=True)
class Policy:
    """Logs that are accepted (any, when none is listed), known witnesses, and the quorum: `None` asks for nobody."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    quorum: PolicyWitness | PolicyGroup | None

    def satisfied_by(self, note: Note) -> bool:
        """Whether a listed log signed the checkpoint and the quorum cosigned it.

        Raises `WrongSignature` when a signature of a known key is not over this text, and `BadCheckpoint`.
        """
        return self._signed_by_a_log(note) and _witnessed(self.quorum, self.cosigned_by(note))

    def cosigned_by(self, note: Note) -> dict[str, int]:
        """The names of the witnesses that cosigned, and when, in seconds since 1970. Raises `WrongSignature`."""
        found: dict[str, int] = {}
        for witness in self.witnesses:
            try:
                found[witness.name] = cosigned_at(note, witness.key)
            except UnknownKey:
                continue
        return found

    def _signed_by_a_log(self, note: Note) -> bool:
        origin = parse_checkpoint(note.text).origin
        return not self.logs or any(log.key.name == origin and _signed_by(note, log.key) for log in self.logs)


def parse_policy(text: str) -> Policy:
    """Read a policy file. Raises `BadPolicy`, whose text names the line.

    Names are compared as they are; a file that is not UTF-8 may be decoded with `surrogateescape`.
    """
    if len(text) > LONGEST_POLICY:
        raise BadPolicy(f"The policy has {len(text)} characters: at most {LONGEST_POLICY} are read.")
    if not text.endswith("\n"):
        raise BadPolicy("The policy does not end in a newline: it was cut short, or its last line needs one.")
    reading = _Reading()
    for number, line in enumerate(text[:-1].split("\n"), start=1):
        try:
            reading.take(line)
        except (BadPolicy, BadVerifierKey) as wrong:
            raise BadPolicy(f"Line {number} of the policy: {wrong}") from None
    return reading.policy()


@dataclass
class _Reading:
    """What the lines so far have defined."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    named: dict[str, PolicyWitness | PolicyGroup] = field(default_factory=dict)
    quorums: list[PolicyWitness | PolicyGroup | None] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        if _FORBIDDEN.search(line):
            raise BadPolicy("It has control characters: expected none but tabs.")
        word, *rest = _BLANKS.split(line.strip(" \t"))
        if word == "" or word.startswith("#"):
            return
        take = self._takers().get(word)
        if not take:
            raise BadPolicy(f"It begins with {word[:40]!r}: expected log, witness, group, quorum, or # for a comment.")
        take(rest)

    def policy(self) -> Policy:
        if not self.quorums:
            raise BadPolicy(
                "The policy has no quorum: end it with a line as 'quorum none', or with the name of a group."
            )
        return Policy(tuple(self.logs), tuple(self.witnesses), self.quorums[0])

    def _takers(self) -> Mapping[str, Callable[[list[str]], None]]:
        return {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise BadPolicy("Expected 'log', a key and perhaps an address.")
        key = _key_of_kind(words[0], ED25519, "log")
        _check_new(key, [log.key for log in self.logs], "log")
        self.logs.append(PolicyLog(key, *words[1:]))

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise BadPolicy("Expected 'witness', a name, a key and perhaps an address.")
        self._check_free(words[0])
        key = _key_of_kind(words[1], COSIGNATURE, "witness")
        _check_new(key, [witness.key for witness in self.witnesses], "witness")
        witness = PolicyWitness(words[0], key, *words[2:])
        self.witnesses.append(witness)
        self.named[witness.name] = witness

    def _group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise BadPolicy("Expected 'group', a name, how many ('any', 'all' or a number), and members.")
        name, needed, *members = words
        self._check_free(name)
        if len(self.named) - len(self.witnesses) >= MOST_OF_A_KIND:
            raise BadPolicy(f"There are more than {MOST_OF_A_KIND} groups.")
        self.named[name] = PolicyGroup(name, _needed(needed, len(members)), tuple(map(self._member, members)))

    def _member(self, name: str) -> PolicyWitness | PolicyGroup:
        if name in self.grouped:
            raise BadPolicy(f"{name!r} is already a member of a group: each may be one once.")
        self.grouped.add(name)
        return self._known(name)

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise BadPolicy("Expected 'quorum' and one name: a witness, a group, or none.")
        if self.quorums:
            raise BadPolicy("There is a quorum already: expected exactly one.")
        self.quorums.append(None if words[0] == "none" else self._known(words[0]))

    def _known(self, name: str) -> PolicyWitness | PolicyGroup:
        if name not in self.named:
            raise BadPolicy(f"Nothing is named {name!r} so far: define it above the line that uses it.")
        return self.named[name]

    def _check_free(self, name: str) -> None:
        if name == "none" or name in self.named:
            raise BadPolicy(f"The name {name!r} is taken: choose another.")


def _key_of_kind(text: str, algorithm: int, kind: str) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.algorithm != algorithm:
        raise BadPolicy(f"The key has type {key.algorithm:#04x}: expected {algorithm:#04x}, the key of a {kind}.")
    return key


def _check_new(key: VerifierKey, known: list[VerifierKey], kind: str) -> None:
    """A key counts once, under whatever names."""
    if any(key.key == other.key for other in known):
        raise BadPolicy(f"The key of {key.name} belongs to another {kind} already.")
    if len(known) >= MOST_OF_A_KIND:
        raise BadPolicy(f"There are more than {MOST_OF_A_KIND} lines of the kind {kind}.")


def _needed(text: str, members: int) -> int:
    if text in ("any", "all"):
        return 1 if text == "any" else members
    try:
        needed = strict_number(text)
    except ValueError as wrong:
        raise BadPolicy(f"How many are needed cannot be read: {wrong}.") from None
    if not 1 <= needed <= members:
        raise BadPolicy(f"It needs {needed} of {members} members: expected 1 to {members}.")
    return needed


def _signed_by(note: Note, key: VerifierKey) -> bool:
    try:
        verify_note(note, key)
    except UnknownKey:
        return False
    return True


def _witnessed(quorum: PolicyWitness | PolicyGroup | None, cosigners: Mapping[str, int]) -> bool:
    if quorum is None:
        return True
    if isinstance(quorum, PolicyWitness):
        return quorum.name in cosigners
    return sum(_witnessed(member, cosigners) for member in quorum.members) >= quorum.needed
