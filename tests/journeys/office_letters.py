"""The letters of the office: one with everything that can be seen of a letter, and one in each other state."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow, BatchState, DomainRuleRow, Reason
from letters.models.downloads import DownloadRow
from letters.models.letters import LetterState
from letters.models.samples import SampleRow
from letters.models.signatures import SignatureRow, SignatureState, Suspicion
from letters.models.standing import InstitutionRow, UnverifiedRow
from letters.models.updates import UpdateRow, UpdateState
from letters.organising.defending.filters import Filter
from letters.organising.loading import move
from letters.organising.lockdown import lock
from letters.organising.releasing import tend_letters
from letters.organising.takedown import take_down
from letters.publishing.editions import lock_letter
from tests.journeys.office import Office
from tests.journeys.showcase import ANSWER, INSTITUTIONS
from tests.letters.organising.drafting.writers import opened
from tests.letters.organising.updating.subscribing import handle_of, subscribe
from tests.letters.publishing.crowd import Crowd
from tests.parts.campaign import Campaign
from verification.identity.keypairs import new_key_pair
from verification.mailbox.outbox import OutboxRow
from verification.mailbox.tokens import Purpose

BUSY, FIRST, DONE = "busy", "first", "done"
RULES: dict[str, Any] = {"edition": {"every": "1m", "at_least": 1}, "figures": {"threshold": 3, "step": 3}}
TEXTS = {language: {"subject": "", "body": ANSWER[language]} for language in ("ru", "be", "en")}
ALONE = (BatchState.DONE, BatchState.DROPPED)


def write_letters(office: Office) -> None:
    """Open them, let people sign, and let time pass between."""
    _complete(office)
    office.people["owner"].sign_in()
    for slug in (FIRST, "paused", "closed", "archived", "locked", "down"):
        _open(office, slug)
    office.people["owner"].campaign(office.mail_server, custody="offline")
    _busy(office)
    _move(office)


def _open(office: Office, slug: str, **toml: Any) -> Crowd:
    opened(office.people["owner"], slug, **{**RULES, **toml})
    return Crowd(office.runtime, slug)


def _complete(office: Office) -> None:
    """A letter with its last edition of all."""
    crowd = _open(office, DONE)
    crowd.join(1)
    crowd.enter(LetterState.CLOSED)
    office.clock.advance(days=40)
    tend_letters(office.runtime)


def _busy(office: Office) -> None:
    crowd = _open(office, BUSY, goal=5000)
    _people(office, crowd)
    _suspects(crowd)
    _mails(office, crowd)
    owner, editor = (office.people[who].account_id for who in ("owner", "editor"))

    def verb(session: Session) -> None:
        letter = lock_letter(session, BUSY)
        session.add_all(_batches(letter.id, owner, editor))
        session.add_all(_updates(office, letter.id))
        session.add_all(_downloads(office, letter.id, owner))
        session.add_all(_told(office, letter.id))
        session.add_all(_samples(office, letter.id, _willing(session, letter.id)))
        session.add(DomainRuleRow(letter_id=letter.id, domain="fakes.example"))
        letter.revision += 1

    office.runtime.settle(verb)


def _people(office: Office, crowd: Crowd) -> None:
    """Two editions, and what has come and gone since."""
    first = crowd.join_many(range(1, 8), display="pseudonym")
    crowd.join_many(range(8, 12), profession="surgeon", region="BY-HM", display="named")
    crowd.join(12, profession="paramedic", region="BY-BR")
    crowd.release()
    office.clock.advance(minutes=2)
    crowd.withdraw(first[0])
    crowd.void(first[1])
    crowd.join_many(range(13, 16))
    crowd.release()
    office.clock.advance(minutes=2)
    crowd.withdraw(first[2])
    crowd.void(first[3])
    crowd.join_many(range(16, 70), profession="midwife")
    campaign = Campaign(office.runtime, office.app, office.mail_server, BUSY, new_key_pair())
    subscribe(campaign, *range(200, 212), language="ru")
    (signature,) = subscribe(campaign, 212)
    handle = handle_of(office.runtime, signature)
    assert handle is not None
    for name, held in (("subscribed", handle), ("unsubscribed", bytes(16))):
        office.links[name] = f"/unsubscribe/{office.runtime.tokens.mint(Purpose.UNSUBSCRIBE, held)}"


def _suspects(crowd: Crowd) -> None:
    """Held for each reason, and one voided by a batch."""
    for number, suspicion in enumerate(Suspicion, 100):
        held = update(SignatureRow).where(SignatureRow.id == crowd.join(number).signature)
        crowd.tamper(held.values(state=SignatureState.HELD.value, held_for=suspicion.value))
    voided = update(SignatureRow).where(SignatureRow.id == crowd.join(110).signature)
    crowd.tamper(voided.values(state=SignatureState.VOIDED.value, batch=3))


def _mails(office: Office, crowd: Crowd) -> None:
    """One that waits, one that is put off, one that is tried again, one that is given up."""
    later = office.clock() + timedelta(hours=1)
    troubles: list[dict[str, Any]] = [
        {},
        {"due_at": later},
        {"due_at": later, "failures": 2, "last_failure": "ConnectionRefusedError"},
        {"state": "dead", "due_at": None, "failures": 9, "last_failure": "recipient refused: 550 5.1.1"},
    ]
    for number, values in enumerate(troubles, 300):
        mail = update(OutboxRow).where(OutboxRow.subject == crowd.sign(number).signature)
        if values:
            crowd.tamper(mail.values(**values))


def _batches(letter_id: int, owner: bytes, editor: bytes) -> list[BatchRow]:
    """One in each state, and one that the other organiser has proposed."""
    rule = Filter(state=SignatureState.HELD, held_for=Suspicion.BURST).as_rule()
    known: dict[str, Any] = {"letter_id": letter_id, "reason": Reason.BURST.value, "rule": rule, "count": 40}
    batches = [
        BatchRow(
            **known,
            number=number,
            state=state.value,
            done=0 if state in (BatchState.PROPOSED, BatchState.DROPPED, BatchState.UNDONE) else 25,
            account_id=owner,
            approved_by=None if state in (BatchState.PROPOSED, *ALONE) else editor,
        )
        for number, state in enumerate(BatchState, 1)
    ]
    theirs = BatchRow(**known, number=len(batches) + 1, state=BatchState.PROPOSED.value, done=0, account_id=editor)
    return [*batches, theirs]


def _updates(office: Office, letter_id: int) -> list[UpdateRow]:
    """An empty draft, a written one, and one in each other state."""
    known: dict[str, Any] = {"letter_id": letter_id, "version": 2, "texts": TEXTS}
    sent: dict[str, Any] = {**known, "sent_on": office.clock().date(), "queued": 9}
    return [
        UpdateRow(**{**known, "texts": {}}, number=1, state=UpdateState.DRAFT.value),
        UpdateRow(**known, number=2, state=UpdateState.DRAFT.value),
        UpdateRow(**sent, number=3, state=UpdateState.SENDING.value),
        UpdateRow(**sent, number=4, state=UpdateState.STOPPED.value),
        UpdateRow(**sent, number=5, state=UpdateState.SENT.value, bounced=2),
    ]


def _downloads(office: Office, letter_id: int, owner: bytes) -> list[DownloadRow]:
    """One that runs, one that is whole, one that broke off."""
    now = office.clock()
    known: dict[str, Any] = {"letter_id": letter_id, "account_id": owner, "total": 80, "expires_on": now.date()}
    return [
        DownloadRow(**known, id=b"1" * 16, form="csv", done=30, damaged=1, moved_at=now),
        DownloadRow(**known, id=b"2" * 16, form="sealed", done=80, damaged=2, finished=True),
        DownloadRow(**known, id=b"3" * 16, form="xlsx", done=12),
    ]


def _willing(session: Session, letter_id: int) -> list[bytes]:
    """The ids of counted signers who may be asked, all of them."""
    counted = SignatureRow.letter_id == letter_id, SignatureRow.log_secret.is_not(None)
    agreed = update(SignatureRow).where(*counted, SignatureRow.state == SignatureState.CONFIRMED.value)
    return list(session.scalars(agreed.values(press=True).returning(SignatureRow.id)))


def _samples(office: Office, letter_id: int, drawn_ids: list[bytes]) -> list[SampleRow]:
    """One that waits for a typed beacon, one for a witness, one that is drawn, one reported, one given up."""
    today = office.clock().date()
    known: dict[str, Any] = {
        "letter_id": letter_id, "journalist": "Vera Example", "outlet": "Example Weekly", "size": 80, "wanted": 20,
        "candidates": 31, "frame_hash": bytes(range(32)), "source": "Example lottery of Saturday, main numbers",
        "announced_on": today,
    }  # fmt: skip
    drawn = {**known, "beacon": "3 14 15 92 65", "drawn_on": today, "found": 19}
    return [
        SampleRow(**known, number=1, state="announced", frame=bytes(32 * 31)),
        SampleRow(
            **{**known, "source": ""}, number=2, state="announced", frame=bytes(32 * 31), witness="w.example.org"
        ),
        SampleRow(**drawn, number=3, state="drawn", frame=bytes(32 * 31), drawn=b"".join(drawn_ids)),
        SampleRow(**drawn, number=4, state="reported", confirmed=18, ended_on=today),
        SampleRow(**known, number=5, state="dropped", ended_on=today),
    ]


def _told(office: Office, letter_id: int) -> list[InstitutionRow | UnverifiedRow]:
    """Two pages of institutions, and signatures gathered elsewhere."""
    institutions = [
        InstitutionRow(letter_id=letter_id, domain=domain, name=name, region=region)
        for domain, name, region in INSTITUTIONS
    ]
    reports = [
        UnverifiedRow(
            letter_id=letter_id, position=position, gathered=gathered, count=312, reported_on=office.clock().date()
        )
        for position, gathered in enumerate(("paper", "earlier"), 1)
    ]
    return [*institutions, *reports]


def _move(office: Office) -> None:
    """Bring each of the others into its state."""
    now, token = office.clock(), office.runtime.chance.token

    def verb(session: Session) -> None:
        for slug in ("paused", "closed", "archived"):
            move(lock_letter(session, slug), LetterState.PAUSED if slug == "paused" else LetterState.CLOSED, now)
        move(lock_letter(session, "archived"), LetterState.ARCHIVED, now)
        lock(lock_letter(session, "locked"), now.date(), token, for_good=True)
        take_down(lock_letter(session, "down"), "It names private people and their addresses.", now.date())
        first = lock_letter(session, FIRST)
        session.add(InstitutionRow(letter_id=first.id, domain="ward.example.org", name="Example Ward", region=None))
        session.add(UpdateRow(letter_id=first.id, number=1, state=UpdateState.DRAFT.value, version=1, texts=TEXTS))

    office.runtime.settle(verb)
