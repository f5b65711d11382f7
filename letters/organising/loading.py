"""Writing a letter's folder into the database, and moving a letter through its states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from letters.models.finding import policy_of, read_pact
from letters.models.letters import CorrectionRow, FirstSignatoryRow, LetterRow, LetterState, LetterTextRow
from letters.models.pacts import PactRow
from letters.models.signatures import SignatureRow
from letters.models.values import Correction, identities_until
from letters.organising.folder import Draft
from letters.organising.lockdown import check_organisers
from letters.publishing.clockwork import advance_state, enter_state
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from verification.errors import Refusal
from verification.identity.keyring import Keyring
from verification.identity.sealing import check_public_key


class LetterFrozen(Refusal):
    """The text of an open letter would change."""


class WrongState(Refusal):
    """The letter cannot go from its state to the one asked for."""


class NoOpeningTime(Refusal):
    """A scheduled letter would lose the moment at which it opens."""


class CustodyUnavailable(Refusal):
    """The letter asks for a custody that this version cannot give."""


_UNOPENED = (LetterState.DRAFT.value, LetterState.SCHEDULED.value)
_MOVES = {
    LetterState.OPEN: {LetterState.DRAFT, LetterState.SCHEDULED, LetterState.PAUSED},
    LetterState.PAUSED: {LetterState.OPEN},
    LetterState.CLOSED: {LetterState.OPEN, LetterState.PAUSED},
    LetterState.ARCHIVED: {LetterState.CLOSED},
}


def load(
    session: Session, draft: Draft, folders: Sequence[Path], now: datetime, *, team_holds_key: bool = False
) -> LetterRow:
    """Store a letter as a draft, or bring a stored one up to date, from the state that the clock has brought.

    Once it has opened, only corrections, the delivery, first signatories, who is responsible, privacy notices, closing
    time and goal may change: everything else raises `LetterFrozen`. A scheduled one has to stay fit to open: otherwise
    raises `NoOpeningTime`, `CustodyUnavailable` (unless the team already holds its key, or is just getting it) or
    `BadPublicKey`. Raises the vocabularies' refusals for unknown
    professions, countries and missing labels, and `BadOrganisers`.
    """
    check_organisers(draft.organisers)
    Professions.load(draft.professions, folders).check_complete(draft.languages)
    Regions.load(draft.countries, folders).check_complete(draft.languages)
    letter = _stored(session, draft.slug, now)
    if letter is None:
        letter = LetterRow(slug=draft.slug, state=LetterState.DRAFT.value, revision=0, edition=0, removals=0)
        letter.forgotten = letter.erased = letter.completed = False
        letter.lifts = []
        session.add(letter)
    elif letter.state not in _UNOPENED or _is_signed(session, letter):
        _check_frozen(letter, draft)
        _check_pact(session, letter, draft)
        _check_corrections(session, letter, draft)
        _check_burned(letter, draft)
    elif letter.state == LetterState.SCHEDULED.value:
        _check_still_opens(letter, draft, team_holds_key=team_holds_key)
    _write(letter, draft)
    letter.revision += 1
    session.flush()
    _write_parts(session, letter.id, draft)
    return letter


def open_letter(letter: LetterRow, keyring: Keyring, now: datetime, *, team_holds_key: bool = False) -> LetterState:
    """Open a letter, or schedule it when its time is still to come; makes a draft's own keys.

    Raises `BadPublicKey` without a usable key, `CustodyUnavailable`, or `WrongState`. Later the keys are never made
    anew: under another dedupe key an address could sign twice.
    """
    paused = letter.state == LetterState.PAUSED.value  # its signers sealed to a key that somebody holds
    _check_sealing(letter.custody, letter.public_key, team_holds_key=team_holds_key or paused)
    first, unopened = letter.state == LetterState.DRAFT.value, letter.state in _UNOPENED
    if unopened and letter.closes_at is not None and letter.closes_at <= now:
        raise WrongState(f"The closing time of {letter.slug} has passed; put a later `closes` into letter.toml.")
    if unopened and letter.opens_at is not None and letter.opens_at > now:
        enter_state(letter, LetterState.SCHEDULED, now)
    else:
        move(letter, LetterState.OPEN, now)
    if first:
        keyring.create_dedupe(letter.slug)
        keyring.create_identities(letter.slug)
    return LetterState(letter.state)


def move(letter: LetterRow, state: LetterState, now: datetime) -> None:
    """Change a letter's state, from the one that the clock has brought. Raises `WrongState`."""
    advance_state(letter, now)
    if letter.state == state.value:
        return
    if LetterState(letter.state) not in _MOVES.get(state, set()):
        raise WrongState(f"The letter {letter.slug} is {letter.state}; it cannot become {state.value}.")
    enter_state(letter, state, now)


def _stored(session: Session, slug: str, now: datetime) -> LetterRow | None:
    """The letter of that name in the state that the clock has brought, before another schedule hides that it has."""
    letter = session.scalar(select(LetterRow).where(LetterRow.slug == slug).with_for_update())
    if letter is not None:
        advance_state(letter, now)
    return letter


def _is_signed(session: Session, letter: LetterRow) -> bool:
    """Whether somebody signed; after the clock was set back a scheduled letter may have been open."""
    return session.scalar(select(exists().where(SignatureRow.letter_id == letter.id))) or False


def _check_still_opens(letter: LetterRow, draft: Draft, *, team_holds_key: bool) -> None:
    if draft.opens_at is None:
        raise NoOpeningTime(
            f"The letter {draft.slug} is scheduled, so it needs `opens` in letter.toml; to open it now, put a moment "
            "that has passed."
        )
    same_key = (letter.custody, letter.public_key) == (draft.custody, draft.public_key)
    _check_sealing(draft.custody, draft.public_key, team_holds_key=team_holds_key or same_key)


