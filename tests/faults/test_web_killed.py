"""Web processes that are ended at any instruction while forms come in."""

import random
import time
from collections.abc import Callable

from tests.faults.crowd import Crowd, confirm_everybody, pending_forms
from tests.faults.measured import Measure
from tests.faults.processes import Web, await_that, sent_again
from tests.parts.campaign import Campaign


def test_a_killed_web_process_loses_no_acknowledged_form(
    campaign: Campaign,
    web: Web,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    kills = repetitions(2, 50)
    web.start()
    crowd = Crowd(web.url, campaign.slug)
    with crowd.signing():
        for number in range(kills):
            crowd.await_more()
            time.sleep(random.uniform(0, 0.02))
            if number % 2:
                web.kill_one()
            else:
                web.kill()
                web.start()
        crowd.await_more()
    await_that(lambda: len(web.children()) == 2, 15, lambda: "the ended process was not replaced")

    assert set(crowd.answers) == {303}, web.log.read_text()
    assert crowd.unanswered
    stored = pending_forms(campaign.runtime)
    mailed, total = confirm_everybody(campaign)
    lost = set(crowd.acknowledged) - mailed
    assert (lost, len(mailed), total) == (set(), stored, stored)
    measured(
        "the web server, or one of its processes, killed while forms come in",
        f"{kills} kills, {len(crowd.acknowledged)} acknowledged forms, {crowd.unanswered} requests without an answer",
        lost=len(lost),
        counted_twice=total - stored,
        sent_twice=sent_again(campaign.mail_server.accepted),
        remark="each stored form is whole: signature, mail and subscription",
    )
