"""Releasing an edition: everything that waits is counted and printed together.

The work follows what is new; what earlier editions counted is neither read nor written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, defer

from letters.models.editions import EditionRow, EntryRow
from letters.models.finding import no_such_letter, policy_of
from letters.models.letters import CLOSED, LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState
from letters.models.values import Edition, FigurePolicy
from letters.publishing.changes import Change, change_of
from letters.publishing.entries import Printer, remove_leaving
from letters.publishing.erasing import chunks
from letters.publishing.figures import unread_after
from letters.publishing.log import UNKNOWN_REASON, Leaves, Writer, write_edition
from letters.publishing.moving import move_signatures
from letters.publishing.pacts import awaits_closing_edition, with_names_to_show, would_be_kept
from letters.publishing.tallies import PAIRS, UNREAD, Scheme, count_changes, print_figures, print_pairs
from letters.publishing.voiding import count_leaving, done_batches, in_batch, make_final, why_voided
from verification.errors import Refusal

TOGETHER = 2
"""New signatures that an edition of a protected letter has at least, or none; one alone waits for another."""

_REMOVED = (SignatureState.WITHDRAWN.value, SignatureState.VOIDED.value)


class NotDue(Refusal):
    """An edition is not due: too early, or too little waits."""


def lock_letter(session: Session, slug: str) -> LetterRow:
    """The letter's row, locked against other publishers; signing and confirming do not wait for it.

    Raises `NoSuchLetter`.
    """
    query = select(LetterRow).where(LetterRow.slug == slug).with_for_update(key_share=True)
    letter = session.scalar(query.execution_options(populate_existing=True))
    if letter is None:
        raise no_such_letter(slug)
    return letter


def check_due(session: Session, letter: LetterRow, now: datetime) -> None:
    """Raises `NotDue` unless the letter's interval has passed and enough waits.

    Closing releases at once what waits, however little but for one alone, and where only changes of display keep the
    letter's pact, those. Later as many have to leave together as move a cell; the last edition of all takes the others.
    """
    check_unlocked(letter)
    if _keeps_pact_at_closing(session, letter):
        return
    if not count_waiting(session, letter.id):
        raise NotDue("Nothing waits for an edition.")
    if not interval_passed(letter, now):
        raise NotDue("The letter's interval has not passed since its public pages last changed.")
    needed = needed_to_move(letter)
    if needed == 1:
        return  # something waits
    found = count_together(session, letter)
    if found < needed:
        raise NotDue(f"{found} signatures come or go, the letter asks for {needed}.")


def count_together(session: Session, letter: LetterRow) -> int:
    """How many come or go with the next edition; in a protected letter one who would come alone does not."""
    if not policy_of(letter).hides:
        return count_moving(session, letter.id)
    arriving, going = _count_arriving(session, letter.id), _count_going(session, letter.id)
    return arriving + going if arriving >= TOGETHER else going


def needed_to_move(letter: LetterRow) -> int:
    """How many signatures have to come or go for an edition; closing begins no interval until it has released.

    In a protected letter nobody comes or goes alone.
    """
    fewest = TOGETHER if policy_of(letter).hides else 1
    if letter.state not in CLOSED:
        return max(fewest, letter.edition_at_least)
    return fewest if letter.tended_at is None else max(fewest, min(letter.edition_at_least, letter.figures_moves_after))


def _keeps_pact_at_closing(session: Session, letter: LetterRow) -> bool:
    """Whether the edition that a letter's closing releases keeps its pact, with nobody coming or going alone."""
    if not awaits_closing_edition(session, letter):
        return False
    policy = policy_of(letter)
    rows = _without_one_alone(_take(session, letter.id), policy)
    moving = sum(change.arrives or change.leaves_as is not None for change in map(change_of, rows))
    return not (policy.hides and moving == 1) and would_be_kept(session, letter.id, rows)


def check_unlocked(letter: LetterRow) -> None:
    """Raises `NotDue` under lockdown: nothing is released until it is lifted."""
    if letter.locked_on is not None:
        raise NotDue(f"The letter {letter.slug} is under lockdown; nothing is released until two organisers lift it.")


