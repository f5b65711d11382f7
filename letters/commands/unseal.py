"""`undersigned unseal`: opening an export where the key is; needs no database, and memory for one record."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import click

from letters.commands.files import STANDARD, check_free, destination
from letters.commands.keys import read_key_file
from letters.commands.parts import one_line
from letters.organising.sheets import SHEETS, Write, check_fits
from letters.organising.unsealing import BadRecord, Export, Line, open_record, opener_of, read_export
from verification.identity.custody import KeyPart, Opener
from verification.private_files import private_file

_READ = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_KEY = click.Path(exists=True, dir_okay=False, path_type=Path)
_WRITTEN = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("export", type=_READ)
@click.option("--key", "keys", required=True, multiple=True, type=_KEY, help="A key file; give two where it takes two.")
@click.option(
    "--format", "form", type=click.Choice(list(SHEETS)), help="What to write; otherwise as FILE ends, or csv."
)
@click.option("-o", "--output", type=_WRITTEN, default=STANDARD, help="The table, for you alone; otherwise printed.")
@click.option("--set-aside", type=_WRITTEN, help="Takes the lines that do not open; otherwise EXPORT.damaged.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@one_line
def unseal(
    export: Path,
    keys: tuple[Path, ...],
    form: str | None,
    output: Path,
    set_aside: Path | None,
    force: bool,  # noqa: FBT001
) -> None:
    """Open EXPORT with the letter's key, or with the keys of two of three organisers, and write a table.

    Lines that do not open are named and set aside; the others are complete, and the exit code is 1.
    """
    form = form or (output.suffix[1:] if output.suffix[1:] in SHEETS else "csv")
    if form == "xlsx" and output == STANDARD:
        raise click.UsageError("An XLSX table goes into a file: add --output FILE.")
    kept = set_aside or Path("stdin.damaged" if export == STANDARD else f"{export}.damaged")
    check_free([path for path in (output, set_aside) if path], replace=force, inputs=(export, *keys))
    check_free([kept], replace=True, inputs=(export, *keys, output))
    parts = [KeyPart(str(file), read_key_file(file)) for file in keys]
    with click.open_file(str(export), "rb") as source:
        whole = read_export(cast(BinaryIO, source))
        opener = opener_of(whole.head, parts)
        check_fits(form, whole.head.records if whole.head else 0)
        with ExitStack() as stack:
            file = stack.enter_context(destination(output, replace=force))
            write = stack.enter_context(SHEETS[form](file))
            aside = _Aside(kept, stack)
            open_all(whole, opener, write, aside, 0 if export == STANDARD else export.stat().st_size)
    findings = [*aside.findings(), *whole.findings()]
    if findings:
        raise click.ClickException(f"{' '.join(findings)} The others are complete.")


def open_all(export: Export, opener: Opener, write: Write, aside: _Aside, size: int) -> None:
    """Write every record that opens and set the others aside; `size` is that of the export in bytes."""
    watched = sys.stderr.isatty()
    with click.progressbar(
        length=size, label="opening", file=sys.stderr, hidden=not watched, update_min_steps=size // 500
    ) as bar:
        for line in export.lines():
            try:
                opened = open_record(line.content, opener, export.letter)
                export.check_place(opened.signature)
                write(opened)
            except BadRecord as reason:
                aside.keep(line, reason)
            bar.update(len(line.content))


class _Aside:
    """Lines that did not open: each named on standard error, and all kept in a file that is made with the first."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path, self._stack = path, stack
        self._file: BinaryIO | None = None
        self._count = self._last = 0

    def keep(self, line: Line, reason: BadRecord) -> None:
        if self._file is None:
            self._file = self._stack.enter_context(private_file(self._path, replace=True))
        self._file.write(line.content)
        if line.number != self._last:
            self._count, self._last = self._count + 1, line.number
            click.echo(f"line {line.number}: {reason}", err=True)

    def findings(self) -> list[str]:
        return [f"Lines that did not open: {self._count}; they are in {self._path}."] if self._count else []
