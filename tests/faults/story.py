"""People whose names, addresses and workplaces stand nowhere else, and all that can become of a signature."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.faults.processes import Command, Visitor, await_that, form_of, links_by_address
from tests.parts.campaign import Campaign
from tests.parts.smtp import ACCEPTED
from verification.mailbox.outbox import Backlog, backlog

PRIVATE = re.compile(r"/signature/[\w.-]+")


@dataclass(frozen=True)
class Signer:
    """Somebody whose name, address and workplace stand nowhere else; `fate` tells what becomes of the signature."""

    display: str
    fate: str

    @property
    def name(self) -> str:
        return f"Qzvkomarker Щезвкомаркер {self.display} {self.fate}"

    @property
    def address(self) -> str:
        return f"qzvkomarker-{self.display}-{self.fate}@example.org"

    @property
    def workplace(self) -> str:
        return f"Qzvkomarker Щезвкомаркер clinic {self.fate} {self.display}"

    @property
    def markers(self) -> tuple[str, str, str]:
        return self.name, self.address, self.workplace

    @property
    def fields(self) -> dict[str, str]:
        told = {"name": self.name, "email": self.address, "workplace": self.workplace}
        return {**told, "display": self.display, "updates": "1"}


DISPLAYS = ("counted", "pseudonym", "named")
CONFIRMED = [Signer(display, "confirmed") for display in DISPLAYS]
PENDING = [Signer(display, "pending") for display in DISPLAYS]
DECLINED = Signer("named", "declined")
EARLY = [Signer(display, "withdrawn-early") for display in DISPLAYS]
LATE = [Signer(display, "withdrawn-late") for display in DISPLAYS]
HIDDEN, SHOWN = Signer("named", "hidden"), Signer("counted", "shown")
POSTPONED, DEAD = Signer("named", "postponed"), Signer("named", "undeliverable")
REFUSED, FAILED = Signer("named", "refused"), Signer("named", "failed")
AGAIN, ASKED = Signer("named", "again"), Signer("named", "asked")

CLICKING = [*CONFIRMED, *EARLY, *LATE, HIDDEN, SHOWN]
SIGNING = [*CLICKING, *PENDING, DECLINED, POSTPONED, DEAD]
EVERYBODY = [*SIGNING, REFUSED, FAILED, AGAIN, ASKED]
PUBLIC = {CONFIRMED[2].name, SHOWN.name}
"""The names that stand in the last edition."""
LEFT = {LATE[2].name, HIDDEN.name}
"""The names that an edition printed, and that their signers took away afterwards."""
MARKERS = [marker for who in EVERYBODY for marker in who.markers]


@dataclass(frozen=True)
class Story:
    """What happens to everybody before the machine is taken."""

    campaign: Campaign
    command: Command
    visitor: Visitor
    said: Path
    """Where the output of commands is kept."""

    def happen(self) -> None:
        self.campaign.mail_server.mood.recipient = moody
        form = form_of(self.campaign.runtime.settings.base_url, self.campaign.slug)
        for who in SIGNING:
            assert self.sign({**form, **who.fields}) == 303
        self.fail(form)
        self.await_mail()
        private = {who: self.click(who) for who in CLICKING}
        assert self.visitor.post(self.mailed(DECLINED), {"decline": "1"}).status == 200
        assert self.sign({**form, **AGAIN.fields, "email": CONFIRMED[0].address}) == 303
        self.await_mail()
        assert self.mailed(CONFIRMED[0]).startswith("/signature/")
        self.leave(private, EARLY)
        self.release()
        self.leave(private, LATE)
        assert self.visitor.post(private[HIDDEN], {"display": "counted"}).status == 303
        assert self.visitor.post(private[SHOWN], {"display": "named", "name": SHOWN.name}).status == 303
        self.release()

    def sign(self, fields: Mapping[str, str]) -> int:
        return self.visitor.post(f"/letters/{self.campaign.slug}/sign", fields).status

    def fail(self, form: Mapping[str, str]) -> None:
        """Ask for what is refused, for what is nowhere, and while the letter's key is away."""
        assert self.sign({**form, **REFUSED.fields, "region": "XX"}) == 422
        key = self.campaign.runtime.settings.keys / "dedupe" / f"{self.campaign.slug}.key"
        away = key.rename(key.with_suffix(".away"))
        assert self.sign({**form, **FAILED.fields}) == 500
        away.rename(key)
        name, address, workplace = map(quote, ASKED.markers)
        asked = (f"/letters/{self.campaign.slug}/signatories?q={name}", f"/confirm/{address}", f"/{workplace}")
        assert [self.visitor.get(path).status for path in asked] == [200, 404, 404]

    def await_mail(self) -> None:
        """Return once only those mails are left that the mail server does not take."""
        await_that(lambda: self._backlog() == Backlog(waiting=1, dead=1), 20, lambda: str(self._backlog()))

    def _backlog(self) -> Backlog:
        with self.campaign.runtime.reading() as session:
            return backlog(session)

    def mailed(self, who: Signer) -> str:
        return links_by_address(self.campaign.mail_server.accepted)[who.address][-1]

    def click(self, who: Signer) -> str:
        """Confirm, and return the path of the private link."""
        confirmed = self.visitor.post(self.mailed(who), {})
        thanks = self.visitor.get(urlsplit(confirmed.headers["location"]).path)
        return PRIVATE.findall(thanks.body.decode())[0]

    def leave(self, private: Mapping[Signer, str], leaving: list[Signer]) -> None:
        for who in leaving:
            assert self.visitor.post(private[who], {"withdraw": "1"}).status == 303

    def release(self) -> None:
        done = self.command("editions", "release", self.campaign.slug, "--now")
        assert done.returncode == 0, done.stderr
        with self.said.open("a") as log:
            log.write(done.stdout + done.stderr)


def moody(address: str) -> str:
    """A mail server whose refusals repeat the address, as real ones do."""
    if address == POSTPONED.address:
        return f"451 4.7.1 <{address}> is greylisted"
    if address == DEAD.address:
        return f"550 5.1.1 <{address}> is unknown here"
    return ACCEPTED
