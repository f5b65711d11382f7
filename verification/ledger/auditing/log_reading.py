"""What a letter's log says: every leaf is read once, as its bundle comes, and few are kept."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from verification.errors import Refusal
from verification.ledger.auditing.findings import Code, Finding
from verification.ledger.auditing.growing import GrowingTree
from verification.ledger.hashing import EMPTY_ROOT
from verification.ledger.leaves import BadLeaf, Beginning, Signature, Tally, Void, Withdrawal, decode_leaf
from verification.ledger.tiles import LONGEST_ENTRY, WIDTH

MOST_LEAVES = 10_000_000
"""Leaves in the largest log that is read: what one newsroom's computer holds in memory."""

MOST_SEARCHES = 10
"""Blocks in which repeated signatures are looked up by name, so that a log full of them does not take for ever."""

BUNDLE_BYTES = WIDTH * (2 + LONGEST_ENTRY)

_SIGNATURE = re.compile(rb"S.{32}", re.DOTALL)

_SIGNATURES = re.compile(rb"(?:\x00\x21S.{32})+", re.DOTALL)
"""Signatures one after another in a bundle: most of a log, read without a step of Python for each."""


class BadBundle(Refusal):
    """A bundle that is not as wide as the log says, so that no leaf after it can be read."""


@dataclass(frozen=True)
class LoggedEdition:
    """The leaves of one edition: they are from `first` up to and without `size`, and the last is its tally.

    `content` is the tally as it stands there; `root` is the log's when the edition ends.
    """

    first: int
    size: int
    root: bytes
    signatures: int
    withdrawn: int
    voided: int
    reasons: Mapping[str, int]
    content: Mapping[str, Any]


