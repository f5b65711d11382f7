"""A letter and an edition as the other rooms see them: frozen values, read once and shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from letters.models.editions import EditionRow
from letters.models.heads import Head
from letters.models.letters import LetterState
from letters.models.signatures import Display
from letters.models.standing import Gathered, is_listed
from verification.errors import Refusal

WITHDRAW_FOR = timedelta(days=30)
"""How long after closing a signature can still be changed; then the letter's dedupe key is destroyed."""

IDENTITIES_FOR = timedelta(days=90)
"""How long after closing sealed identities are kept where a letter names no day."""


class TakenDown(Refusal):
    """The host took the letter down; `reason` is what readers are told."""

    def __init__(self, reason: str) -> None:
        super().__init__("The letter was taken down.")
        self.reason = reason


@dataclass(frozen=True)
class FigurePolicy:
    """When a cell of a breakdown is shown: from `threshold` on, in multiples of `step`, read again after `moves_after`
    events, and once shown hidden only below `hides_below`."""

    threshold: int
    step: int
    moves_after: int
    hides_below: int

    @classmethod
    def usual(cls, threshold: int, step: int) -> FigurePolicy:
        """The policy of a letter that names only these two."""
        return cls(threshold, step, moves_after=step, hides_below=(threshold + 1) // 2)

    @property
    def hides(self) -> bool:
        """Whether it hides anything at all; otherwise every cell is shown as it is."""
        return max(self.threshold, self.step, self.moves_after) > 1

    @property
    def least_shown(self) -> int:
        """The smallest figure that a shown cell has."""
        return -(-self.threshold // self.step) * self.step


@dataclass(frozen=True)
class EditionRule:
    """How much time and how many waiting signatures an edition needs."""

    every: timedelta
    at_least: int


@dataclass(frozen=True)
class Edition:
    """One edition's figures: cumulative counts, and per dimension the cells as printed; the last edition of all has
    `profession_region` besides.

    `reasons` says of those that this edition voided how many went for which reason; `log_size` how many leaves the
    letter's log has with it, None for an edition from before there were logs.
    """

    number: int
    released_at: datetime
    signatures: int
    withdrawn: int
    voided: int
    figures: Mapping[str, Any]
    reasons: Mapping[str, int] = field(default_factory=dict)
    log_size: int | None = None

    @property
    def total(self) -> int:
        return self.signatures - self.withdrawn - self.voided

    @classmethod
    def of(cls, row: EditionRow) -> Edition:
        figures = row.signatures, row.withdrawn, row.voided, row.figures
        return cls(row.number, row.released_at, *figures, row.reasons, row.log_size)


@dataclass(frozen=True)
class LetterText:
    """Title, body and privacy notice in one language; the latter two are Markdown."""

    title: str
    body: str
    privacy: str


@dataclass(frozen=True)
class Person:
    """A first signatory, by language."""

    name: Mapping[str, str]
    title: Mapping[str, str]


@dataclass(frozen=True)
class Correction:
    """What was put right after opening, by language."""

    dated: date
    text: Mapping[str, str]


@dataclass(frozen=True)
class Unverified:
    """How many signatures the organisers report from elsewhere; no total contains them."""

    gathered: Gathered
    count: int
    reported_on: date


@dataclass(frozen=True)
class Pact:
    """How many have to be `named` before those who wait for one another are shown, and how it ended: kept in an
    edition, or lapsed with the letter's closing."""

    needed: int
    kept_in: int | None = None
    lapsed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether names wait for it."""
        return self.kept_in is None and not self.lapsed


@dataclass(frozen=True)
class Letter:
    """One letter with all that its pages show, as of one reading of the database, and the mail domains that its
    organisers watch, which no page shows. `head` is the newest signed head of its log."""

    id: int
    slug: str
    stored_state: LetterState
    languages: tuple[str, ...]
    addressee: Mapping[str, str]
    responsible: Mapping[str, Any]
    countries: tuple[str, ...]
    professions: str
    opens_at: datetime | None
    closes_at: datetime | None
    closed_on: date | None
    goal: int | None
    custody: str
    public_key: str
    displays: tuple[Display, ...]
    rule: EditionRule
    policy: FigurePolicy
    delivered_on: date | None
    answer: Mapping[str, str] | None
    identities_until: date | None
    forgotten: bool
    erased: bool
    locked: bool
    taken_down_for: str | None
    burned: bool
    removals: int
    revision: int
    texts: Mapping[str, LetterText]
    first_signatories: Sequence[Person]
    corrections: Sequence[Correction]
    edition: Edition | None
    held_domains: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()
    unverified: Sequence[Unverified] = ()
    head: Head | None = None
    pact: Pact | None = None

    @property
    def number(self) -> int:
        """The current edition's number, 0 before the first."""
        return self.edition.number if self.edition else 0

    @property
    def total(self) -> int:
        return self.edition.total if self.edition else 0

    @property
    def protected(self) -> bool:
        """Whether small cells are hidden."""
        return self.policy.hides

    def state_at(self, now: datetime) -> LetterState:
        """The state by the clock: the worker may be a moment late in writing it down."""
        return state_by_clock(self.stored_state, self.opens_at, self.closes_at, now)

    def watches(self, domain: str) -> bool:
        """Whether a canonical mail domain is one that the organisers watch, or is below one."""
        return is_listed(domain, self.held_domains)

    @property
    def changeable_until(self) -> date | None:
        """The last day on which a signature can be changed or withdrawn, once the closing day is known."""
        closing = self.closed_on or (self.closes_at.date() if self.closes_at else None)
        return closing + WITHDRAW_FOR if closing else None


def identities_until(announced: date | None, closed_on: date | None, closes_at: datetime | None) -> date | None:
    """The last day on which sealed identities are kept: the announced one, else some days after closing, once known."""
    closing = closed_on or (closes_at.date() if closes_at else None)
    return announced or (closing + IDENTITIES_FOR if closing else None)


def state_by_clock(
    state: LetterState, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> LetterState:
    """What a stored state means at `now`: a schedule that has come opens, a closing moment that has passed closes."""
    if state is LetterState.SCHEDULED and opens_at and opens_at <= now:
        state = LetterState.OPEN
    if state in (LetterState.OPEN, LetterState.PAUSED) and closes_at and closes_at <= now:
        state = LetterState.CLOSED
    return state
