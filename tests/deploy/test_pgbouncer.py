"""Everything through PgBouncer in transaction mode, over so few connections that one visitor's work runs on all."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select, text

from letters.migrate import upgrade
from letters.models.letters import LetterRow
from letters.runtime import Runtime, utc_now
from tests.faults.processes import Web, at_once, await_that, form_of, links_by_address, person
from tests.letters.organising.defending.watch import watch_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.pgbouncer import PgBouncer, running_pgbouncer
from tests.parts.postgres import Postgres, name_of
from tests.parts.server import free_port, run_command, running_worker
from tests.parts.smtp import MailServer
from verification.database import PREPARED_AFTER, make_engine
from verification.identity.keyring import Keyring

pytestmark = pytest.mark.parametrize("database", ["postgresql"])

SIGNERS, CLIENTS = 40, 8


@pytest.fixture(scope="module")
def pgbouncer(postgres: Postgres) -> Iterator[PgBouncer]:
    with running_pgbouncer(postgres) as pgbouncer:
        yield pgbouncer


@pytest.fixture
def clock() -> Clock:
    """The time of the processes beside this one, until a code for signing in moves it on."""
    return Clock(utc_now())


@pytest.fixture
def environment(environment: dict[str, str], pgbouncer: PgBouncer) -> dict[str, str]:
    """An installation behind PgBouncer, without a proxy."""
    direct, site = environment["UNDERSIGNED_DATABASE_URL"], f"http://127.0.0.1:{free_port()}"
    changes = {"DATABASE_URL": pgbouncer.url(direct), "BASE_URL": site, "TRUSTED_PROXIES": "0"}
    return {**environment, **{f"UNDERSIGNED_{name}": value for name, value in changes.items()}}


def test_two_web_processes_and_two_workers_share_three_connections(
    campaign: Campaign, environment: dict[str, str], pgbouncer: PgBouncer, mail_server: MailServer, tmp_path: Path
) -> None:
    web, path = Web(environment, tmp_path), f"/letters/{campaign.slug}/sign"
    people = [person(number) for number in range(SIGNERS)]
    with ExitStack() as running:
        running.callback(web.kill)
        web.start()
        for _ in range(2):
            running.enter_context(running_worker(environment, tmp_path))
        form = form_of(web.url, campaign.slug)
        signed = at_once(web.url, CLIENTS, people, lambda visitor, who: visitor.post(path, {**form, **who}).status)
        await_that(lambda: len(mail_server.accepted) >= SIGNERS, 20, pgbouncer.log)
        links = [link for received in links_by_address(mail_server.accepted).values() for link in received]
        confirmed = at_once(web.url, CLIENTS, links, lambda visitor, link: visitor.post(link, {}).status)
    assert (set(signed), set(confirmed), len(links)) == ({303}, {303}, SIGNERS)
    released = run_command("editions", "release", campaign.slug, "--now", environment=environment, folder=tmp_path)
    recounted = run_command("recount", environment=environment, folder=tmp_path)
    assert f"total {SIGNERS}" in released.stdout, released.stderr
    assert recounted.returncode == 0, recounted.stdout
    assert "worker failed" not in (tmp_path / "worker.log").read_text()


def test_organisers_watch_and_void_through_it(organiser: Organiser, mail_server: MailServer) -> None:
    watch = watch_letter(organiser, mail_server)
    for fake in watch.crowd.join_many(range(12))[:8]:
        watch.crowd.hold(fake)
    for page in ("", "signatures", "void"):
        assert organiser.get(watch.path(page).rstrip("/")).status_code == 200, page
    assert watch.post("batches", by="filter", state="held", reason="burst").status_code == 303
    assert watch.states() == ["confirmed"] * 4 + ["voided"] * 8
    assert watch.crowd.release().total == 4
    assert watch.crowd.recount() == []


def test_what_is_read_in_one_transaction_is_one_snapshot(runtime: Runtime) -> None:
    with runtime.reading() as session:
        assert session.scalar(text("SELECT current_setting('transaction_isolation')")) == "repeatable read"
        assert session.scalar(text("SELECT current_setting('transaction_isolation')")) == "repeatable read"
    seen = runtime.settle(lambda session: session.scalar(text("SELECT current_setting('transaction_isolation')")))
    assert seen == "read committed"


def test_statements_are_prepared_only_on_connections_that_nobody_else_gets(
    runtime: Runtime, postgres: Postgres, environment: dict[str, str]
) -> None:
    direct = make_engine(postgres.url(name_of(environment["UNDERSIGNED_DATABASE_URL"])))
    seen = []
    for engine in (direct, runtime.engine):
        with engine.connect() as connection:
            for _ in range(2 * PREPARED_AFTER):
                connection.execute(select(LetterRow.id))
            seen.append(connection.scalar(text("SELECT count(*) > 0 FROM pg_prepared_statements")))
    direct.dispose()
    assert seen == [True, False]


def test_migrations_run_through_it_too(database: str, postgres: Postgres, pgbouncer: PgBouncer, tmp_path: Path) -> None:
    direct = postgres.database()
    upgrade(pgbouncer.url(direct), Keyring(tmp_path / "keys", secrets.token_bytes))
    engine = make_engine(direct)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM signatures")) == 0
    engine.dispose()


def test_it_writes_nothing_about_those_who_come(pgbouncer: PgBouncer, runtime: Runtime) -> None:
    with runtime.reading() as session:
        session.execute(text("SELECT 'marker-example'"))
    said = pgbouncer.log()
    assert "login attempt" not in said
    assert "marker-example" not in said
