"""`undersigned bounces`: what came back, from a mail server's pipe or from files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from letters.commands.parts import one_line, progress, start
from letters.organising.updating.bouncing import Came, read_start, take_bounce
from verification.mailbox.bounces import LARGEST

_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, type=_READ)
@one_line
def bounces(files: tuple[Path, ...]) -> None:
    """Read bounces from FILES, one message each, or one from standard input: where a mailbox takes no mail, its
    subscription to updates ends. Delete the files afterwards: they hold addresses."""
    runtime = start()
    if not files:
        with click.open_file("-", "rb") as source:
            came = Counter([take_bounce(runtime, source.read(LARGEST + 1))])
    else:
        with progress(files, "Reading", len(files)) as items:
            came = Counter(take_bounce(runtime, read_start(path)) for path in items)
    click.echo(
        f"{came[Came.ENDED]} ended a subscription, {came[Came.NOTHING]} changed nothing, "
        f"{came[Came.NO_BOUNCE]} were no bounces."
    )
