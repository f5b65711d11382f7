"""Where names, addresses and workplaces can be found by whoever takes the machine."""

import base64
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from letters.runtime import Runtime
from tests.faults.markers import STEM, Finding, files_below, forms_of, search
from tests.faults.measured import Measure
from tests.faults.processes import Command, StartWorker, Visitor, Web, await_that
from tests.faults.story import LEFT, MARKERS, PENDING, PUBLIC, Story
from tests.parts.campaign import Campaign, open_campaign
from tests.parts.smtp import MailServer

VISITOR = "203.0.113.77"
LOGS = ("serve.log", "worker.log", "commands.log")


@pytest.fixture
def campaign(runtime: Runtime, app: Flask, mail_server: MailServer) -> Campaign:
    """A letter whose editions are released by hand."""
    return open_campaign(runtime, app, mail_server, every=timedelta(hours=6), at_least=1000)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """An installation behind a proxy that says who the client is, with every precaution on."""
    return {**environment, "UNDERSIGNED_TRUSTED_PROXIES": "1", "UNDERSIGNED_THROTTLE": "on"}


@pytest.fixture
def homes(environment: dict[str, str], tmp_path: Path) -> list[Path]:
    """The folders of the installation and of its PostgreSQL server."""
    cluster = make_url(environment["UNDERSIGNED_DATABASE_URL"]).query.get("host")
    return [tmp_path, Path(cluster)] if isinstance(cluster, str) else [tmp_path]


@pytest.mark.parametrize("form", ["utf-8", "utf-16", "hex", "base64"])
def test_the_search_knows_a_marker_in_every_form(form: str) -> None:
    text = f"…{PENDING[0].name}…"
    held = {
        "utf-8": text.casefold().encode(),
        "utf-16": text.encode("utf-16-be"),
        "hex": text.encode("utf-16-le").hex().encode(),
        "base64": base64.b64encode(text.encode()),
    }
    assert any(known in held[form] for known in forms_of(PENDING[0].name))


def test_a_seized_machine_tells_no_name_no_address_and_no_visitor(
    campaign: Campaign, web: Web, command: Command, start_worker: StartWorker, homes: list[Path], measured: Measure
) -> None:
    """Names that are public on the site lie in boxes, too: nothing on the disk says who they are."""
    web.start()
    url = campaign.runtime.settings.database_url
    visited = {"X-Forwarded-For": VISITOR, "User-Agent": f"Old Phone {STEM}"}
    with start_worker() as worker, closing(Visitor(web.url, visited)) as visitor:
        Story(campaign, command, visitor, homes[0] / "commands.log").happen()
        running, _ = search(homes, MARKERS)
        listed = visitor.get(f"/en/letters/{campaign.slug}/signatories").body.decode()
        assert worker.stop() == 0
    web.kill()
    campaign.runtime.engine.dispose()
    await_that(lambda: write_down(url), 10, lambda: "somebody still uses the database")
    ended, size = search(homes, MARKERS)

    assert [name in listed for name in sorted(PUBLIC | LEFT)] == [name in PUBLIC for name in sorted(PUBLIC | LEFT)]
    assert all((homes[0] / log).read_bytes() for log in LOGS)
    assert [*running, *ended] == []
    assert [file for file in files_below(homes) if VISITOR.encode() in file.read_bytes()] == []
    (homes[0] / "control").write_bytes(MARKERS[0].encode())
    assert search(homes, MARKERS)[0] == [Finding(homes[0] / "control", MARKERS[0])], "the search finds what is there"
    measured(
        "names, addresses and workplaces searched for in database files, write-ahead logs, keys, logs and output",
        f"{len(MARKERS)} markers, {size / 2**20:.1f} MB",
        remark=f"found: nothing, neither of {len(PUBLIC)} names that are public nor of {len(LEFT)} taken away; "
        "nor the visitors' address and browser",
    )


def write_down(database_url: str) -> bool:
    """Let a database that keeps changes in memory and in its log write them into its own files; whether it could."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database, timeout=1)) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
    dsn = f"host={url.query['host']} user={url.username} dbname={url.database}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return True
