"""A standby takes over from a primary that has gone, and nothing that was acknowledged is missing."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from letters.settings import ROOT
from tests.faults.crowd import Crowd, confirm_everybody, pending_forms
from tests.faults.processes import Web
from tests.parts.campaign import Campaign
from tests.parts.postgres import Postgres, migrated_database, running_postgres
from tests.parts.server import free_port
from tests.parts.standby import Standby, running_standby, url_of_both

pytestmark = pytest.mark.parametrize("database", ["postgresql"])


@pytest.fixture(scope="module")
def primary() -> Iterator[Postgres]:
    """A server with the settings that the document tells a host to use."""
    with running_postgres(durable=True) as server:
        for name, value in documented().items():
            server.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        server.restart()
        yield server


@pytest.fixture
def migrated_url(database: str, primary: Postgres, tmp_path: Path) -> str:
    return migrated_database(primary, tmp_path / "keys")


@pytest.fixture
def standby(migrated_url: str, primary: Postgres) -> Iterator[Standby]:
    """A copy without which the primary acknowledges nothing."""
    with running_standby(primary) as standby:
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
            primary.execute(sql.SQL(statement))
        yield standby


@pytest.fixture
def environment(environment: dict[str, str], primary: Postgres, standby: Standby) -> dict[str, str]:
    """An installation that looks for whichever of them takes writes."""
    both = url_of_both(environment["UNDERSIGNED_DATABASE_URL"], primary, standby)
    site = f"http://127.0.0.1:{free_port()}"
    return {**environment, "UNDERSIGNED_DATABASE_URL": both, "UNDERSIGNED_BASE_URL": site}


def documented() -> dict[str, str]:
    """The primary's settings in `docs/running.md`, by their names."""
    block = re.search(r"```ini\n(wal_level = replica\n.*?)```", (ROOT / "docs" / "running.md").read_text(), re.DOTALL)
    assert block
    return dict(re.findall(r"^(\w+) = (\S+)$", block[1], re.MULTILINE))


def test_signing_goes_on_after_the_primary_is_gone(
    campaign: Campaign, environment: dict[str, str], primary: Postgres, standby: Standby, tmp_path: Path
) -> None:
    web = Web(environment, tmp_path)
    try:
        web.start()
        crowd = Crowd(web.url, campaign.slug)
        with crowd.signing():
            crowd.await_more()
            primary.kill()
            began = time.monotonic()
            standby.promote()
            crowd.await_more()
            away = time.monotonic() - began
    finally:
        web.kill()

    assert set(crowd.answers) <= {303, 503}, web.log.read_text()
    assert away < 10
    campaign.runtime.engine.dispose()
    stored = pending_forms(campaign.runtime)
    mailed, total = confirm_everybody(campaign)
    assert set(crowd.acknowledged) <= mailed
    assert (total, stored >= total) == (len(mailed), True)
