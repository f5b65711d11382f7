"""Burning a letter: its keys, its signers' identities and its public list are destroyed; its figures stay.

The keys go first, so that from the first step on neither the database nor a backup of it opens. Every step may be done
again: a burning that was interrupted is finished by the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow
from letters.models.downloads import DownloadRow
from letters.models.editions import EntryRow
from letters.models.finding import find_letter
from letters.models.letters import CLOSED, FirstSignatoryRow, LetterRow, LetterState
from letters.models.samples import SampleRow
from letters.models.signatures import Display, SignatureRow, SignatureState, SubscriptionRow
from letters.models.teams import LetterKeyRow
from letters.models.values import Letter
from letters.publishing.clockwork import advance_state, enter_state, erase_identities
from letters.publishing.editions import count_waiting, lock_letter
from letters.publishing.erasing import IN_BULK, end_samples, erase_signatures
from letters.publishing.pacts import lapse
from letters.publishing.voiding import give_up, make_final
from letters.runtime import Runtime
from verification.database import table_of
from verification.errors import Refusal
from verification.identity.keyring import Keyring
from verification.mailbox.challenges import ChallengeRow
from verification.mailbox.outbox import OutboxRow
from verification.rewriting import Rewritten, rewrite

TOUCHED = (
    SignatureRow,
    SubscriptionRow,
    ChallengeRow,
    OutboxRow,
    EntryRow,
    FirstSignatoryRow,
    LetterKeyRow,
    BatchRow,
    DownloadRow,
    SampleRow,
    LetterRow,
)
"""What the database holds of a letter's people."""

_STRAGGLERS = 2.0
"""Seconds after which nobody is in the middle of signing under the destroyed keys."""


class NothingToBurn(Refusal):
    """Nobody can have signed a draft."""


@dataclass(frozen=True)
class AtStake:
    """What burning a letter destroys: signatures that stand, and those of them that no edition has counted."""

    signatures: int
    uncounted: int


@dataclass(frozen=True)
class Burned:
    """What burning left: how many rows prove the figures of how many editions, and what the database made of it."""

    rows: int
    editions: int
    rewritten: Rewritten


def at_stake(session: Session, letter: Letter) -> AtStake:
    """Raises `NothingToBurn` for a draft."""
    if letter.stored_state is LetterState.DRAFT:
        raise NothingToBurn(f"The letter {letter.slug} is a draft; nobody has signed it.")
    stands = SignatureRow.letter_id == letter.id, SignatureRow.state.in_(("confirmed", "held"))
    signatures = select(func.count()).select_from(SignatureRow).where(*stands)
    uncounted = signatures.where(SignatureRow.edition.is_(None))
    return AtStake(session.scalar(signatures) or 0, session.scalar(uncounted) or 0)


def burn(runtime: Runtime, slug: str, wait: Callable[[float], None]) -> Burned:
    """Destroy the keys, then the rows, then what the database keeps of them; `wait` takes seconds.

    Raises `NoSuchLetter` or `NothingToBurn` before anything is destroyed, and `StillRead` when readers keep the
    database from letting go of old rows: burn once more then.
    """
    with runtime.reading() as session:
        at_stake(session, find_letter(session, slug))
    burn_keys(runtime.keyring, slug)
    runtime.settle(lambda session: burn_rows(session, slug, runtime.keyring, runtime.clock()))
    wait(_STRAGGLERS)
    runtime.settle(lambda session: burn_rows(session, slug, runtime.keyring, runtime.clock()))
    rewritten = rewrite(runtime.engine, [table_of(row) for row in TOUCHED])
    with runtime.reading() as session:
        letter = find_letter(session, slug)
        return Burned(_count_rows(session, letter), letter.number, rewritten)


def burn_keys(keyring: Keyring, slug: str) -> None:
    """Destroy the key under which addresses are recognised, and the one around the sealed identities."""
    keyring.destroy_dedupe(slug)
    keyring.destroy_identities(slug)


