"""What an edition finds new: signatures that come, go, or are to be counted as something else."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from letters.models.signatures import Display, SignatureRow, SignatureState

DIMENSIONS = ("profession", "region", "standing")


@dataclass(frozen=True)
class Counted:
    """As what one signature is counted; `named` says that its name is public."""

    profession: str
    region: str
    standing: str
    named: bool

    def cells(self) -> tuple[tuple[str, str], ...]:
        """The dimension and code of each cell that it counts in."""
        return tuple(zip(DIMENSIONS, astuple(self)[:3], strict=True))


@dataclass(frozen=True)
class Change:
    """A row taken for an edition: as what it was counted so far, as what it counts now, and what becomes of it."""

    id: bytes
    was: Counted | None
    now: Counted | None
    arrives: bool
    leaves_as: SignatureState | None


def change_of(row: SignatureRow) -> Change:
    """The change that an edition makes of a row with news."""
    state = SignatureState(row.state)
    stands = state is SignatureState.CONFIRMED
    return Change(
        id=row.id,
        was=_printed(row),
        now=_holds(row) if stands else None,
        arrives=stands and row.edition is None,
        leaves_as=state if not stands and row.edition is not None else None,
    )


def _printed(row: SignatureRow) -> Counted | None:
    if row.printed_profession is None or row.printed_region is None or row.printed_standing is None:
        return None
    return Counted(row.printed_profession, row.printed_region, row.printed_standing, bool(row.printed_named))


def _holds(row: SignatureRow) -> Counted:
    return Counted(str(row.profession), str(row.region), row.standing, row.seen_as is Display.NAMED)
