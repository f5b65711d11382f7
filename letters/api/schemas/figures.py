"""The figures of an edition, and what it changed."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length

from letters.api.schemas.parts import (
    Shape,
    change,
    code,
    day,
    many,
    moment,
    number,
    one,
    sometimes,
    text,
    the_page,
    the_pages,
)
from letters.models.standing import Gathered

_COUNT = "How many; null for what is withheld."
_CODE = "What never changes, unlike the label; null for all that is not shown by itself."
_LABEL = "In the language asked for."
_ISCO = "The profession in ISCO-08; null where that has none. Absent from what is withheld."
_RANGE = "Of what is withheld: the least and the most that it can be. It follows from the total and the shown cells."


def _span() -> fields.List[int]:
    described = {"description": _RANGE}
    return fields.List(fields.Integer(), validate=Length(equal=2), metadata=described)


class ProfessionSchema(Shape):
    """A profession."""

    code = text("The profession in the letter's vocabulary.")
    isco = text("The same in ISCO-08; null where that has none.", none=True)
    label = text(_LABEL)


class RegionSchema(Shape):
    """A region."""

    code = text("ISO 3166-2, or `abroad`.")
    label = text(_LABEL)


class CellSchema(Shape):
    """One value of a breakdown."""

    code = text(_CODE, none=True)
    label = text(_LABEL)
    count = number(_COUNT, none=True)
    range = _span()


class ProfessionCellSchema(Shape):
    """One profession of a breakdown."""

    code = text(_CODE, none=True)
    isco = sometimes(text(_ISCO, none=True))
    label = text(_LABEL)
    count = number(_COUNT, none=True)
    range = _span()


class PairSchema(Shape):
    """How many of one profession signed in one region."""

    profession = one(ProfessionSchema, "The profession.")
    region = one(RegionSchema, "The region.")
    count = number("How many.")


class UnverifiedSchema(Shape):
    """What the organisers report from elsewhere. Nobody here has checked it, and no other figure contains it."""

    gathered = code("`paper`, or `earlier` for signatures gathered before this letter opened here.", Gathered)
    count = number("How many, as the organisers report it.")
    reported_on = day("The day of their report.")


class FiguresSchema(Shape):
    """`total = signatures - withdrawn - voided`, always. Totals are exact; cells follow the letter's rule."""

    letter = text("The letter's name in addresses.")
    edition = number("The number of the edition; 0 before the first.")
    released_at = moment("When the edition was released; null before the first.", none=True)
    total = number("How many signatures stand.")
    signatures = number("How many there ever were.")
    withdrawn = number("How many of them their signers took back.")
    voided = number("How many of them the organisers threw out.")
    goal = number("What the organisers hope for; null when they named no number.", none=True)
    by_profession = many(ProfessionCellSchema, "The largest first, what is withheld last.")
    by_region = many(CellSchema, "Regions by ISO 3166-2, and `abroad`.")
    by_standing = many(CellSchema, "How well signatures are proven: `mailbox`, `institution` or `vouched`.")
    by_profession_and_region = sometimes(many(PairSchema, "In the last edition of all; absent from every other."))


class CountSchema(FiguresSchema):
    """The figures of the current edition; all zero before the first."""

    unverified = many(UnverifiedSchema, "What the organisers report from elsewhere.")


class ChangesSchema(Shape):
    """What the edition changed since the one before."""

    signatures = number("How many signatures are new.")
    withdrawn = number("How many were taken back.")
    voided = number("How many were thrown out.")
    total = change("By how much the total moved: it can fall.")


class CosignatureSchema(Shape):
    """That an independent witness saw the checkpoint."""

    witness = text("The witness's name, as in its key.")
    time = moment("When it saw the checkpoint, by its own clock.")


class LogSchema(Shape):
    """Where the edition ends in the letter's log (RFC 6962 hashing, C2SP tlog-checkpoint and tlog-tiles)."""

    origin = text("The log's origin, which is also the name of its key.")
    key = text("The key that signs it, as a C2SP verifier key.")
    size = number("How many leaves the log has with this edition.")
    root = text("The root hash of that many leaves, in base64.")
    checkpoint = text("The signed checkpoint with every cosignature; null until it is signed.", none=True)
    cosignatures = many(CosignatureSchema, "Who has cosigned it so far.")


class EditionSchema(FiguresSchema):
    """One edition. Its figures and its log head never change; cosignatures may still come."""

    changes = one(ChangesSchema, "What it changed since the edition before.")
    reasons = fields.Dict(
        fields.String(),
        fields.Integer(),
        required=True,
        metadata={"description": "Why it voided signatures: how many by reason code. Empty when it voided none."},
    )
    log = one(LogSchema, "The head of the letter's log; null for editions from before there were logs.", none=True)


class EditionListSchema(Shape):
    """The history of a letter."""

    editions = many(EditionSchema, "The oldest first, 100 on a page.")
    page = the_page()
    pages = the_pages()
