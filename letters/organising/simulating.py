"""Simulated signers for the demo: sealed, confirmed and released as real ones are, but nobody is mailed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.letters import LetterState
from letters.models.signatures import Display, SignatureRow
from letters.models.values import Letter
from letters.organising.releasing import release_letter
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from letters.signing.confirming import confirm
from letters.signing.form import Filled
from letters.signing.pending import prepare
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import ABROAD, Regions
from verification.database import insert_new, table_of
from verification.errors import Refusal
from verification.identity.addresses import parse_address
from verification.mailbox.challenges import Kind, open_challenge

AT_ONCE = 50
"""Signers of one transaction, so that a server that runs meanwhile is not kept waiting."""

EDITIONS = 5
"""How many editions a simulated crowd comes in."""

_OFTEN = {"nurse": 9, "doctor": 7, "paramedic": 4, "midwife": 2}
"""How many times as often as any other profession."""

_DISPLAYS = (*[Display.COUNTED] * 6, *[Display.PSEUDONYM] * 3, Display.NAMED)


class NotInADemo(Refusal):
    """Simulated signers belong into a demo only."""


@dataclass(frozen=True)
class Making:
    """What signers of one letter are made of."""

    runtime: Runtime
    letter: Letter
    professions: Sequence[str]
    regions: Sequence[str]

    @classmethod
    def of(cls, runtime: Runtime, slug: str) -> Making:
        """Raises `NoSuchLetter`."""
        with runtime.reading() as session:
            letter = find_letter(session, slug)
        folders = runtime.settings.vocabularies
        counted = Professions.load(letter.professions, folders).counted
        professions = [key for key in counted for _ in range(_OFTEN.get(key, 1))]
        regions = [
            code for code in Regions.load(letter.countries, folders).codes for _ in range(1 + 4 * (code != ABROAD))
        ]
        return cls(runtime, letter, professions, regions)

    def signer(self) -> Filled:
        """Somebody who plainly does not exist."""
        below = self.runtime.chance.below
        number = below(1_000_000)
        allowed = [display for display in _DISPLAYS if display in self.letter.displays]
        return Filled(
            name=f"Made-up Signer {number}",
            address=parse_address(f"signer-{self.runtime.chance.token(8).hex()}@example.org"),
            profession=self.professions[below(len(self.professions))],
            region=self.regions[below(len(self.regions))],
            workplace="",
            display=allowed[below(len(allowed))],
            updates=False,
        )

    def join(self, session: Session, crowd: Sequence[Filled]) -> None:
        """Let all of them sign and confirm; no mail is queued."""
        runtime, now = self.runtime, self.runtime.clock()
        language, token = self.letter.languages[0], runtime.chance.token
        new = [prepare(self.letter, filled, language, runtime.keyring, now, token) for filled in crowd]
        insert_new(session, table_of(SignatureRow), [signature.row for signature in new])
        for signature in new:
            challenge, about = token(16), signature.mail.subject
            open_challenge(session, challenge, Kind.CONFIRM, about, now.date())
            confirm(session, challenge, now, runtime.chance)


def taking_signers(runtime: Runtime, slugs: Sequence[str]) -> list[str]:
    """Those of these letters that are open by the clock. Raises `NoSuchLetter`."""
    with runtime.reading() as session:
        letters = [find_letter(session, slug) for slug in slugs]
    now = runtime.clock()
    shown = [letter for letter in letters if letter.taken_down_for is None]
    return [letter.slug for letter in shown if letter.state_at(now) is LetterState.OPEN]


def simulate(runtime: Runtime, slug: str, count: int) -> Iterator[Filled]:
    """Let so many simulated signers join a letter in a few editions; yields each who came.

    Raises `NotInADemo` where there is a mail server, and `NoSuchLetter`.
    """
    if not runtime.settings.demo:
        raise NotInADemo("Simulated signers are for the demo only: this installation has a mail server.")
    making, done = Making.of(runtime, slug), 0
    for edition in range(1, EDITIONS + 1):
        until = count * edition // EDITIONS
        while done < until:
            crowd = [making.signer() for _ in range(min(AT_ONCE, until - done))]
            runtime.settle(partial(making.join, crowd=crowd))
            done += len(crowd)
            yield from crowd
        with suppress(NotDue):
            release_letter(runtime, slug, at_once=True)
