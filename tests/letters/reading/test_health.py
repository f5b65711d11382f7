"""Liveness and readiness: 503 only for what another machine would do better, a word for everything else."""

from collections.abc import Callable

import pytest
from sqlalchemy import QueuePool

from letters.models.workers import beat
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def ask(campaign: Campaign) -> tuple[int, dict[str, str]]:
    answer = campaign.client.get("/readyz")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json


def live(campaign: Campaign) -> None:
    now = campaign.runtime.clock()
    campaign.runtime.settle(lambda session: beat(session, b"1" * 16, now))


def look(campaign: Campaign) -> None:
    """Let the process see the rows of this slot."""
    assert campaign.client.get("/metrics").status_code == 200


def test_all_is_well_with_a_worker_that_was_seen(campaign: Campaign) -> None:
    live(campaign)
    look(campaign)
    whole = {"status": "ok", "database": "ok", "keys": "ok", "worker": "ok", "editions": "ok"}
    assert ask(campaign) == (200, whole)


def test_a_machine_stays_in_use_while_no_worker_runs(campaign: Campaign, clock: Clock) -> None:
    code, told = ask(campaign)
    assert (code, told["status"], told["worker"]) == (200, "look", "none seen")
    live(campaign)
    assert ask(campaign)[1]["worker"] == "ok"
    clock.advance(minutes=6)
    code, told = ask(campaign)
    assert (code, told["worker"]) == (200, "none seen")


def test_and_while_an_edition_is_late(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1)
    clock.advance(minutes=25)
    live(campaign)
    look(campaign)
    code, told = ask(campaign)
    assert (code, told["status"], told["editions"]) == (200, "look", "late")


def lose_tables(campaign: Campaign) -> None:
    with campaign.runtime.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE letters RENAME TO away")


def lose_keys(campaign: Campaign) -> None:
    (campaign.runtime.settings.keys / "tokens.key").unlink()


def spoil_keys(campaign: Campaign) -> None:
    (campaign.runtime.settings.keys / "tokens.key").write_bytes(b"half")


@pytest.mark.parametrize(
    ("lose", "field", "word"),
    [
        (lose_tables, "database", "no tables"),
        (lose_keys, "keys", "missing"),
        (spoil_keys, "keys", "unusable"),
    ],
)
def test_a_machine_that_cannot_work_says_why_and_is_alive(
    campaign: Campaign, lose: Callable[[Campaign], None], field: str, word: str
) -> None:
    lose(campaign)
    code, told = ask(campaign)
    assert (code, told["status"], told[field]) == (503, "away", word)
    assert campaign.client.get("/healthz").status_code == 200


def test_a_machine_whose_connections_are_all_taken_stays_in_use(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = campaign.runtime.engine.pool
    assert isinstance(pool, QueuePool)
    monkeypatch.setattr(pool, "_timeout", 0.01)
    taken = [campaign.runtime.engine.connect() for _ in range(pool.size())]
    code, told = ask(campaign)
    for connection in taken:
        connection.close()
    assert (code, told["status"], told["database"]) == (200, "look", "busy")