def _check_sealing(custody: str, public_key: str, *, team_holds_key: bool) -> None:
    if custody == "team" and not team_holds_key:
        raise CustodyUnavailable(
            'A letter with custody "team" is written and opened in the workspace, where its team gets the key. '
            'Here use custody = "offline" with a key from `undersigned keys new FILE`.'
        )
    check_public_key(public_key)


def _check_corrections(session: Session, letter: LetterRow, draft: Draft) -> None:
    """What readers were told stays told: corrections are only ever added."""
    told = select(CorrectionRow).where(CorrectionRow.letter_id == letter.id).order_by(CorrectionRow.position)
    stored = [Correction(row.dated, row.text) for row in session.scalars(told)]
    if list(draft.corrections[: len(stored)]) != stored:
        raise LetterFrozen(
            f"The corrections of the letter {draft.slug} that readers have seen cannot change. "
            "Put them back in front, as they were, and add another below."
        )


def _check_burned(letter: LetterRow, draft: Draft) -> None:
    """Names that were destroyed do not come back by accident."""
    if letter.burned_on is not None and draft.first_signatories:
        raise LetterFrozen(f"The letter {draft.slug} was burned. Take [[first_signatories]] out of its letter.toml.")


def _check_frozen(letter: LetterRow, draft: Draft) -> None:
    rules = (
        (letter.text_hash, draft.text_hash, "text, languages, addressee or key"),
        (letter.displays, [display.value for display in draft.displays], "display"),
        (letter.countries, list(draft.countries), "countries"),
        (letter.professions, draft.professions, "professions"),
        (letter.opens_at, draft.opens_at, "opening time"),
        (letter.custody, draft.custody, "custody"),
        (
            (letter.edition_every, letter.edition_at_least),
            (int(draft.rule.every.total_seconds()), draft.rule.at_least),
            "edition",
        ),
        (policy_of(letter), draft.policy, "figures"),
        (letter.organisers, list(draft.organisers), "organisers"),
    )
    for stored, wanted, what in rules:
        _check_same(draft, stored, wanted, what)
    promised = identities_until(letter.identities_until, letter.closed_on, letter.closes_at)
    wanted_until = identities_until(draft.identities_until, letter.closed_on, draft.closes_at)
    if promised is not None and (wanted_until is None or wanted_until > promised):
        raise LetterFrozen(
            f"Signers of {draft.slug} were promised that their sealed identities are deleted after {promised}. "
            "Put that day, or an earlier one, into `identities_until`."
        )


def _check_pact(session: Session, letter: LetterRow, draft: Draft) -> None:
    """For how many somebody's name waits is a promise."""
    pact = read_pact(session, letter.id)
    _check_same(draft, pact.needed if pact else None, draft.pact, "pact")


def _check_same(draft: Draft, stored: object, wanted: object, what: str) -> None:
    if stored != wanted:
        raise LetterFrozen(
            f"The letter {draft.slug} has opened and people signed it as it stands, so its {what} cannot change. "
            "Put the old files back and add a dated [[corrections]] to letter.toml; it is shown under the letter."
        )


def _write(letter: LetterRow, draft: Draft) -> None:
    letter.languages, letter.addressee = list(draft.languages), dict(draft.addressee)
    letter.responsible, letter.countries = dict(draft.responsible), list(draft.countries)
    letter.professions, letter.goal = draft.professions, draft.goal
    letter.opens_at, letter.closes_at = draft.opens_at, draft.closes_at
    letter.custody, letter.public_key = draft.custody, draft.public_key
    letter.displays = [display.value for display in draft.displays]
    letter.edition_every, letter.edition_at_least = int(draft.rule.every.total_seconds()), draft.rule.at_least
    letter.figures_threshold, letter.figures_step = draft.policy.threshold, draft.policy.step
    letter.figures_moves_after, letter.figures_hides_below = draft.policy.moves_after, draft.policy.hides_below
    letter.organisers, letter.identities_until = list(draft.organisers), draft.identities_until
    letter.text_hash, letter.delivered_on = draft.text_hash, draft.delivered_on
    letter.answer = dict(draft.answer) if draft.answer else None


def _write_parts(session: Session, letter_id: int, draft: Draft) -> None:
    for table in (LetterTextRow, FirstSignatoryRow, CorrectionRow):
        session.execute(delete(table).where(table.letter_id == letter_id))
    _write_pact(session, letter_id, draft.pact)
    for language, text in draft.texts.items():
        session.add(
            LetterTextRow(
                letter_id=letter_id, language=language, title=text.title, body=text.body, privacy=text.privacy
            )
        )
    for position, person in enumerate(draft.first_signatories):
        session.add(
            FirstSignatoryRow(letter_id=letter_id, position=position, name=dict(person.name), title=dict(person.title))
        )
    for position, correction in enumerate(draft.corrections):
        session.add(
            CorrectionRow(letter_id=letter_id, position=position, dated=correction.dated, text=dict(correction.text))
        )
    session.flush()


def _write_pact(session: Session, letter_id: int, needed: int | None) -> None:
    """Nothing is written of one that readers have seen: it is the same."""
    pact = session.get(PactRow, letter_id)
    if needed is None:
        session.execute(delete(PactRow).where(PactRow.letter_id == letter_id))
    elif pact is None:
        session.add(PactRow(letter_id=letter_id, needed=needed, lapsed=False))
    else:
        pact.needed = needed
