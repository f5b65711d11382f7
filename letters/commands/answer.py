"""`undersigned keys answer`: an organiser's part in lifting a lockdown, at home; needs no database."""

from __future__ import annotations

from pathlib import Path

import click

from letters.commands.keys import read_key_file
from letters.commands.parts import one_line
from letters.organising.lifting import answer

_READ = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_KEY = click.Path(exists=True, dir_okay=False, path_type=Path)
_LONGEST = 1 << 20


@click.command("answer")
@click.argument("request", type=_READ)
@click.option("--key", required=True, type=_KEY, help="Your key file.")
@one_line
def answer_request(request: Path, key: Path) -> None:
    """Print the code that answers REQUEST, the file that came from a letter's host.

    With the code of one more organiser the host lifts the lockdown, and every name is public again.
    """
    secret = read_key_file(key)
    with click.open_file(str(request), "rb") as source:
        requests = source.read(_LONGEST).decode("utf-8", errors="replace")
    slug, code = answer(requests, secret)
    click.echo(
        f"With another organiser's code, this lifts the lockdown of {slug}: its names become public again.", err=True
    )
    click.echo(code)
