"""Workers and publishers that do the same thing at the same time."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from letters.models.values import Edition
from letters.organising.releasing import release_letter
from letters.publishing.editions import NotDue
from letters.runtime import Runtime
from tests.faults.measured import Measure
from tests.faults.processes import Command, StartWorker, await_that, links_by_address, person, sent_again
from tests.letters.publishing.crowd import Signer, open_crowd
from tests.parts.campaign import Campaign
from tests.parts.smtp import MailServer
from verification.mailbox.outbox import backlog

PUBLISHERS = 4


def test_two_workers_send_each_mail_once(
    campaign: Campaign,
    mail_server: MailServer,
    start_worker: StartWorker,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    people = count()
    with start_worker() as one, start_worker() as other:

        def both_send() -> bool:
            assert campaign.sign(**person(next(people))).status_code == 303
            return mail_server.connections == 2

        await_that(both_send, 20, one.log.read_text)
        mail_server.mood.stall = 0.01
        begun = next(people)
        mails = begun + repetitions(60, 400)
        for number in range(begun, mails):
            assert campaign.sign(**person(number)).status_code == 303
        await_that(lambda: waiting(campaign.runtime) == 0, 60, one.log.read_text)
        assert [one.stop(), other.stop()] == [0, 0]
    arrived = len(links_by_address(mail_server.accepted))
    assert mail_server.connections == 2
    assert (len(mail_server.accepted), arrived) == (mails, mails)
    measured(
        "two workers at once on one outbox", f"{mails} mails", mails - arrived, None, sent_again(mail_server.accepted)
    )


def test_a_worker_that_lost_its_lease_settles_nothing(
    campaign: Campaign,
    mail_server: MailServer,
    start_worker: StartWorker,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    pauses, mails = repetitions(1, 5), 8
    for pause in range(pauses):
        before = len(mail_server.accepted)
        for number in range(mails):
            assert campaign.sign(**person(pause * mails + number)).status_code == 303
        mail_server.mood.stall = 0.4
        with start_worker("--lease", "1") as paused:
            await_that(lambda: len(mail_server.accepted) > before, 20, paused.log.read_text)  # noqa: B023
            time.sleep(0.2)  # into the second mail, before its answer
            os.kill(paused.pid, signal.SIGSTOP)
            mail_server.mood.stall = 0
            with start_worker() as other:
                await_that(lambda: waiting(campaign.runtime) == 0, 20, other.log.read_text)
                os.kill(paused.pid, signal.SIGCONT)
                assert [paused.stop(), other.stop()] == [0, 0]
        assert paused.log.read_text() == ""
    people, twice = pauses * mails, sent_again(mail_server.accepted)
    arrived = links_by_address(mail_server.accepted)
    assert len(arrived) == people
    assert len(mail_server.accepted) - people == twice <= pauses
    for received in arrived.values():
        assert {campaign.confirm(link).status_code for link in received} == {303}
    total = campaign.release().total
    assert total == people
    measured(
        "a worker paused in mid-mail past its lease, another takes over",
        f"{pauses} pauses, {people} mails",
        lost=people - len(arrived),
        counted_twice=total - people,
        sent_twice=twice,
        remark="the mail it was sending",
    )


def test_publishers_at_once_release_one_edition(
    campaign: Campaign,
    command: Command,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    rounds = repetitions(3, 20)
    for number in range(1, rounds + 1):
        campaign.join(number)
        released = race(campaign.runtime, campaign.slug)
        assert [(edition.number, edition.total) for edition in released] == [(number, number)]
    recount = command("recount", campaign.slug)
    assert recount.returncode == 0, recount.stdout
    measured(f"{PUBLISHERS} publishers at once", f"{rounds} editions", lost=0, counted_twice=0)


def test_an_edition_that_moves_a_row_loses_nobodys_click(
    runtime: Runtime, repetitions: Callable[[int, int], int], measured: Measure
) -> None:
    """Some withdraw and some change what they chose while the edition puts their rows elsewhere."""
    crowd, many, rounds = open_crowd(runtime), 16, repetitions(3, 20)
    for number in range(rounds):
        signers = crowd.join_many(range(number * many, (number + 1) * many), display="pseudonym")
        start = threading.Barrier(3)

        def leave(leaving: list[Signer], start: threading.Barrier = start) -> None:
            start.wait()
            for signer in leaving:
                crowd.withdraw(signer)

        def change(changing: list[Signer], start: threading.Barrier = start) -> None:
            start.wait()
            for signer in changing:
                crowd.change(signer, display="counted", region="BY-HO")

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(leave, signers[::4]), pool.submit(change, signers[1::4])]
            start.wait()
            crowd.release()
            for one in done:
                one.result()
    crowd.join(rounds * many)
    last, stay = crowd.release(), rounds * many * 3 // 4 + 1
    assert (last.total, crowd.recount()) == (stay, [])
    assert {entry.leaving for entry in crowd.entries()} == {False}
    assert len(crowd.entries()) == rounds * many // 2
    measured(
        "signers withdraw and change while an edition moves their rows",
        f"{rounds} editions of {many}",
        lost=abs(stay - last.total),
        counted_twice=0,
    )


def race(runtime: Runtime, slug: str) -> list[Edition]:
    """Let every publisher try at the same moment; return what was released."""
    start = threading.Barrier(PUBLISHERS)

    def publish(_number: int) -> list[Edition]:
        start.wait()
        try:
            return [release_letter(runtime, slug, at_once=True)]
        except NotDue:
            return []

    with ThreadPoolExecutor(PUBLISHERS) as pool:
        return [edition for editions in pool.map(publish, range(PUBLISHERS)) for edition in editions]


def waiting(runtime: Runtime) -> int:
    with runtime.reading() as session:
        return backlog(session).waiting
