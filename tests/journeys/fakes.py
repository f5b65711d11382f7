"""Hundreds of made-up signers at once: each row as a form and a pressed button would have left it, without the mail."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.signatures import Display, SignatureRow, SignatureState, Suspicion
from letters.models.values import Letter
from letters.runtime import Runtime
from letters.signing.confirming import confirm
from letters.signing.form import Filled
from letters.signing.pending import submit
from verification.identity.addresses import parse_address
from verification.mailbox.challenges import Kind, open_challenge
from verification.mailbox.outbox import OutboxRow

PROFESSION, REGION = "surgeon", "BY-HR"


def flood(runtime: Runtime, slug: str, numbers: range, suspicion: Suspicion | None = None) -> None:
    """Let fakes of these numbers sign and confirm; with a suspicion they are held."""

    def verb(session: Session) -> None:
        letter = find_letter(session, slug)
        for number in numbers:
            _submit(session, runtime, letter, number, suspicion)
        _confirm_all(session, runtime, letter)

    runtime.settle(verb)


def _submit(session: Session, runtime: Runtime, letter: Letter, number: int, suspicion: Suspicion | None) -> None:
    address = parse_address(f"fake{number}@example.net")
    filled = Filled(
        f"Fake Example {number}", address, PROFESSION, REGION, "", Display.NAMED, updates=False, suspicion=suspicion
    )
    submit(session, letter, filled, "en", runtime.keyring, runtime.clock(), runtime.chance.token)


def _confirm_all(session: Session, runtime: Runtime, letter: Letter) -> None:
    pending = SignatureRow.state == SignatureState.PENDING.value, SignatureRow.profession == PROFESSION
    ids = session.scalars(select(SignatureRow.id).where(SignatureRow.letter_id == letter.id, *pending)).all()
    session.execute(delete(OutboxRow).where(OutboxRow.subject.in_(ids)))
    for id in ids:
        challenge = runtime.chance.token(16)
        open_challenge(session, challenge, Kind.CONFIRM, id, runtime.clock().date())
        confirm(session, challenge, runtime.clock(), runtime.chance)
