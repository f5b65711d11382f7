"""A worker that is ended at any instruction while it sends."""

import random
import time
from collections.abc import Callable

import pytest

from letters.runtime import Runtime
from tests.faults.measured import Measure
from tests.faults.processes import MailProcess, StartWorker, await_that, links_by_address, person, sent_again
from tests.parts.campaign import Campaign
from verification.mailbox.outbox import Backlog, backlog

LEASE = ("--lease", "1")
IN_DOUBT = 2
"""Mails that a killed worker may send again: those of a hundredth of a second, at 5 thousandths each."""
BETWEEN = 0.9
"""The share of all mails that are sent while workers are being killed."""


@pytest.fixture
def environment(environment: dict[str, str], mail_process: MailProcess) -> dict[str, str]:
    return {**environment, "UNDERSIGNED_SMTP_URL": mail_process.url}


def test_a_killed_worker_loses_no_mail(
    campaign: Campaign,
    mail_process: MailProcess,
    start_worker: StartWorker,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    mails, kills = repetitions(60, 400), repetitions(2, 50)
    people = [person(number) for number in range(mails)]
    for who in people:
        assert campaign.sign(**who).status_code == 303
    for number in range(1, kills + 1):
        with start_worker(*LEASE) as worker:
            mail_process.await_count(int(mails * BETWEEN * number / kills))
            time.sleep(random.uniform(0, 0.02))  # anywhere between two mails, or within one
            worker.kill()
    with start_worker(*LEASE) as worker:
        await_that(lambda: waiting(campaign.runtime).waiting == 0, 60, worker.log.read_text)
        assert worker.stop() == 0

    accepted = mail_process.accepted
    links = links_by_address(accepted)
    twice, lost = sent_again(accepted), {who["email"] for who in people} - links.keys()
    assert (lost, waiting(campaign.runtime)) == (set(), Backlog(0, 0))
    assert len(accepted) - len(links) == twice <= IN_DOUBT * kills
    for received in links.values():
        assert {campaign.confirm(link).status_code for link in received} == {303}
    total = campaign.release().total
    assert total == mails
    measured(
        "the worker killed while it sends",
        f"{kills} kills, {mails} mails",
        lost=len(lost),
        counted_twice=max(0, total - mails),
        sent_twice=twice,
        remark="a mail sent twice bears the same Message-ID, and its links confirm one signature",
    )


def waiting(runtime: Runtime) -> Backlog:
    with runtime.reading() as session:
        return backlog(session)
