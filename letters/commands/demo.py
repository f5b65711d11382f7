"""`undersigned demo`: everything to try out, on this machine only; `demo signers` adds a simulated crowd."""

from __future__ import annotations

import os
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.commands.keys import read_key_file, write_key_file
from letters.commands.organisers import first_run_page
from letters.commands.parts import one_line, progress, start
from letters.commands.server import PORT, NotSetUp, run_server
from letters.migrate import has_tables, set_up
from letters.models.letters import LetterRow
from letters.organising.folder import read_folder
from letters.organising.loading import load, open_letter
from letters.organising.simulating import simulate, taking_signers
from letters.runtime import Runtime
from letters.settings import ROOT
from verification.errors import Refusal
from verification.identity.sealing import public_key_of

LETTERS = ROOT / "letters" / "demo"
"""A folder for each letter of the demo, called as its address is."""


class NoneOpen(Refusal):
    """No letter of the demo takes signers."""


@click.group(invoke_without_command=True)
@PORT
@click.pass_context
@one_line
def demo(context: click.Context, port: int) -> None:
    """Set up everything in var/, load the demo letters, and serve them."""
    os.chdir(ROOT)
    if context.invoked_subcommand:
        return
    os.environ.setdefault("UNDERSIGNED_BASE_URL", f"http://127.0.0.1:{port}")
    runtime = start()
    set_up(runtime)
    keys = [load_demo(runtime, folder) for folder in _folders()]
    url, command = runtime.settings.base_url, runtime.settings.command
    mail = f"{url}/demo/mail" if runtime.settings.demo else "sent by your mail server"
    click.echo(f"Read and sign:     {url}/")
    click.echo(
        f"Guided tour:       {url}/demo" if runtime.settings.demo else "Guided tour:       only without a mail server"
    )
    click.echo(f"Caught mail:       {mail}")
    click.echo(f"Keys that open the names (a real letter's never lie on its server): {', '.join(map(str, keys))}")
    click.echo(f"Check a count:     {command} audit {url}/letters/{keys[0].stem}")
    click.echo(f"Organise:          {first_run_page(runtime) or f'{url}/workspace/'}")
    click.echo(f"More signers:      {command} demo signers 1000")
    click.echo("Stop with Ctrl-C.")
    run_server(runtime, port, 1, with_worker=True)


@demo.command()
@click.argument("count", type=click.IntRange(1, 100_000))
@one_line
def signers(count: int) -> None:
    """Add COUNT simulated signers, spread evenly over the demo's open letters; their names say they are made up."""
    runtime = start()
    if not has_tables(runtime):
        raise NotSetUp("The demo is not set up yet. Run: make run")
    slugs = _open(runtime)
    for place, slug in enumerate(slugs):
        share = count // len(slugs) + (place < count % len(slugs))
        with progress(simulate(runtime, slug, share), slug, share) as parts:
            came = sum(1 for _ in parts)
        click.echo(f"{slug}: {came} more.")


def _folders() -> list[Path]:
    return sorted(folder for folder in LETTERS.iterdir() if folder.is_dir())


def _loaded(runtime: Runtime) -> list[str]:
    """The demo's letters that are here. Raises `NotSetUp` when there is none."""
    names = [folder.name for folder in _folders()]
    with runtime.reading() as session:
        found = list(session.scalars(select(LetterRow.slug).where(LetterRow.slug.in_(names)).order_by(LetterRow.slug)))
    if not found:
        raise NotSetUp("None of the demo's letters is here. Run: make run")
    return found


def _open(runtime: Runtime) -> list[str]:
    """The demo's letters that take signers; says which others do not. Raises `NotSetUp` or `NoneOpen`."""
    loaded = _loaded(runtime)
    taking = taking_signers(runtime, loaded)
    if not taking:
        again = f"{runtime.settings.command} letter open SLUG"
        raise NoneOpen(f"None of the demo's letters is open. One that was paused opens again with: {again}")
    for slug in loaded:
        if slug not in taking:
            click.echo(f"{slug}: is not open, nobody came.")
    return taking


def load_demo(runtime: Runtime, folder: Path) -> Path:
    """Load and open one demo letter under a key of its own in `var/`; returns the key file."""
    file = Path("var") / f"{folder.name}.key"
    public = public_key_of(read_key_file(file)) if file.exists() else write_key_file(file).public
    draft = read_folder(folder, public_key=public)

    def verb(session: Session) -> str:
        if session.scalar(select(LetterRow.id).where(LetterRow.slug == draft.slug)) is None:
            row = load(session, draft, runtime.settings.vocabularies, runtime.clock())
            open_letter(row, runtime.keyring, runtime.clock())
        return draft.slug

    runtime.settle(verb)
    return file
