"""One installation in which every page can be found in every state that it has, and an empty one."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from letters.models.editions import EditionRow
from letters.models.heads import head_at
from letters.models.letters import LetterRow, LetterState
from letters.models.log import CosignatureRow
from letters.models.signatures import Display, SignatureRow, SignatureState
from letters.models.standing import InstitutionRow, UnverifiedRow
from letters.models.values import Correction, EditionRule, FigurePolicy
from letters.organising.addressing.mirrors import put_mirrors
from letters.organising.addressing.signing import sign_list
from letters.organising.burning import burn
from letters.organising.loading import load, move, open_letter
from letters.organising.lockdown import lock
from letters.organising.moderation import Selection, accept, void
from letters.organising.releasing import tend_letters
from letters.organising.takedown import take_down
from letters.publishing.editions import lock_letter
from letters.publishing.pacts import lapse
from letters.runtime import Runtime
from letters.vocabularies.languages import LANGUAGES
from tests.parts.campaign import Campaign, demo_draft
from tests.parts.clock import Clock
from tests.parts.smtp import MailServer
from verification.access.throttling import FREE
from verification.ledger.cosignatures import cosign
from verification.ledger.notes import Note
from verification.mailbox.delivery import FolderTransport
from verification.mailbox.messages import Mail

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
FULL, QUIET = "stop-the-violence", "nobody-yet"
PRIVATE = re.compile(r"/signature/[\w.-]+")
PEOPLE = (("nurse", "BY-MI"), ("surgeon", "BY-HM"), ("paramedic", "BY-BR"), ("midwife", "BY-HM"), ("nurse", "BY-HM"))
ANSWER = {
    "ru": "Министерство получило письмо. Ответ по каждому пункту будет дан до 1 декабря.",
    "be": "Міністэрства атрымала ліст. Адказ на кожны пункт будзе дадзены да 1 снежня.",
    "uk": "Міністерство отримало лист. Відповідь на кожен пункт буде надано до 1 грудня.",
    "en": "The Ministry has received the letter. It will answer each point by 1 December.",
    "pl": "Ministerstwo otrzymało list. Na każdy punkt odpowie do 1 grudnia.",
    "de": "Das Ministerium hat den Brief erhalten. Es antwortet auf jeden Punkt bis zum 1. Dezember.",
    "ar": "تلقّت الوزارة الرسالة، وستردّ على كل بند حتى 1 ديسمبر.",
}
INSTITUTIONS = (
    ("ward.example.org", "Республиканская клиническая больница имени Примера (вымышленная)", "BY-HM"),
    *((f"clinic{number}.example.org", f"Поликлиника-пример № {number}", None) for number in range(1, 110)),
)
WITNESSES = ("newsroom.example.org/witness", "department-of-computing.university.example.org/transparency/witness-2026")
CORRECTION = {
    "ru": "В пункте 4 вместо «по запросу» следует читать «по письменному запросу».",
    "be": "У пункце 4 замест «па запыце» трэба чытаць «па пісьмовым запыце».",
    "uk": "У пункті 4 замість «на запит» слід читати «на письмовий запит».",
    "en": "In point 4, for “request” read “written request”.",
    "pl": "W punkcie 4 zamiast „na wniosek” ma być „na pisemny wniosek”.",
    "de": "In Punkt 4 muss es statt „auf Antrag“ heißen: „auf schriftlichen Antrag“.",
    "ar": "في البند 4 يُقرأ «بطلب خطي» بدلًا من «بطلب».",
}


@dataclass
class Showcase:
    """The installation; `links` has the paths that stand for `{name}` in `tests.journeys.views`."""

    runtime: Runtime
    app: Flask
    mail_server: MailServer
    clock: Clock
    links: dict[str, str] = field(default_factory=dict)

    def letter(self, slug: str, **changes: Any) -> Campaign:
        """Load the demo letter in every language under another address, asking Belarusian regions, and open it.

        Keywords replace fields of its draft.
        """
        rules = {
            "rule": EditionRule(timedelta(hours=6), 50),
            "policy": FigurePolicy.usual(3, 3),
            "displays": tuple(Display),
            "countries": ("BY",),
            "languages": tuple(LANGUAGES),
        }
        draft, pair = demo_draft("safe-staffing", **{**rules, **changes})

        def verb(session: Session) -> None:
            texts = {code: draft.texts[code] for code in draft.languages}
            row = load(
                session, replace(draft, slug=slug, texts=texts), self.runtime.settings.vocabularies, self.clock()
            )
            open_letter(row, self.runtime.keyring, self.clock())

        self.runtime.settle(verb)
        return Campaign(self.runtime, self.app, self.mail_server, slug, pair)

    def move(self, slug: str, state: LetterState) -> None:
        """Pause or close a letter."""
        self.runtime.settle(lambda session: move(lock_letter(session, slug), state, self.clock()))

    def do(self, slug: str, deed: Callable[[LetterRow], None]) -> None:
        """Do something to a letter."""
        self.runtime.settle(lambda session: deed(lock_letter(session, slug)))

    def mark(self, slug: str, state: SignatureState) -> None:
        """Let organisers hold or void all signatures of a letter that no edition has counted."""

        def verb(session: Session) -> None:
            letter = select(LetterRow.id).where(LetterRow.slug == slug).scalar_subquery()
            waiting = SignatureRow.edition.is_(None) & (SignatureRow.state == SignatureState.CONFIRMED.value)
            statement = update(SignatureRow).where(SignatureRow.letter_id == letter, waiting)
            held_for = "burst" if state is SignatureState.HELD else None
            session.execute(statement.values(state=state.value, held_for=held_for))

        self.runtime.settle(verb)

    def link(self, campaign: Campaign, number: int, **form: Any) -> str:
        """Sign as a new person and return the mailed link."""
        address = f"signer{number}@example.org"
        assert campaign.sign(**{"name": f"Signer Example {number}", "email": address, **form}).status_code == 303
        campaign.send_mail()
        return campaign.links(address)[-1]


def build(show: Showcase) -> None:
    """Bring every page into every state; time passes from September to December meanwhile."""
    _forgotten(show)
    full = show.letter(FULL)
    show.links["expired"] = show.link(full, 1)
    show.clock.advance(days=20)
    _closed(show)
    _told_by_organisers(show)
    _released(show, full)
    _witnessed(show)
    _listed(show)
    _quiet(show)
    _ended(show, full)
    _protected(show)
    _together(show)
    show.letter("only-in-russian", languages=("ru",))
    show.letter("scheduled", opens_at=show.clock() + timedelta(days=3))
    show.letter("paused", closes_at=show.clock() + timedelta(days=60))
    show.move("paused", LetterState.PAUSED)
    show.links["stale"] = full.confirm(show.link(full, 90, display="pseudonym")).location
    show.clock.advance(minutes=16)
    show.links["fresh"] = full.confirm(show.link(full, 91, display="pseudonym")).location
    burst = show.letter("burst")
    show.links["suspected"] = burst.confirm(show.link(burst, 92, display="pseudonym")).location
    show.mark(burst.slug, SignatureState.HELD)


def _forgotten(show: Showcase) -> None:
    """A letter with its last edition of all, and with decisions of its organisers."""
    old = show.letter("forgotten")
    for number, decide in ((11, _void), (12, _accept)):
        old.join(number)
        show.mark(old.slug, SignatureState.HELD)
        decide(show, old)
    for number in (13, 14):
        old.join(number)
    show.links["final"] = old.join(10)
    old.release()
    show.move(old.slug, LetterState.CLOSED)
    show.clock.advance(days=40)
    tend_letters(show.runtime)


def _accept(show: Showcase, campaign: Campaign) -> None:
    show.runtime.settle(lambda session: accept(session, Selection(campaign.slug), show.clock().date()))


def _void(show: Showcase, campaign: Campaign) -> None:
    reason = "Одноразовый почтовый ящик; такого места работы нет."
    show.runtime.settle(lambda session: void(session, Selection(campaign.slug), reason, show.clock().date()))


def _protected(show: Showcase) -> None:
    """Letters whose names are hidden, destroyed, or that are taken down."""
    runtime, today = show.runtime, show.clock().date()
    reason = "It names private people and their addresses."
    deeds: dict[str, Callable[[LetterRow], None]] = {
        "locked": lambda letter: lock(letter, today, runtime.chance.token, for_good=True),
        "down": lambda letter: take_down(letter, reason, today),
    }
    for number, (slug, deed) in enumerate(deeds.items(), 80):
        letter = show.letter(slug)
        show.links[slug] = letter.join(number, display="named")
        letter.join(number + 10)  # nobody is counted alone
        letter.release()
        show.do(slug, deed)
    burned = show.letter("burned")
    burned.join(82, display="named")
    burned.join(92)
    burned.release()
    burn(runtime, burned.slug, lambda _seconds: None)


def _together(show: Showcase) -> None:
    """Letters whose names wait for one another, are shown, or were erased."""
    waits = show.letter("together", pact=100)
    show.links["waits"] = waits.join(70, display="pact")
    waits.join(71)
    waits.release()
    show.links["would"] = show.link(waits, 72, display="pact")
    for number, (slug, pact) in enumerate((("kept", 2), ("lapsed", 3))):
        letter = show.letter(slug, pact=pact)
        show.links[slug] = letter.join(73 + 2 * number, display="pact")
        letter.join(74 + 2 * number, display="pact")
        letter.release()
    show.move("lapsed", LetterState.CLOSED)
    show.runtime.settle(lambda session: lapse(session, lock_letter(session, "lapsed")))


def _closed(show: Showcase) -> None:
    closed = show.letter(
        "delivered",
        corrections=[Correction(date(2026, 10, 20), CORRECTION)],
        delivered_on=date(2026, 11, 2),
        answer=ANSWER,
    )
    closed.join(20, display="named")
    closed.join(22)
    show.links["late"] = show.link(closed, 21)
    closed.release()
    show.move(closed.slug, LetterState.CLOSED)


def _told_by_organisers(show: Showcase) -> None:
    """Institutions, two pages of them, and signatures gathered elsewhere."""

    def verb(session: Session) -> None:
        letter = lock_letter(session, FULL)
        session.add_all(
            InstitutionRow(letter_id=letter.id, domain=domain, name=name, region=region)
            for domain, name, region in INSTITUTIONS
        )
        for position, (gathered, count) in enumerate((("paper", 312), ("earlier", 1200)), 1):
            values = {"gathered": gathered, "count": count, "reported_on": show.clock().date()}
            session.add(UnverifiedRow(letter_id=letter.id, position=position, **values))
        letter.revision += 1

    show.runtime.settle(verb)


def _released(show: Showcase, full: Campaign) -> None:
    """Two editions: people of each display and some professions, two pages of them; then one comes and one goes."""
    for number, display in enumerate(Display, 30):
        show.links[display.value] = full.join(number, display=display.value)
    for number in range(40, 50):
        profession, region = PEOPLE[number % len(PEOPLE)]
        leaving = full.join(number, profession=profession, region=region, display=list(Display)[number % 3].value)
    crowd = [f"signer{number}@{'ward.' if number % 3 else ''}example.org" for number in range(100, 200)]
    for address in crowd:
        full.sign(email=address, display="pseudonym")
    full.send_mail()
    for address in crowd:
        full.confirm(full.links(address)[0])
    full.release()
    show.clock.advance(hours=6)
    full.join(50)
    full.client.post(leaving, data={"withdraw": "1"})
    full.release()
    show.links["withdrawn"] = leaving


def _witnessed(show: Showcase) -> None:
    """A head that two witnesses cosigned, and an edition from before there were logs."""

    def verb(session: Session) -> None:
        letter, old = lock_letter(session, FULL), lock_letter(session, "forgotten")
        head = head_at(session, letter.id, session.get_one(EditionRow, (letter.id, letter.edition)).log_size)
        text = Note.parse(head.note).text
        for number, witness in enumerate(WITNESSES):
            line = cosign(text, witness, bytes(32), int(show.clock().timestamp()) + number).line
            values = {"witness": witness, "cosigned_at": show.clock() + timedelta(seconds=number), "line": line}
            session.add(CosignatureRow(letter_id=letter.id, size=head.size, **values))
        letter.revision += 1
        session.get_one(EditionRow, (old.id, 1)).log_size = None

    show.runtime.settle(verb)


def _listed(show: Showcase) -> None:
    """Two mirrors, the name of one in other letters than it seems."""
    mirrors = ("https://xn--80ak6aa92e.example/letters", f"http://{'mirror2' * 8}.onion/copy")
    show.runtime.settle(lambda session: put_mirrors(session, lock_letter(session, FULL), mirrors))
    sign_list(show.runtime, FULL)


def _quiet(show: Showcase) -> None:
    quiet = show.letter(QUIET, goal=None)
    for number, state in enumerate((SignatureState.HELD, SignatureState.VOIDED), 60):
        show.links[state.value] = quiet.join(number)
        show.mark(QUIET, state)
    show.links["waiting"] = quiet.join(63, display="pseudonym")


def _ended(show: Showcase, full: Campaign) -> None:
    show.links["confirm"] = show.link(full, 70, display="named")
    show.links["declined"] = show.link(full, 71)
    full.client.post(show.links["declined"], data={"decline": "1"})
    show.links["superseded"], second = show.link(full, 72), show.link(full, 72, profession="doctor")
    full.confirm(second)
    show.links["gone"] = full.confirm(show.link(full, 73)).location
    private = PRIVATE.search(full.client.get(show.links["gone"]).text)[0]
    full.client.post(private, data={"withdraw": "1"})
    show.links["foreign"] = show.links["counted"].replace("/signature/", "/confirm/")


def crowd_in(campaign: Campaign) -> None:
    """Let as many as are free sign from the visitors' network; they fill the trap, so nothing of it is kept."""
    for _ in range(FREE.amount):
        assert campaign.sign(website="x").status_code == 303


def catch(runtime: Runtime) -> None:
    """Put one mail into the folder of a demo."""
    transport = FolderTransport(runtime.settings.mail_folder, runtime.settings.mail_from, lambda: "1")
    body = "Hello,\n\nplease open this link and press the button there:\n\nhttp://127.0.0.1:8000/confirm/example\n"
    transport.send(Mail("vera@example.org", "Please confirm", body, "<1@example.org>", START))


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing of each request."""


class _Whole:
    """Answers at once and closes what it read: the server forgets to where a browser has gone away meanwhile."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with closing(ClosingIterator(self._app(environ, start_response))) as answer:
            return list(answer)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application from a thread of this process; yield its base URL."""
    server = make_server("127.0.0.1", 0, _Whole(app), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
