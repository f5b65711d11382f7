"""A letter whose signers agreed to be asked, and the organiser who lets a journalist ask them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.letters import LetterRow
from letters.models.log import CosignatureRow
from letters.models.samples import SampleRow
from letters.models.signatures import Display, SignatureRow
from letters.organising.sampling.announcing import Plan, announce
from letters.organising.sampling.drawing import choose, draw
from letters.organising.sampling.frames import Frame, frame_of
from letters.organising.teams.trail import Doing
from letters.signing.agreeing import disagree
from letters.signing.confirming import confirm
from letters.signing.form import Filled
from letters.signing.pending import submit
from tests.letters.organising.defending.watch import Watch
from tests.letters.publishing.crowd import Crowd, Signer
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer
from verification.identity.addresses import parse_address
from verification.identity.dedupe import address_index
from verification.identity.keypairs import KeyPair
from verification.mailbox.challenges import Kind, Outcome, challenge_about, open_challenge

PLAN = Plan("Vera Example", "Example Weekly", 5, "Example lottery of Saturday", None)
WITNESS = "witness.example.org"


@dataclass
class Desk(Watch):
    """The letter, its organiser, and the verbs of a sample, called past the pages."""

    pair: KeyPair
    signers: list[Signer] = field(default_factory=list)
    """Those who agreed first."""

    @property
    def doing(self) -> Doing:
        letter, runtime = self.crowd.letter, self.runtime
        return Doing(self.organiser.team_id, self.organiser.account_id, runtime.clock(), letter.id)

    def willing(self, numbers: range, name: str = "Signer Example {}") -> list[Signer]:
        """People who sign, agree to be asked, and confirm; the next edition counts them."""
        letter, runtime = self.crowd.letter, self.runtime
        dedupe_key, now = runtime.keyring.dedupe(self.slug), runtime.clock()

        def come(session: Session, number: int) -> Signer:
            address = parse_address(f"signer{number}@example.org")
            filled = Filled(
                name.format(number), address, "nurse", "BY-MI", "", Display.COUNTED, updates=False, press=True
            )
            submit(session, letter, filled, "en", runtime.keyring, now, runtime.chance.token)
            index = address_index(dedupe_key, address.canonical)
            signature = session.scalars(select(SignatureRow.id).where(SignatureRow.address_index == index)).one()
            challenge = runtime.chance.token(16)
            open_challenge(session, challenge, Kind.CONFIRM, signature, now.date() + timedelta(days=7))
            assert confirm(session, challenge, now, runtime.chance) is Outcome.CONFIRMED
            private = challenge_about(session, Kind.MANAGE, signature)
            assert private is not None
            return Signer(signature, challenge, private.id)

        signers = runtime.settle(lambda session: [come(session, number) for number in numbers])
        self.signers = self.signers or signers
        return signers

    def refuse(self, signer: Signer) -> None:
        """Somebody agrees no longer."""
        self.runtime.settle(lambda session: disagree(session, signer.signature))

    def release(self) -> None:
        """An edition with everything that waits, and its head signed."""
        clock = self.runtime.clock
        assert isinstance(clock, Clock)
        clock.now += timedelta(minutes=2)
        self.crowd.release()

    def frame(self) -> Frame:
        with self.runtime.reading() as session:
            return frame_of(session, find_letter(session, self.slug), self.runtime.keyring)

    def announce(self, plan: Plan = PLAN) -> int:
        frame, doing = self.frame(), self.doing
        return self.runtime.settle(lambda session: announce(session, doing, self.slug, plan, frame))

    def draw(self, number: int = 1, beacon: str = "3 14 15 92 65") -> None:
        with self.runtime.reading() as session:
            chosen = choose(session, find_letter(session, self.slug), self.runtime.keyring, number, beacon)
        doing = self.doing
        self.runtime.settle(lambda session: draw(session, doing, self.slug, number, chosen))

    def sample(self, number: int = 1) -> SampleRow:
        with self.runtime.reading() as session:
            ours = SampleRow.letter_id == self.crowd.letter.id, SampleRow.number == number
            return session.scalars(select(SampleRow).where(*ours)).one()

    def rows(self) -> Sequence[SignatureRow]:
        """All the letter's signatures."""
        with self.runtime.reading() as session:
            return session.scalars(select(SignatureRow).where(SignatureRow.letter_id == self.crowd.letter.id)).all()

    def cosign(self, line: str = f"\u2014 {WITNESS} AAAA") -> None:
        """A witness cosigns the newest head."""
        letter, now = self.crowd.letter, self.runtime.clock()
        assert letter.head is not None
        known = {"letter_id": letter.id, "size": letter.head.size, "witness": WITNESS}
        self.crowd.tamper(insert(CosignatureRow).values(**known, cosigned_at=now, line=line))

    def letter_row(self, **values: Any) -> None:
        """Write into the letter's row, past every verb."""

        self.crowd.tamper(update(LetterRow).where(LetterRow.slug == self.slug).values(**values))


def sample_desk(organiser: Organiser, mail_server: MailServer, **changes: Any) -> Desk:
    """An organiser's letter; keywords are those of `Organiser.campaign`."""
    campaign = organiser.campaign(mail_server, **changes)
    return Desk(organiser, Crowd(organiser.runtime, campaign.slug), campaign.pair)