@dataclass
class _Counted:
    """The leaves since the last tally."""

    first: int
    signatures: int = 0
    withdrawn: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class LogReading:
    """A log of `size` leaves. After every bundle was taken, `root` and `editions` say what it holds.

    `roots` has the root at every size of `wanted` and at the end of every edition, and `removed` what became of which
    nullifier, at which leaf.
    """

    def __init__(self, size: int, wanted: Collection[int] = ()) -> None:
        self.size = size
        self.beginning: Mapping[str, Any] | None = None
        self.editions: list[LoggedEdition] = []
        self.findings: list[Finding] = []
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self.removed: dict[bytes, tuple[int, str]] = {}
        self._commitments: set[bytes] = set()
        self._searches = 0
        self._blocks: list[tuple[int, list[bytes]]] = []
        self._wanted = sorted({*wanted, size})
        self._tree = GrowingTree()
        self._counted = _Counted(1)
        self._ended: list[tuple[int, _Counted, Mapping[str, Any]]] = []

    @property
    def root(self) -> bytes:
        """The root that all the leaves have together."""
        return self.roots[self.size]

    @property
    def loose(self) -> int:
        """How many leaves stand behind the last tally; leaf 0 needs none."""
        return self.size - (self.editions[-1].size if self.editions else 1)

    def take(self, number: int, bundle: bytes) -> None:
        """Read the bundle of that number; they come in their order. Raises `BadBundle`."""
        first, entries = number * WIDTH, list[bytes]()
        width = min(WIDTH, self.size - first)
        for block in _blocks(number, bundle):
            self._take_block(first + len(entries), block)
            entries += block
            if len(entries) > width:
                break
        if len(entries) != width:
            raise BadBundle(f"Bundle {number} of the log holds {_count(len(entries), width)} leaves: expected {width}.")
        self._tree.add([sha256(b"\x00" + entry).digest() for entry in entries])
        self._end_editions(first, first + width)

    def signature_at(self, index: int) -> bytes | None:
        """The entry at this index, None when it is no signature."""
        block = bisect_right(self._blocks, index, key=lambda block: block[0]) - 1
        first, entries = self._blocks[block] if block >= 0 else (0, [])
        return entries[index - first] if index - first < len(entries) else None

    def _end_editions(self, first: int, end: int) -> None:
        sizes = [size for size in self._wanted if first < size <= end]
        roots = self._tree.roots_at({*sizes, *(size for size, _counted, _content in self._ended)})
        self.roots |= roots
        for size, counted, content in self._ended:
            voided = counted.reasons.total()
            figures = counted.signatures, counted.withdrawn, voided, counted.reasons
            self.editions.append(LoggedEdition(counted.first, size, roots[size], *figures, content))
        self._ended = []

    def _take_block(self, index: int, block: list[bytes]) -> None:
        if _SIGNATURE.fullmatch(block[0]):
            self._take_signatures(index, block)
        else:
            self._take_other(index, block[0])
        if index == 0 and self.beginning is None:
            self._find(Code.NO_BEGINNING, "Leaf 0 does not begin the log: expected the letter's text and rules there.")

    def _take_signatures(self, index: int, block: list[bytes]) -> None:
        self._counted.signatures += len(block)
        known = len(self._commitments)
        self._commitments.update(block)
        if len(self._commitments) < known + len(block) and self._searches < MOST_SEARCHES:
            self._searches += 1
            self._find_repeated(index, block)
        self._blocks.append((index, block))

    def _find_repeated(self, index: int, block: list[bytes]) -> None:
        blocks = reversed(self._blocks)  # so that the first place of each is the one that stays
        earlier = {entry: first + at for first, entries in blocks for at, entry in enumerate(entries)}
        for place, entry in enumerate(block, start=index):
            first = earlier.setdefault(entry, place)
            if first != place:
                said = f"Leaf {place} is the same signature as leaf {first}: expected each to be counted once."
                self._find(Code.REPEATED_COMMITMENT, said)

    def _take_other(self, index: int, entry: bytes) -> None:
        try:
            leaf = decode_leaf(entry)
        except BadLeaf as wrong:
            self._find(Code.BAD_LEAF, f"Leaf {index} cannot be read. {wrong}")
            return
        match leaf:
            case Withdrawal(nullifier):
                self._counted.withdrawn += 1
                self._take_nullifier(index, nullifier, "withdrawn")
            case Void(nullifier, reason):
                self._counted.reasons[reason] += 1
                self._take_nullifier(index, nullifier, f"voided ({reason})")
            case Tally(content):
                self._ended.append((index + 1, self._counted, content))
                self._counted = _Counted(index + 1)
            case Beginning(content):
                self._take_beginning(index, content)
            case Signature():
                raise AssertionError("signatures come in blocks")

    def _take_beginning(self, index: int, content: Mapping[str, Any]) -> None:
        if index == 0:
            self.beginning = content
        else:
            self._find(Code.SECOND_BEGINNING, f"Leaf {index} begins the log again: expected that of leaf 0 alone.")

    def _take_nullifier(self, index: int, nullifier: bytes, what: str) -> None:
        earlier = self.removed.setdefault(nullifier, (index, what))
        if earlier[0] != index:
            said = f"Leaf {index} removes the same signature as leaf {earlier[0]}: expected each to be removed once."
            self._find(Code.REPEATED_NULLIFIER, said)

    def _find(self, code: Code, sentence: str) -> None:
        self.findings.append(Finding(code, sentence))


def _count(found: int, width: int) -> str:
    return str(found) if found <= width else f"more than {width}"


def bundle_widths(size: int) -> Iterator[tuple[int, int]]:
    """Number and width of every bundle of a log."""
    for number in range(-(-size // WIDTH)):
        yield number, min(WIDTH, size - number * WIDTH)


def _blocks(number: int, bundle: bytes) -> Iterable[list[bytes]]:
    """The entries of a bundle: signatures by the block, and any other by itself. Raises `BadBundle`."""
    at = 0
    while at < len(bundle):
        run = _SIGNATURES.match(bundle, at)
        if run:
            end = run.end()
            yield [bundle[start : start + 33] for start in range(at + 2, end, 35)]
        else:
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            if end > len(bundle) or at + 2 > len(bundle):
                raise BadBundle(
                    f"Bundle {number} of the log is cut short: expected {end} bytes or more, found {len(bundle)}."
                )
            yield [bundle[at + 2 : end]]
        at = end
