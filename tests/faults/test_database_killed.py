"""A database server that is ended at any instruction, and started again."""

import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd, confirm_everybody, pending_forms
from tests.faults.measured import Measure
from tests.faults.processes import Visitor, Web, sent_again
from tests.parts.campaign import Campaign
from tests.parts.postgres import Postgres, migrated_database

pytestmark = pytest.mark.parametrize("database", ["postgresql"])


@pytest.fixture
def migrated_url(database: str, own_postgres: Postgres, tmp_path: Path) -> str:
    return migrated_database(own_postgres, tmp_path / "keys")


ENDED = {"killed": signal.SIGKILL, "restarted at once (pg_ctl restart -m immediate)": signal.SIGQUIT}


@pytest.mark.parametrize("how", ENDED)
def test_a_killed_database_server_loses_no_acknowledged_form(
    own_postgres: Postgres,
    campaign: Campaign,
    web: Web,
    how: str,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    kills = repetitions(2, 50)
    web.start()
    crowd = Crowd(web.url, campaign.slug)
    with crowd.signing():
        for _ in range(kills):
            crowd.await_more()
            time.sleep(random.uniform(0, 0.02))
            own_postgres.restart(ENDED[how])
        crowd.await_more()

    assert set(crowd.answers) <= {303, 503}, web.log.read_text()
    campaign.runtime.engine.dispose()
    stored = pending_forms(campaign.runtime)
    mailed, total = confirm_everybody(campaign)
    lost = set(crowd.acknowledged) - mailed
    assert (lost, stored >= len(mailed), total) == (set(), True, len(mailed))
    measured(
        f"the database server {how} while forms come in",
        f"{kills} kills, {len(crowd.acknowledged)} acknowledged forms, {crowd.answers[503]} answered with 503",
        lost=len(lost),
        counted_twice=total - len(mailed),
        sent_twice=sent_again(campaign.mail_server.accepted),
        remark="each stored form is whole: signature, mail and subscription",
    )


def test_pages_are_shown_as_they_were_while_the_database_is_away(
    own_postgres: Postgres, campaign: Campaign, web: Web
) -> None:
    web.start()
    letter = f"/en/letters/{campaign.slug}"
    with closing(Visitor(web.url)) as visitor:
        assert visitor.get(letter).status == 200
        own_postgres.kill()
        time.sleep(1.1)  # until the process looks at the letters again
        assert [visitor.get(path).status for path in (letter, "/readyz", "/healthz")] == [200, 503, 200]
        own_postgres.start()
        assert [visitor.get(path).status for path in (letter, "/readyz", "/healthz")] == [200, 200, 200]
