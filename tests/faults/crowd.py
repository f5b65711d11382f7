"""Signers who go on sending forms while something is done to the installation."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count

from sqlalchemy import select

from letters.models.signatures import SignatureRow, SubscriptionRow
from letters.runtime import Runtime
from tests.faults.processes import Away, Cut, Visitor, await_that, form_of, links_by_address, person
from tests.parts.campaign import Campaign
from verification.mailbox.outbox import OutboxRow

SIGNERS, PAUSE = 8, 0.02
BETWEEN = 15
"""Forms that are acknowledged between two kills."""


class Crowd:
    """Signers who send one form after another, each for somebody new, and remember what they were told."""

    def __init__(self, url: str, slug: str) -> None:
        self._url, self._path, self._form = url, f"/letters/{slug}/sign", form_of(url, slug)
        self._numbers, self._enough = count(), threading.Event()
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.unanswered = 0

    def _sign(self, _signer: int) -> None:
        with closing(Visitor(self._url)) as visitor:
            while not self._enough.wait(PAUSE):
                who = person(next(self._numbers))
                try:
                    answer = visitor.post(self._path, {**self._form, **who, "updates": "1"})
                except Away:
                    continue
                except Cut:
                    self.unanswered += 1
                    continue
                self.answers[answer.status] += 1
                if answer.status == 303:
                    self.acknowledged.append(who["email"])

    @contextmanager
    def signing(self) -> Iterator[None]:
        """Let them sign meanwhile."""
        with ThreadPoolExecutor(SIGNERS) as pool:
            done = [pool.submit(self._sign, signer) for signer in range(SIGNERS)]
            try:
                yield
            finally:
                self._enough.set()
        for signer in done:
            signer.result()

    def await_more(self) -> None:
        """Return once `BETWEEN` more forms were acknowledged."""
        wanted = len(self.acknowledged) + BETWEEN
        await_that(lambda: len(self.acknowledged) >= wanted, 30, lambda: f"the answers stopped: {self.answers}")

    def await_refused(self, before: int) -> None:
        """Return once more than so many forms were answered with 503."""
        await_that(lambda: self.answers[503] > before, 30, lambda: f"no form was refused: {self.answers}")


def confirm_everybody(campaign: Campaign) -> tuple[set[str], int]:
    """Let all mail go and press the button behind every link, once; returns who had mail, and the edition's total."""
    campaign.send_mail()
    links = links_by_address(campaign.mail_server.accepted)
    assert {len(received) for received in links.values()} == {1}
    return set(links), count_confirmed(campaign, links)


def count_confirmed(campaign: Campaign, links: Mapping[str, list[str]]) -> int:
    """Press the button behind every link; returns the total of the edition that follows."""
    for received in links.values():
        assert {campaign.confirm(link).status_code for link in received} == {303}
    return campaign.release().total


def pending_forms(runtime: Runtime) -> int:
    """How many forms were stored, each of them with all that belongs to it."""
    with runtime.reading() as session:
        signatures = set(session.scalars(select(SignatureRow.id)))
        mails = list(session.scalars(select(OutboxRow.subject)))
        subscriptions = list(session.scalars(select(SubscriptionRow.signature_id)))
    assert sorted(mails) == sorted(subscriptions) == sorted(signatures)
    return len(signatures)
