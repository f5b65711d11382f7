"""The private link: what is public about me, changing it, withdrawing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from letters.models.editions import EntryRow
from letters.models.finding import read_pact
from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState, Standing, SubscriptionRow
from letters.publishing.entries import public_name
from letters.publishing.erasing import IN_BULK, erase_subscriptions
from letters.publishing.pseudonyms import draw
from letters.runtime import Chance
from letters.signing.confirming import ChallengeGone
from letters.signing.pending import lock_name
from verification.errors import Refusal
from verification.identity.keyring import Keyring
from verification.mailbox.challenges import Challenge, Kind, Outcome, find_challenge, spend


class SignatureFinal(Refusal):
    """The days for changes are over, or the signature is withdrawn or voided."""


class NameMissing(Refusal):
    """To appear by name, the name has to be given again: the server cannot read the sealed one."""


class NobodyWaits(Refusal):
    """The letter has no pact, or it has lapsed: a name would be public, or never."""


@dataclass(frozen=True)
class Signature:
    """A signature as its signer sees it; `printed_name` is there only once it is public.

    `press` says that a named journalist may ask its signer, `identified` that the sealed identity is still there,
    `pact` that the name waits for the letter's pact.
    """

    id: bytes
    slug: str
    state: SignatureState
    display: Display
    standing: Standing
    profession: str | None
    region: str | None
    pseudonym: int | None
    released: bool
    printed: bool
    leaving: bool
    printed_name: str | None
    updates: bool
    press: bool
    identified: bool
    final: bool
    pact: bool


@dataclass(frozen=True)
class Wish:
    """How a signer wants the signature to be; `name` is given when the display becomes `named`, and with `pact` it is
    to wait for the letter's pact."""

    display: Display
    profession: str
    region: str
    name: str | None
    pact: bool = False


_leaving = aliased(EntryRow)


def lasting_challenge(session: Session, challenge_id: bytes) -> Challenge:
    """The challenge behind a private link. Raises `ChallengeGone`."""
    challenge = find_challenge(session, challenge_id)
    if challenge is None or challenge.kind is not Kind.MANAGE:
        raise ChallengeGone("The private link is no longer known.")
    return challenge


def signature_behind(session: Session, challenge: Challenge, names_key: bytes) -> Signature:
    """A public name is unlocked for its signer. Raises `ChallengeGone` when nothing is left of the signature."""
    query = (
        select(
            SignatureRow.id,
            LetterRow.slug,
            SignatureRow.state,
            SignatureRow.display,
            SignatureRow.standing,
            SignatureRow.profession,
            SignatureRow.region,
            SignatureRow.pseudonym,
            SignatureRow.edition,
            SignatureRow.press,
            SignatureRow.pact,
            SignatureRow.sealed.is_not(None).label("identified"),
            EntryRow.position,
            EntryRow.name_box,
            SubscriptionRow.language,
            LetterRow.forgotten,
            exists().where(_leaving.signature_id == SignatureRow.id, _leaving.leaving.is_(True)).label("leaving"),
        )
        .join(LetterRow, LetterRow.id == SignatureRow.letter_id)
        .outerjoin(EntryRow, (EntryRow.signature_id == SignatureRow.id) & EntryRow.leaving.is_(False))
        .outerjoin(SubscriptionRow, SubscriptionRow.signature_id == SignatureRow.id)
        .where(SignatureRow.id == challenge.subject)
    )
    row = session.execute(query).first()
    if row is None:
        raise ChallengeGone("Nothing is left of the signature.")
    return Signature(
        id=row.id,
        slug=row.slug,
        state=SignatureState(row.state),
        display=Display(row.display),
        standing=Standing(row.standing),
        profession=row.profession,
        region=row.region,
        pseudonym=row.pseudonym,
        released=row.edition is not None,
        printed=row.position is not None,
        leaving=row.leaving,
        printed_name=public_name(names_key, row.name_box, row.id) if row.name_box else None,
        updates=row.language is not None,
        press=row.press,
        identified=row.identified,
        final=row.forgotten,
        pact=row.pact,
    )


