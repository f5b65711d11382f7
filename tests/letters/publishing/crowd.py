"""A letter and its people without pages or mail: each verb here is the one that a page or a command calls."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from letters.models.editions import EntryRow
from letters.models.finding import find_letter
from letters.models.letters import LetterRow, LetterState
from letters.models.signatures import Display, SignatureRow
from letters.models.values import Edition, EditionRule, FigurePolicy, Letter
from letters.organising.loading import load, move, open_letter
from letters.organising.releasing import release_letter, scheme_of, tend_letters
from letters.publishing.editions import lock_letter
from letters.publishing.entries import public_name
from letters.publishing.recount import recount
from letters.runtime import Runtime
from letters.signing.confirming import confirm
from letters.signing.form import Filled
from letters.signing.managing import Wish, change, lasting_challenge, withdraw
from letters.signing.pending import submit
from tests.parts.campaign import demo_draft
from verification.identity.addresses import parse_address
from verification.identity.dedupe import address_index
from verification.mailbox.challenges import Kind, Outcome, challenge_about, open_challenge


@dataclass(frozen=True)
class Signer:
    """Somebody who signed: their row, and the challenges behind their two links (`private` once they confirmed)."""

    signature: bytes
    challenge: bytes
    private: bytes = b""


@dataclass(frozen=True)
class Printed:
    """One line of the public list."""

    signature_id: bytes
    edition: int
    position: int
    name: str | None
    pseudonym: int | None
    profession: str | None
    region: str | None
    leaving: bool

    @classmethod
    def of(cls, row: EntryRow, names_key: bytes) -> "Printed":
        name = public_name(names_key, row.name_box, row.signature_id) if row.name_box else None
        shown = row.pseudonym, row.profession, row.region
        return cls(row.signature_id, row.edition, row.position, name, *shown, row.leaving)


def seen_as(display: str) -> tuple[Display, bool]:
    """What the form keeps of a choice, "pact" among them."""
    return (Display.NAMED, True) if display == "pact" else (Display(display), False)


@dataclass
class Crowd:
    """The people of one open letter."""

    runtime: Runtime
    slug: str

    @property
    def letter(self) -> Letter:
        with self.runtime.reading() as session:
            return find_letter(session, self.slug)

    def sign(
        self,
        number: int,
        display: str = "counted",
        profession: str = "nurse",
        region: str = "BY-MI",
        name: str | None = None,
    ) -> Signer:
        """Fill in the form as the person of that number, and get a link."""
        runtime, letter = self.runtime, self.letter
        address = parse_address(f"signer{number}@example.org")
        index = address_index(runtime.keyring.dedupe(self.slug), address.canonical)
        called = name or f"Signer Example {number}"
        appears, pact = seen_as(display)
        filled = Filled(called, address, profession, region, "", appears, updates=False, pact=pact)

        def verb(session: Session) -> Signer:
            submit(session, letter, filled, "en", runtime.keyring, runtime.clock(), runtime.chance.token)
            waits = SignatureRow.letter_id == letter.id, SignatureRow.address_index == index
            pending = SignatureRow.state == "pending"
            signature = session.scalars(select(SignatureRow.id).where(*waits, pending)).one()
            challenge = runtime.chance.token(16)
            open_challenge(session, challenge, Kind.CONFIRM, signature, runtime.clock().date() + timedelta(days=7))
            return Signer(signature, challenge)

        return runtime.settle(verb)

    def confirm(self, signer: Signer) -> Signer:
        """Press the button behind the link."""
        runtime = self.runtime

        def verb(session: Session) -> Signer:
            outcome = confirm(session, signer.challenge, runtime.clock(), runtime.chance)
            private = challenge_about(session, Kind.MANAGE, signer.signature)
            assert outcome is Outcome.CONFIRMED
            assert private is not None
            return Signer(signer.signature, signer.challenge, private.id)

        return runtime.settle(verb)

    def join(self, number: int = 1, **chosen: Any) -> Signer:
        """Sign and confirm."""
        return self.confirm(self.sign(number, **chosen))

    def join_many(self, numbers: range, **chosen: Any) -> list[Signer]:
        return [self.join(number, **chosen) for number in numbers]

    def change(
        self,
        signer: Signer,
        display: str = "counted",
        profession: str = "nurse",
        region: str = "BY-MI",
        name: str | None = None,
    ) -> None:
        appears, pact = seen_as(display)
        runtime, wish = self.runtime, Wish(appears, profession, region, name, pact)
        runtime.settle(lambda session: change(session, signer.signature, wish, runtime.keyring, runtime.chance))

    def withdraw(self, signer: Signer) -> None:
        self.runtime.settle(lambda session: withdraw(session, lasting_challenge(session, signer.private)))

    def hold(self, signer: Signer) -> None:
        """As an organiser who has to look at a signature first."""
        held = update(SignatureRow).where(SignatureRow.id == signer.signature)
        self.tamper(held.values(state="held", held_for="burst"))

    def let_go(self, signer: Signer) -> None:
        """As an organiser who has looked."""
        accepted = update(SignatureRow).where(SignatureRow.id == signer.signature)
        self.tamper(accepted.values(state="confirmed", held_for=None))

    def void(self, signer: Signer) -> None:
        """As an organiser who throws a fake out."""
        about = SignatureRow.id == signer.signature
        voided = {"state": "voided", "news": True, "name_box": None, "display": "counted", "held_for": None}
        voided["pact"] = False
        self.tamper(
            update(SignatureRow).where(about).values(**voided),
            update(EntryRow).where(EntryRow.signature_id == signer.signature).values(leaving=True),
        )

    def release(self, *, at_once: bool = True) -> Edition:
        return release_letter(self.runtime, self.slug, at_once=at_once)

    def tend(self) -> None:
        """Let a worker look at the letters once."""
        tend_letters(self.runtime)

    def enter(self, state: LetterState) -> None:
        """Move the letter, as `undersigned letter close` does."""
        runtime = self.runtime
        runtime.settle(lambda session: move(lock_letter(session, self.slug), state, runtime.clock()))

    def row(self, signer: Signer) -> SignatureRow:
        with self.runtime.reading() as session:
            return session.scalars(select(SignatureRow).where(SignatureRow.id == signer.signature)).one()

    def entries(self) -> list[Printed]:
        """What the public list prints, in its order, what is about to leave included."""
        order, key = (EntryRow.edition, EntryRow.position), self.runtime.keyring.server("names")
        with self.runtime.reading() as session:
            return [Printed.of(row, key) for row in session.scalars(select(EntryRow).order_by(*order))]

    def names(self) -> list[str]:
        """The names in the public list."""
        return [entry.name for entry in self.entries() if entry.name]

    def recount(self) -> list[str]:
        with self.runtime.reading() as session:
            letter = session.scalars(select(LetterRow).where(LetterRow.slug == self.slug)).one()
            return recount(session, letter, scheme_of(letter, ()))

    def tamper(self, *statements: Any) -> None:
        """Write past every verb."""

        def verb(session: Session) -> None:
            for statement in statements:
                session.execute(statement)

        self.runtime.settle(verb)


def open_crowd(
    runtime: Runtime,
    *,
    threshold: int = 1,
    every: timedelta = timedelta(minutes=1),
    at_least: int = 1,
    demo: str = "stop-the-violence",
    **changes: Any,
) -> Crowd:
    """Open a demo letter, the Belarusian one, with these rules; keywords replace other fields of its draft."""
    draft, _pair = demo_draft(
        demo,
        rule=EditionRule(every, at_least),
        policy=FigurePolicy.usual(threshold, threshold),
        displays=tuple(Display),
        **changes,
    )

    def verb(session: Session) -> None:
        open_letter(load(session, draft, (), runtime.clock()), runtime.keyring, runtime.clock())

    runtime.settle(verb)
    return Crowd(runtime, draft.slug)