def key_files(keyring: Keyring, slug: str) -> tuple[Path, Path]:
    """Where a letter's keys are, or were."""
    return keyring.folder / "dedupe" / f"{slug}.key", keyring.folder / "identities" / f"{slug}.key"


def burn_rows(session: Session, slug: str, keyring: Keyring, now: datetime) -> None:
    """Delete what is known of a letter's people. What editions have counted stays, as profession and region alone; who
    had withdrawn before is counted out by the last edition, which is due now.
    """
    letter = lock_letter(session, slug)
    give_up(session, letter.id)
    make_final(session, letter, now.date())
    _delete_links(session, letter.id)
    _forget_people(session, letter)
    erase_identities(session, letter, keyring)
    end_samples(session, letter.id, now.date())
    for table in (EntryRow, FirstSignatoryRow, LetterKeyRow, BatchRow, DownloadRow):
        session.execute(delete(table).where(table.letter_id == letter.id), execution_options=IN_BULK)
    advance_state(letter, now)
    if letter.state not in CLOSED:
        enter_state(letter, LetterState.CLOSED, now)
    lapse(session, letter)
    letter.forgotten, letter.completed = True, not count_waiting(session, letter.id)
    letter.burned_on = letter.burned_on or now.date()
    letter.locked_on, letter.lifts = None, []
    letter.removals, letter.revision = letter.removals + 1, letter.revision + 1
    session.flush()


def _delete_links(session: Session, letter_id: int) -> None:
    """Delete mails that wait, subscriptions and links; a mail may be about a form that is gone, and lead to one that
    is not."""
    ours = _ids(letter_id)
    links = select(ChallengeRow.id).where(ChallengeRow.subject.in_(ours))
    gone = ~exists().where(SignatureRow.id == OutboxRow.subject)
    useless = and_(gone, OutboxRow.challenge.is_(None))
    mails = delete(OutboxRow).where(or_(OutboxRow.subject.in_(ours), OutboxRow.challenge.in_(links), useless))
    subscriptions = delete(SubscriptionRow).where(SubscriptionRow.signature_id.in_(ours))
    challenges = delete(ChallengeRow).where(ChallengeRow.subject.in_(ours))
    for statement in (mails, subscriptions, challenges):
        session.execute(statement, execution_options=IN_BULK)


def _forget_people(session: Session, letter: LetterRow) -> None:
    """Delete signatures that no edition has counted; of the others keep what was counted, held ones are voided."""
    of_letter = SignatureRow.letter_id == letter.id
    confirmed = SignatureRow.state == SignatureState.CONFIRMED.value
    erase_signatures(session, of_letter, confirmed, SignatureRow.edition.is_(None))
    nobody = {"name_box": None, "pseudonym": None, "listed": False, "display": Display.COUNTED.value, "held_for": None}
    nobody |= {"log_secret": None, "press": False, "pact": False}
    counted = {dimension: getattr(SignatureRow, f"printed_{dimension}") for dimension in _COUNTED}
    settled = {**counted, "printed_named": False, "news": False}
    voided = {"state": SignatureState.VOIDED.value, "held_for": None, "news": False, "batch": None}
    for which, values in (
        (SignatureRow.state == SignatureState.HELD.value, voided),
        (SignatureRow.state != SignatureState.PENDING.value, nobody),
        (SignatureRow.state == SignatureState.VOIDED.value, {"profession": None, "region": None, "batch": None}),
        (confirmed, settled),
    ):
        session.execute(update(SignatureRow).where(of_letter, which).values(values), execution_options=IN_BULK)


def _ids(letter_id: int) -> Select[bytes]:
    return select(SignatureRow.id).where(SignatureRow.letter_id == letter_id)


def _count_rows(session: Session, letter: Letter) -> int:
    return session.scalar(select(func.count()).select_from(_ids(letter.id).subquery())) or 0


_COUNTED = ("profession", "region", "standing")