def change(
    session: Session,
    signature_id: bytes,
    wish: Wish,
    keyring: Keyring,
    chance: Chance,
) -> None:
    """Make the signature as its signer wishes, from the next edition on; what is printed of it leaves before.

    A name is erased at once when the display leaves `named`. Where the letter's pact is kept, nobody waits for it.
    Raises `SignatureFinal`, `NameMissing`, or `NobodyWaits`.
    """
    row = _changeable(session, signature_id)
    pact = wish.pact and _is_pact_open(session, row.letter_id)
    renamed = wish.display is Display.NAMED and wish.name is not None
    wanted = wish.display, pact, wish.profession, wish.region
    if wanted == (row.display, row.pact, row.profession, row.region) and not renamed:
        return
    row.display, row.pact, row.profession, row.region = wish.display.value, pact, wish.profession, wish.region
    if wish.display is not Display.NAMED:
        row.name_box = None
    elif wish.name is not None:
        row.name_box = lock_name(keyring, wish.name, signature_id, chance.token)
    elif row.name_box is None:
        row.name_box = _printed_box(session, signature_id)
    if wish.display is not Display.PSEUDONYM:
        row.pseudonym = None
    elif row.pseudonym is None:
        row.pseudonym = draw(chance.below)
    row.news = True
    _take_leave(session, signature_id)
    session.flush()


def withdraw(session: Session, challenge: Challenge) -> None:
    """Withdraw a signature. Its identity, unprinted name, pseudonym, subscription and consent to being asked by a
    journalist are erased at once.

    One that no edition has counted vanishes whole. A counted one keeps the profession and region that it was counted
    by until the next edition, and from then on says only in which edition it came and went. Raises `SignatureFinal`.
    """
    row = _lock(session, challenge.subject)  # before the challenge: an edition moves both in this order
    if spend(session, challenge.id, Outcome.WITHDRAWN) is None:
        return  # another click was first
    row = _check_changeable(session, row)
    _take_leave(session, row.id)
    erase_subscriptions(session, [row.id])
    if row.edition is None:
        session.delete(row)
        session.flush()
        return
    row.state, row.display = SignatureState.WITHDRAWN.value, Display.COUNTED.value
    row.sealed = row.address_index = row.name_box = None
    row.profession = row.region = row.pseudonym = None
    row.listed, row.press, row.pact, row.news = False, False, False, True
    session.flush()


def _lock(session: Session, signature_id: bytes) -> SignatureRow | None:
    """The row, locked. An edition for which this had to wait has moved it: it is looked for once more."""
    query = select(SignatureRow).where(SignatureRow.id == signature_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    return session.scalar(query) or session.scalar(query)


def _changeable(session: Session, signature_id: bytes) -> SignatureRow:
    return _check_changeable(session, _lock(session, signature_id))


def _check_changeable(session: Session, row: SignatureRow | None) -> SignatureRow:
    """Raises `SignatureFinal`."""
    if row is None or row.state not in (SignatureState.CONFIRMED.value, SignatureState.HELD.value):
        raise SignatureFinal("The signature is withdrawn or was voided.")
    if session.scalar(select(LetterRow.forgotten).where(LetterRow.id == row.letter_id)):
        raise SignatureFinal("The days for changes are over.")
    return row


def _is_pact_open(session: Session, letter_id: int) -> bool:
    """Whether names can still wait for the pact, or it is kept. Raises `NobodyWaits`."""
    pact = read_pact(session, letter_id)
    if pact is None or pact.lapsed:
        raise NobodyWaits("There is no pact that the name could wait for.")
    return pact.is_open


def _printed_box(session: Session, signature_id: bytes) -> bytes:
    """The box of the name that is public now. Raises `NameMissing`."""
    query = select(EntryRow.name_box).where(EntryRow.signature_id == signature_id, EntryRow.leaving.is_(False))
    box = session.scalar(query)
    if box is None:
        raise NameMissing("Write the name under which the signature shall appear.")
    return box


def _take_leave(session: Session, signature_id: bytes) -> None:
    entry = update(EntryRow).where(EntryRow.signature_id == signature_id, EntryRow.leaving.is_(False))
    session.execute(entry.values(leaving=True), execution_options=IN_BULK)
