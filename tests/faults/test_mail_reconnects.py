"""A mail server that closes the connection that a worker keeps."""

from collections.abc import Callable

from tests.faults.measured import Measure
from tests.faults.processes import StartWorker, await_that, person, sent_again
from tests.parts.campaign import Campaign
from tests.parts.smtp import MailServer

SOON = 15
"""Seconds; a mail that failed once comes after 30 at the earliest."""


def test_a_connection_closed_while_idle_delays_no_mail(
    campaign: Campaign,
    mail_server: MailServer,
    start_worker: StartWorker,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    closed = repetitions(2, 20)
    with start_worker() as worker:
        for number in range(closed + 1):
            assert campaign.sign(**person(number)).status_code == 303
            await_that(lambda: len(mail_server.accepted) > number, SOON, worker.log.read_text)  # noqa: B023
            mail_server.go_away()
            mail_server.listen()
        assert worker.stop() == 0
    accepted = mail_server.accepted
    assert sent_again(accepted) == 0
    measured(
        "the mail server closes the worker's idle connection",
        f"{closed} times, {closed + 1} mails",
        lost=closed + 1 - len(accepted),
        counted_twice=None,
        sent_twice=sent_again(accepted),
        remark="none had to wait for the back-off",
    )
