"""`undersigned held`: what waits for an organiser's look, and deciding over it."""

from __future__ import annotations

from typing import TextIO

import click

from letters.commands.parts import one_line, start
from letters.models.finding import find_letter
from letters.models.signatures import Suspicion
from letters.organising.moderation import Selection, accept, count_held, void
from letters.runtime import Runtime
from verification.errors import Refusal


class BadList(Refusal):
    """A line of the file is no signature's id."""


@click.command()
@click.argument("slug")
@click.option("--accept", "act", flag_value="accept", help="Let them be counted with the next edition.")
@click.option("--void", "act", flag_value="void", help="Throw them out; say why with --reason.")
@click.option("--reason", help="Why they are voided. It is public.")
@click.option(
    "--for", "suspicion", type=click.Choice([one.value for one in Suspicion]), help="Only those held for this."
)
@click.option(
    "--only",
    type=click.File("r", errors="replace"),
    help="Only those whose ids stand in FILE, one a line, as an export has them.",
)
@one_line
def held(slug: str, act: str | None, reason: str | None, suspicion: str | None, only: TextIO | None) -> None:
    """Count the held signatures of SLUG, or decide over them. What is decided stands on the letter's count page."""
    if (act == "void") != (reason is not None):
        raise click.UsageError("--void needs a --reason, and nothing else takes one.")
    if act is None and (suspicion or only):
        raise click.UsageError("--for and --only go with --accept or --void.")
    runtime = start()
    if act is None:
        _show(runtime, slug)
        return
    selection = Selection(slug, Suspicion(suspicion) if suspicion else None, _ids(only) if only else None)
    today = runtime.clock().date()
    if reason is not None:
        count = runtime.settle(lambda session: void(session, selection, reason, today))
        click.echo(f"{slug}: {count} voided")
    else:
        count = runtime.settle(lambda session: accept(session, selection, today))
        click.echo(f"{slug}: {count} accepted")


def _show(runtime: Runtime, slug: str) -> None:
    with runtime.reading() as session:
        counts = count_held(session, find_letter(session, slug).id)
    for suspicion, count in counts.items():
        click.echo(f"{suspicion.value}: {count}")


def _ids(file: TextIO) -> list[bytes]:
    """The ids in a file. Raises `BadList`."""
    ids = []
    for number, line in enumerate(file, start=1):
        try:
            id = bytes.fromhex(line)
        except ValueError:
            id = b""
        if line.strip() and len(id) != 16:
            raise BadList(f"Line {number} of the file is no signature's id: 32 hexadecimal digits.")
        ids += [id] if id else []
    return ids
