"""`undersigned witness …`: cosigning the logs of others. It needs no database and none of the settings."""

from __future__ import annotations

import secrets
import sys
from functools import partial
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from letters.commands.parts import one_line
from letters.commands.server import check_port
from letters.commands.witness_key import read_witness_key, write_witness_key
from letters.commands.witness_logs import LogsFile
from letters.commands.witness_site import WitnessSite
from letters.runtime import utc_now
from verification.errors import Refusal
from verification.ledger.heads import SeenHeads

THREADS = 8
"""Submissions that are read at once."""


class NoState(Refusal):
    """The folder with what was cosigned is missing."""


@click.group()
def witness() -> None:
    """Be a witness: cosign the logs of others, so that nobody can be shown another log than you."""


@witness.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="Your name as others see it, such as newsroom.example.org/witness.")
@one_line
def new_witness(file: Path, name: str) -> None:
    """Make the key of a witness: the secret half goes into FILE, the public half is printed."""
    verifier = write_witness_key(file, name, secrets.token_bytes(32))
    click.echo(
        f"The secret key is in {file}. This is the public key; give it to the sites that you witness for:", err=True
    )
    click.echo(str(verifier))


@witness.command("serve")
@click.option("--key", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Key file.")
@click.option("--state", required=True, type=click.Path(path_type=Path), help="Folder that keeps what was cosigned.")
@click.option(
    "--logs", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of lines: log KEY"
)
@click.option("--port", type=click.IntRange(1, 65535), default=8100, show_default=True, help="Port on 127.0.0.1.")
@one_line
def serve_witness(key: Path, state: Path, logs: Path, port: int) -> None:
    """Answer on 127.0.0.1, behind a proxy that brings TLS, until told to stop."""
    if not state.is_dir():
        raise NoState(
            f"There is no folder {state}. For a new witness make it: mkdir -m 700 {state} - One that has run before "
            "keeps in it what it has cosigned: bring it back, or begin again with a new key."
        )
    load = partial(load_site, key, state, logs)
    site = load()
    check_port(port)
    click.echo(site.page(), nl=False)
    sys.stdout.flush()
    Granian(
        "letters.commands.witness_site",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve(target_loader=load, wrap_loader=False)


def load_site(key: Path, state: Path, logs: Path) -> WitnessSite:
    """The application, in the command and again in the process that serves it. Raises what is wrong with a file."""
    name, seed = read_witness_key(key)
    say = partial(click.echo, err=True)
    return WitnessSite(name, seed, SeenHeads(state), LogsFile(logs, say), utc_now, say)
