"""A database server that is away for a while; web and worker are left to themselves."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd, count_confirmed
from tests.faults.measured import Measure
from tests.faults.processes import MailProcess, StartWorker, Web, sent_again
from tests.parts.campaign import Campaign
from tests.parts.postgres import Postgres, migrated_database

pytestmark = pytest.mark.parametrize("database", ["postgresql"])


@pytest.fixture
def migrated_url(database: str, own_postgres: Postgres, tmp_path: Path) -> str:
    return migrated_database(own_postgres, tmp_path / "keys")


@pytest.fixture
def environment(environment: dict[str, str], mail_process: MailProcess) -> dict[str, str]:
    return {**environment, "UNDERSIGNED_SMTP_URL": mail_process.url}


def test_everything_goes_on_by_itself_once_the_database_is_back(
    own_postgres: Postgres,
    campaign: Campaign,
    web: Web,
    start_worker: StartWorker,
    mail_process: MailProcess,
    repetitions: Callable[[int, int], int],
    measured: Measure,
) -> None:
    seconds = repetitions(3, 30)
    web.start()
    crowd = Crowd(web.url, campaign.slug)
    assert campaign.sign().status_code == 303
    with start_worker("--lease", "5") as worker:
        mail_process.await_count(1)
        with crowd.signing():
            crowd.await_more()
            own_postgres.stop()
            time.sleep(seconds)
            own_postgres.start()
            crowd.await_more()
        links = mail_process.await_everybody(crowd.acknowledged, worker.log.read_text)
        assert worker.stop() == 0

    assert set(crowd.answers) == {303, 503}, web.log.read_text()
    campaign.runtime.engine.dispose()
    total = count_confirmed(campaign, links)
    assert total == len(links)
    measured(
        "the database server away while forms come in and mail goes out",
        f"{seconds} s, {len(crowd.acknowledged)} acknowledged forms, {crowd.answers[503]} answered with 503",
        lost=len(set(crowd.acknowledged) - set(links)),
        counted_twice=total - len(links),
        sent_twice=sent_again(mail_process.accepted),
        remark="web and worker go on by themselves",
    )