def interval_passed(letter: LetterRow, now: datetime) -> bool:
    """Whether the letter's public pages may change again."""
    return letter.tended_at is None or now - letter.tended_at >= timedelta(seconds=letter.edition_every)


def count_waiting(session: Session, letter_id: int) -> int:
    """Signatures, changes and removals that the next edition takes."""
    return _count_waiting(session, letter_id) + count_leaving(session, letter_id)


def count_moving(session: Session, letter_id: int) -> int:
    """Those of them that move the total; a few signers who change to and fro bring no edition about."""
    return _count_arriving(session, letter_id) + _count_going(session, letter_id)


def _count_arriving(session: Session, letter_id: int) -> int:
    arrives = SignatureRow.edition.is_(None), SignatureRow.state == SignatureState.CONFIRMED.value
    return _count_waiting(session, letter_id, *arrives)


def _count_going(session: Session, letter_id: int) -> int:
    goes = SignatureRow.edition.is_not(None), SignatureRow.state.in_(_REMOVED)
    return _count_waiting(session, letter_id, *goes) + count_leaving(session, letter_id)


def _count_waiting(session: Session, letter_id: int, *which: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(SignatureRow).where(*_waits(letter_id), *which)
    return session.scalar(counted) or 0


@dataclass(frozen=True)
class Means:
    """What releasing needs beside the letter: how its figures are cut, what prints its entries, what writes its log."""

    scheme: Scheme
    printer: Printer
    writer: Writer


def release(session: Session, letter: LetterRow, now: datetime, means: Means, *, last: bool = False) -> Edition:
    """Release everything that waits as the next edition of a locked letter, append it to its log, and return it.

    The `last` of all comes when no signature can change any more; it also prints professions by region, and comes
    whether or not anything waits. Raises `NotDue` when nothing waits that it could take or show, after the last, or
    under lockdown.
    """
    check_unlocked(letter)
    if letter.completed:
        raise NotDue("The last edition of all is out.")
    taken = _take(session, letter.id)
    rows = taken if last else _without_one_alone(taken, policy_of(letter))
    if not (rows or last or would_be_kept(session, letter.id, rows)):
        alone = "One new signature waits for a second one: alone its leaf in the log would be known for its signer's."
        raise NotDue(alone if taken else "Nothing waits for an edition.")
    number = letter.edition + 1
    rows = with_names_to_show(session, letter.id, number, rows)
    reasons = why_voided(session, letter.id, rows)
    make_final(session, letter, now.date())
    changes = [change_of(row) for row in rows]
    people = count_changes(session, letter, means.scheme, changes)
    edition = _add_edition(session, letter, number, now, changes)
    edition.reasons = _reasons(changes, reasons)
    unread = unread_after(_unread(session, letter), people, policy_of(letter))
    edition.figures = print_figures(session, letter, means.scheme, edition.total, unread)
    session.flush()
    remove_leaving(session, letter.id)
    means.printer.print(session, number, _to_print(session, letter.id, rows))
    leaves = _put_down(session, means, number, changes, reasons)
    session.expire_all()
    if last:
        pairs = print_pairs(session, letter, means.scheme, edition.figures)
        edition.figures = {**edition.figures, PAIRS: pairs}
    write_edition(session, letter, edition, means.scheme, leaves)
    letter.edition, letter.tended_at = number, now
    session.flush()
    return Edition.of(edition)


def _without_one_alone(rows: list[SignatureRow], policy: FigurePolicy) -> list[SignatureRow]:
    """The rows, in a protected letter without a new signature that nobody comes together with: its leaf in the log
    would be known for its signer's."""
    new = [row for row in rows if row.edition is None and row.state == SignatureState.CONFIRMED.value]
    if not policy.hides or len(new) >= TOGETHER:
        return rows
    return [row for row in rows if row not in new]


def _reasons(changes: Sequence[Change], reasons: Mapping[bytes, str]) -> dict[str, int]:
    voided = [change.id for change in changes if change.leaves_as is SignatureState.VOIDED]
    return dict(sorted(Counter(reasons.get(id, UNKNOWN_REASON) for id in voided).items()))


def _put_down(
    session: Session, means: Means, number: int, changes: Sequence[Change], reasons: Mapping[bytes, str]
) -> Leaves:
    """Put the rows down again as counted, and gather the leaves that this makes."""
    left = {change.id for change in changes if change.leaves_as is not None}
    leaves = Leaves(means.writer)

    def settle(row: Mapping[str, Any]) -> Mapping[str, Any]:
        if row["id"] in left:
            leaves.leave(row, reasons.get(row["id"]))
        arrives = row["state"] == SignatureState.CONFIRMED.value and row["edition"] is None
        secret = leaves.arrive(row) if arrives else row["log_secret"]
        return {**_settled(row, number, left), "log_secret": None if row["id"] in left else secret}

    move_signatures(session, means.writer.chance.shuffled([change.id for change in changes]), settle)
    return leaves


def _take(session: Session, letter_id: int) -> list[SignatureRow]:
    """The rows that an edition takes, locked: those with news, and released ones that a batch has thrown out."""
    taken = select(SignatureRow).options(defer(SignatureRow.sealed)).with_for_update()
    rows = list(session.scalars(taken.where(*_waits(letter_id))))
    if numbers := done_batches(session, letter_id):
        rows += session.scalars(taken.where(*in_batch(letter_id, numbers), SignatureRow.edition.is_not(None)))
    return rows


def _to_print(session: Session, letter_id: int, rows: Sequence[SignatureRow]) -> list[SignatureRow]:
    """Those of the rows that stand and whose entry, if they have one, has left: another standing changes no entry."""
    stands = [row for row in rows if row.state == SignatureState.CONFIRMED.value]
    printed: set[bytes] = set()
    for ids in chunks([row.id for row in stands if row.edition is not None]):
        stays = EntryRow.letter_id == letter_id, EntryRow.leaving.is_(False), EntryRow.signature_id.in_(ids)
        printed.update(session.scalars(select(EntryRow.signature_id).where(*stays)))
    return [row for row in stands if row.id not in printed]


def _waits(letter_id: int) -> tuple[ColumnElement[bool], ...]:
    """What has news, but is neither held nor thrown out by a batch that no edition has made final."""
    held = SignatureRow.state == SignatureState.HELD.value
    return SignatureRow.letter_id == letter_id, SignatureRow.news.is_(True), ~held, SignatureRow.batch.is_(None)


def _unread(session: Session, letter: LetterRow) -> int:
    """How many events a cell can have that no edition has read so far."""
    if not letter.edition:
        return 0
    return int(session.get_one(EditionRow, (letter.id, letter.edition)).figures.get(UNREAD, letter.figures_moves_after))


def _add_edition(
    session: Session, letter: LetterRow, number: int, now: datetime, changes: Sequence[Change]
) -> EditionRow:
    before = session.get(EditionRow, (letter.id, letter.edition)) if letter.edition else None
    left = Counter(change.leaves_as for change in changes)
    row = EditionRow(
        letter_id=letter.id,
        number=number,
        released_at=max(now, before.released_at) if before else now,  # the clock may have been set back
        signatures=(before.signatures if before else 0) + sum(change.arrives for change in changes),
        withdrawn=(before.withdrawn if before else 0) + left[SignatureState.WITHDRAWN],
        voided=(before.voided if before else 0) + left[SignatureState.VOIDED],
        figures={},
    )
    session.add(row)
    return row


def _settled(row: Mapping[str, Any], number: int, left: Collection[bytes]) -> dict[str, Any]:
    """A signature's columns once the edition has counted it as what it is; its name's box went on to the entry, unless
    the name goes on waiting."""
    if row["state"] != SignatureState.CONFIRMED.value:
        removed_in = number if row["id"] in left else row["removed_in"]
        return {**row, **_COUNTED_OUT, "news": False, "removed_in": removed_in}
    return {
        **row,
        "news": False,
        "name_box": row["name_box"] if row["pact"] else None,
        "edition": row["edition"] or number,
        "listed": row["listed"] or row["display"] == Display.PSEUDONYM.value,
        "printed_profession": row["profession"],
        "printed_region": row["region"],
        "printed_standing": row["standing"],
        "printed_named": row["display"] == Display.NAMED.value and not row["pact"],
    }


_COUNTED_OUT = dict.fromkeys(("printed_profession", "printed_region", "printed_standing", "printed_named"))
