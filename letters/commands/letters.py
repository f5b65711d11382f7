"""`undersigned letter …`, `editions …`, `recount`, `export`: everything about one letter."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from letters.commands.files import destination
from letters.commands.parts import one_line, progress, start
from letters.models.finding import find_letter
from letters.models.letters import LetterRow, LetterState
from letters.organising.exports import head_of, sealed_records
from letters.organising.folder import read_folder
from letters.organising.loading import load, move, open_letter
from letters.organising.lockdown import check_exportable
from letters.organising.log_signing import sign_heads
from letters.organising.releasing import release_letter, scheme_of
from letters.publishing.editions import NotDue, lock_letter
from letters.publishing.recount import recount as recount_letter


@click.group()
def letter() -> None:
    """Load letters and move them through their states."""


@letter.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--open", "open_it", is_flag=True, help="Open it, or schedule it when its time is still to come.")
@one_line
def load_letter(folder: Path, open_it: bool) -> None:  # noqa: FBT001
    """Store the letter in FOLDER as a draft, or bring a stored one up to date."""
    runtime, draft = start(), read_folder(folder)

    def verb(session: Session) -> str:
        row = load(session, draft, runtime.settings.vocabularies, runtime.clock())
        if open_it and row.state in (LetterState.DRAFT.value, LetterState.SCHEDULED.value):
            open_letter(row, runtime.keyring, runtime.clock())
        return row.state

    state = runtime.settle(verb)
    click.echo(f"{draft.slug}: {state}, {runtime.settings.base_url}/letters/{draft.slug}")


def _move_command(name: str, state: LetterState, help_text: str) -> None:
    @letter.command(name, help=help_text)
    @click.argument("slug")
    @one_line
    def command(slug: str) -> None:
        runtime = start()

        def verb(session: Session) -> str:
            row = lock_letter(session, slug)
            if state is LetterState.OPEN:
                return open_letter(row, runtime.keyring, runtime.clock()).value
            move(row, state, runtime.clock())
            return row.state

        click.echo(f"{slug}: {runtime.settle(verb)}")


_move_command("open", LetterState.OPEN, "Open a draft or a paused letter.")
_move_command("pause", LetterState.PAUSED, "Take no new signatures for a while; waiting ones can still be confirmed.")
_move_command("close", LetterState.CLOSED, "Take no more signatures; what waits is released.")
_move_command("archive", LetterState.ARCHIVED, "Mark a closed letter as done.")


@click.group()
def editions() -> None:
    """Release editions by hand."""


@editions.command()
@click.argument("slug")
@click.option("--now", is_flag=True, help="Wait for neither the interval nor the minimum.")
@one_line
def release(slug: str, now: bool) -> None:  # noqa: FBT001
    """Release the next edition of SLUG if it is due."""
    try:
        edition = release_letter(start(), slug, at_once=now)
    except NotDue as reason:
        click.echo(f"{slug}: no edition. {reason}")
        return
    click.echo(f"{slug}: edition {edition.number}, total {edition.total}")


@editions.command()
@click.argument("slug")
@click.option(
    "--trust-database",
    is_flag=True,
    help="Where it is forgotten what was signed: this database is the newest there is, no older copy.",
)
@one_line
def sign(slug: str, trust_database: bool) -> None:  # noqa: FBT001
    """Sign what waits in the log of SLUG, or say why not. The worker does so by itself."""
    runtime = start()
    with runtime.reading() as session:
        find_letter(session, slug)
    signed = sign_heads(runtime, slug, trust_database=trust_database)
    click.echo(f"{slug}: {signed} heads signed")


@click.command()
@click.argument("slug", required=False)
@one_line
def recount(slug: str | None) -> None:
    """Prove the totals of every edition and the current cells from the rows; exit 1 if one differs."""
    runtime, findings = start(), []
    with runtime.reading() as session:
        if slug:
            find_letter(session, slug)
        chosen = select(LetterRow).where(LetterRow.slug == slug) if slug else select(LetterRow)
        rows = session.scalars(chosen).all()
        with progress(rows, "recounting") as bar:
            for row in bar:
                findings += recount_letter(session, row, scheme_of(row, runtime.settings.vocabularies))
    for finding in findings:
        click.echo(finding)
    if findings:
        sys.exit(1)
    click.echo(f"{len(rows)} letters recounted: the totals of every edition and the current cells agree with the rows.")


@click.command()
@click.argument("slug")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@one_line
def export(slug: str, file: Path, force: bool) -> None:  # noqa: FBT001
    """Write the signatures of SLUG to FILE, identities still sealed; `undersigned unseal` opens it."""
    runtime = start()
    with runtime.reading() as session:
        letter = find_letter(session, slug)
        check_exportable(letter)
        head = head_of(session, letter, runtime.clock().date())
        with (
            destination(file, replace=force) as out,
            progress(sealed_records(session, letter, runtime.keyring), "exporting", head.records) as bar,
        ):
            out.writelines(f"{line}\n".encode("ascii") for line in chain([head.as_line()], bar))
    click.echo(f"{head.records} signatures exported, still sealed.", err=True)
