"""Where names, addresses and workplaces can be found by whoever takes the machine."""

import base64
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from letters.runtime import Runtime
from tests.faults.markers import Finding, forms_of, search
from tests.faults.measured import Measure
from tests.faults.processes import Command, StartWorker, Visitor, Web, await_that
from tests.faults.story import LEFT, MARKERS, PENDING, PUBLIC, Story
from tests.parts.campaign import Campaign, open_campaign
from tests.parts.smtp import MailServer

LOGS = ("serve.log", "worker.log", "commands.log")


@pytest.fixture
def campaign(runtime: Runtime, app: Flask, mail_server: MailServer) -> Campaign:
    """A letter whose editions are released by hand."""
    return open_campaign(runtime, app, mail_server, every=timedelta(hours=6), at_least=1000)


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


def test_only_names_that_were_to_be_public_can_be_found(
    campaign: Campaign, web: Web, command: Command, start_worker: StartWorker, homes: list[Path], measured: Measure
) -> None:
    web.start()
    url = campaign.runtime.settings.database_url
    with start_worker() as worker, closing(Visitor(web.url)) as visitor:
        Story(campaign, command, visitor, homes[0] / "commands.log").happen()
        running, _ = search(homes, MARKERS)
        assert worker.stop() == 0
    web.kill()
    campaign.runtime.engine.dispose()
    await_that(lambda: write_down(url), 10, lambda: "somebody still uses the database")
    ended, size = search(homes, MARKERS)

    assert all((homes[0] / log).read_bytes() for log in LOGS)
    assert {finding.marker for finding in ended} >= PUBLIC, "the search finds what is there to be found"
    found = [*running, *ended]
    assert [finding for finding in found if finding.marker not in PUBLIC | LEFT] == []
    assert [finding for finding in found if not is_of_the_database(finding.file)] == []
    assert left_in(ended) == [] or not url.startswith("sqlite"), "secure delete"
    measured(
        "names, addresses and workplaces searched for in database files, keys, logs and output",
        f"{len(MARKERS)} markers, {size / 2**20:.1f} MB",
        remark=f"found: the {len(PUBLIC)} public names, in the database. Old bytes of {len(LEFT)} names taken away: "
        f"while running in {told(left_in(running))}, after a checkpoint in {told(left_in(ended))}",
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


def left_in(findings: Sequence[Finding]) -> list[str]:
    """Where names stand that their signers took away."""
    return sorted({where(finding.file) for finding in findings if finding.marker in LEFT})


def told(places: Sequence[str]) -> str:
    return " and ".join(places) or "no file"


def is_of_the_database(file: Path) -> bool:
    return file.name.startswith("undersigned.db") or "data" in file.parts


def where(file: Path) -> str:
    """The kind of file, whatever its number."""
    known = {"pg_wal": "`pg_wal`", "base": "old row versions"}
    return next((words for folder, words in known.items() if folder in file.parts), f"`{file.name}`")
