"""A worker that is ended at any instruction while an update goes out."""

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from letters.models.updates import UpdateState
from tests.faults.measured import Measure
from tests.faults.processes import MailProcess, StartWorker, await_that, sent_again
from tests.letters.organising.updating.subscribing import begin, outbox, subscribe, update_row
from tests.parts.campaign import Campaign

LEASE = ("--lease", "1")
BETWEEN = 0.9
"""The share of all mails that are sent while workers are being killed."""


@pytest.fixture
def environment(environment: dict[str, str], mail_process: MailProcess) -> dict[str, str]:
    return {**environment, "UNDERSIGNED_SMTP_URL": mail_process.url}


def test_a_killed_worker_sends_an_update_to_everybody_and_to_nobody_twice(
    campaign: Campaign,
    mail_process: MailProcess,
    start_worker: StartWorker,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    """A mail is sent again only where the worker ended between the mail server's answer and its own note of it."""
    count, kills = repetitions(100, 200), repetitions(3, 20)
    subscribe(campaign, *range(count))
    number = begin(campaign)
    for kill in range(1, kills + 1):
        with start_worker(*LEASE) as worker:
            mail_process.await_count(int(count * BETWEEN * kill / kills))
            time.sleep(random.uniform(0, 0.02))  # anywhere between two mails, or within feeding or sending one
            worker.kill()
    with start_worker(*LEASE) as worker:
        await_that(
            lambda: update_row(campaign, number).state == UpdateState.SENT.value and not outbox(campaign.runtime),
            60,
            worker.log.read_text,
        )
        assert worker.stop() == 0

    accepted = mail_process.accepted
    received = Counter(address for mail in accepted for address in mail.recipients)
    lost = {f"signer{one}@example.org" for one in range(count)} - received.keys()
    twice = sent_again(accepted)
    assert (lost, update_row(campaign, number).queued) == (set(), count)
    assert len(accepted) - len(received) == twice <= kills
    measured(
        "the worker killed while an update is sent",
        f"{kills} kills, {count} subscribers",
        lost=len(lost),
        sent_twice=twice,
        remark="a mail sent twice bears the same Message-ID; each subscriber is queued once",
    )
