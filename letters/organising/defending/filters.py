"""Which signatures are meant: by what the database can see of them, and nothing of who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement

from letters.models.signatures import SEEN_AS, Display, SignatureRow, SignatureState, Standing, Suspicion
from letters.publishing.voiding import IS_ASIDE


@dataclass(frozen=True)
class Filter:
    """What a signature has to be; what is None may be anything, but then a pending one never fits.

    `profession` and `region` are codes as signers chose them, and `released` says whether an edition has counted it.
    Who waits for the letter's pact is `counted`: nobody is told how many do.
    """

    state: SignatureState | None = None
    held_for: Suspicion | None = None
    profession: str | None = None
    region: str | None = None
    standing: Standing | None = None
    display: Display | None = None
    released: bool | None = None

    def as_rule(self) -> dict[str, Any]:
        """What is asked for, as JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of_rule(cls, rule: Mapping[str, Any]) -> Filter:
        """The filter that `as_rule` wrote down."""
        return cls(**{name: _KINDS.get(name, _as_it_is)(value) for name, value in rule.items()})


_KINDS: Mapping[str, Any] = {
    "state": SignatureState,
    "held_for": Suspicion,
    "standing": Standing,
    "display": Display,
}


def _as_it_is(value: Any) -> Any:
    return value


def conditions(letter_id: int, filter: Filter) -> tuple[ColumnElement[bool], ...]:  # noqa: A002
    """What has to hold of a letter's signatures that fit."""
    columns = {
        SignatureRow.held_for: filter.held_for,
        SignatureRow.profession: filter.profession,
        SignatureRow.region: filter.region,
        SignatureRow.standing: filter.standing,
        SEEN_AS: filter.display,
    }
    chosen = [column == str(value) for column, value in columns.items() if value is not None]
    if filter.released is not None:
        chosen.append(SignatureRow.edition.is_not(None) if filter.released else SignatureRow.edition.is_(None))
    return SignatureRow.letter_id == letter_id, *_of_state(filter), *chosen


def _of_state(filter: Filter) -> tuple[ColumnElement[bool], ...]:  # noqa: A002
    if filter.state is None:
        return (SignatureRow.state != SignatureState.PENDING.value,)
    exact = SignatureRow.state == filter.state.value
    return (IS_ASIDE, exact) if filter.state in _ASIDE else (exact,)


_ASIDE = (SignatureState.HELD, SignatureState.VOIDED)
