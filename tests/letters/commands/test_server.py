"""`undersigned db`, `serve`, `worker`, `outbox`, and the commands as processes of their own."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import create_engine, inspect, text, update

from letters.app import create_app
from letters.cli import COMMANDS, add_commands, main
from letters.runtime import Runtime
from letters.settings import ROOT
from tests.letters.commands.conftest import Shell
from tests.letters.publishing.crowd import Crowd
from tests.parts.server import run_command
from verification.identity.keyring import SERVER_KEYS
from verification.mailbox.outbox import OutboxRow

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of an installation that was never set up."""
    return {"UNDERSIGNED_DATABASE_URL": database_url, "UNDERSIGNED_KEYS": str(tmp_path / "keys")}


def all_commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and group."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))


def test_setting_up_makes_tables_and_keys(empty: dict[str, str], tmp_path: Path) -> None:
    said = Shell(empty)("db", "upgrade").stdout
    assert str(tmp_path / "keys") in said
    assert sorted(path.stem for path in (tmp_path / "keys").iterdir()) == sorted(SERVER_KEYS)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "keys").iterdir())
    engine = create_engine(empty["UNDERSIGNED_DATABASE_URL"])
    assert {"letters", "signatures", "editions", "outbox"} <= set(inspect(engine).get_table_names())
    engine.dispose()


@sqlite_only
def test_only_the_owner_can_read_a_new_database(empty: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "var" / "undersigned.db"
    Shell(empty)("db", "upgrade", database_url=f"sqlite:///{file}")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@sqlite_only
def test_setting_up_twice_keeps_keys_and_letters(undersigned: Shell, folder: Path, runtime: Runtime) -> None:
    undersigned("letter", "load", folder)
    before = runtime.keyring.server("tokens")
    undersigned("db", "upgrade")
    assert runtime.keyring.server("tokens") == before
    assert undersigned("recount").stdout.startswith("1 letters")


@sqlite_only
def test_beside_letters_a_missing_key_is_not_made_anew(undersigned: Shell, folder: Path, runtime: Runtime) -> None:
    undersigned("letter", "load", folder)
    (runtime.settings.keys / "tokens.key").unlink()
    undersigned("db", "upgrade")
    assert not (runtime.settings.keys / "tokens.key").exists()
    assert "tokens.key" in undersigned.refused("serve", "--port", "1")


@sqlite_only
def test_a_database_of_a_newer_version_is_left_alone(undersigned: Shell, runtime: Runtime) -> None:
    with runtime.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "newer version" in undersigned.refused("db", "upgrade")


def test_without_tables_every_command_names_the_way_on(empty: dict[str, str]) -> None:
    for command in ("serve", "worker", "recount", "outbox", "letter open any", "editions release any", "export any -"):
        assert "undersigned db upgrade" in Shell(empty).refused(*command.split())


@sqlite_only
@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize("name", SERVER_KEYS)
def test_without_a_key_nothing_starts(undersigned: Shell, runtime: Runtime, command: str, name: str) -> None:
    (runtime.settings.keys / f"{name}.key").unlink()
    assert f"{name}.key" in undersigned.refused(command)


@sqlite_only
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_mail_server_that_is_none_is_refused_at_the_start(undersigned: Shell, command: str) -> None:
    assert "UNDERSIGNED_SMTP_URL" in undersigned.refused(command, smtp_url="mail.example.org")


@sqlite_only
@pytest.mark.parametrize(("host", "options"), [("127.0.0.1", ()), ("127.0.0.2", ("--host", "127.0.0.2"))])
def test_a_taken_port_is_refused(undersigned: Shell, host: str, options: tuple[str, ...]) -> None:
    with socket.create_server((host, 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        assert f"Port {port} of {host} cannot be used" in undersigned.refused("serve", "--port", str(port), *options)


@sqlite_only
@pytest.mark.parametrize(
    "options",
    [("serve", "--port", "0"), ("serve", "--port", "65536"), ("serve", "--workers", "0"), ("worker", "--lease", "0")],
    ids=" ".join,
)
def test_options_out_of_range_are_a_matter_of_usage(undersigned: Shell, options: tuple[str, ...]) -> None:
    assert "range" in undersigned(*options, status=2).stderr


@sqlite_only
def test_the_outbox_says_what_waits_and_what_is_dead(undersigned: Shell, runtime: Runtime, folder: Path) -> None:
    assert undersigned("outbox").stdout == "0 mails wait, 0 are dead letters.\n"
    undersigned("letter", "load", folder, "--open")
    crowd = Crowd(runtime, "fair-shifts")
    crowd.sign(1)
    crowd.sign(2)
    crowd.tamper(update(OutboxRow).values(state="dead"))
    crowd.sign(3)
    assert undersigned("outbox").stdout == "1 mails wait, 2 are dead letters.\n"
    assert undersigned("outbox", "--retry").stdout == (
        "2 dead letters are queued again.\n3 mails wait, 0 are dead letters.\n"
    )


@pytest.mark.parametrize("words", list(all_commands(main)), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    said = Shell({})(*words, "--help").stdout
    assert said.startswith(f"Usage: {main.name} {' '.join(words)} ")
    assert len(said.splitlines()) > 3


@pytest.mark.parametrize("words", [["nothing"], ["letter", "nothing"], ["recount", "--nothing"], ["letter", "load"]])
def test_what_nobody_knows_is_a_matter_of_usage(words: list[str]) -> None:
    assert Shell({})(*words, status=2).stderr.startswith("Usage: ")


@pytest.mark.parametrize("words", [("recount",), ("outbox",), ("db", "upgrade"), ("serve",), ("worker",)], ids=" ".join)
def test_a_bad_setting_is_refused_in_one_line(words: tuple[str, ...]) -> None:
    assert Shell({}).refused(*words, throttle="maybe") == "UNDERSIGNED_THROTTLE must be on or off."


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    away = f"postgresql+psycopg://undersigned@/none?host={tmp_path}"
    for words in (["recount"], ["serve"], ["worker"], ["db", "upgrade"]):
        assert "UNDERSIGNED_DATABASE_URL" in Shell({}).refused(*words, database_url=away)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = Shell({}).refused("db", "upgrade", database_url=f"sqlite:///{tmp_path / 'file' / 'undersigned.db'}")
    assert str(tmp_path / "file") in said


@sqlite_only
def test_flask_offers_the_same_commands(runtime: Runtime, environment: dict[str, str]) -> None:
    app = create_app(runtime)
    add_commands(app)
    assert {command.name for command in COMMANDS} <= set(app.cli.commands)
    runner = FlaskCliRunner(app, env=environment)
    assert runner.invoke(args=["recount"]).stdout.startswith("0 letters recounted")


@sqlite_only
def test_commands_run_as_processes(environment: dict[str, str], runtime: Runtime, folder: Path, tmp_path: Path) -> None:
    done = run_command("letter", "load", str(folder), "--open", environment=environment, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    refused = run_command("letter", "archive", "fair-shifts", environment=environment, folder=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: The letter fair-shifts is open; it cannot become archived.\n"
    assert run_command("letter", environment=environment, folder=tmp_path).returncode == 2
    flask = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "recount", "fair-shifts"]
    said = subprocess.run(flask, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (
        0,
        "1 letters recounted: the totals of every edition and the current cells agree with the rows.\n",
    )
