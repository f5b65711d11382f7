"""What an organiser sees and does on the pages about signatures."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from letters.models.signatures import SignatureRow
from letters.models.teams import TrailRow
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, Signer
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

BOX = re.compile(r'name="id" value="([0-9a-f]{32})"')


@dataclass
class Watch:
    """A team's letter, the organiser who looks at it, and the people who sign it."""

    organiser: Organiser
    crowd: Crowd

    @property
    def slug(self) -> str:
        return self.crowd.slug

    @property
    def runtime(self) -> Runtime:
        return self.organiser.runtime

    def path(self, page: str) -> str:
        return f"/workspace/letters/{self.slug}/{page}"

    def get(self, page: str = "signatures", *, who: Organiser | None = None, **query: Any) -> TestResponse:
        return (who or self.organiser).get(self.path(page), **query)

    def post(self, page: str = "signatures", *, who: Organiser | None = None, **form: Any) -> TestResponse:
        return (who or self.organiser).post(self.path(page), **form)

    def states(self) -> list[str]:
        """The states of the letter's signatures, sorted."""
        with self.runtime.reading() as session:
            query = select(SignatureRow.state).where(SignatureRow.letter_id == self.crowd.letter.id)
            return sorted(session.scalars(query))

    def state(self, signer: Signer) -> str:
        return self.crowd.row(signer).state

    def acts(self) -> list[tuple[str, int | None]]:
        """The trail of this letter: what, over how many."""
        with self.runtime.reading() as session:
            query = select(TrailRow).where(TrailRow.letter_id == self.crowd.letter.id).order_by(TrailRow.id)
            return [(row.act, row.count) for row in session.scalars(query)]


def watch_letter(organiser: Organiser, mail_server: MailServer, **changes: Any) -> Watch:
    """A letter of the organiser's team; keywords are those of `Organiser.campaign`."""
    campaign = organiser.campaign(mail_server, **changes)
    return Watch(organiser, Crowd(organiser.runtime, campaign.slug))


def ids(*signers: Signer) -> list[str]:
    return [signer.signature.hex() for signer in signers]


def boxes(page: TestResponse) -> list[str]:
    """The signatures that the page offers to tick."""
    return BOX.findall(page.text)
