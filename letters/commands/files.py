"""Files that a command writes: for their owner alone, whole or not at all, and never by accident over another."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from verification.errors import Refusal
from verification.private_files import others_can_read, private_file

STANDARD = Path("-")


class FileThere(Refusal):
    """A file would be replaced."""


@contextmanager
def destination(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """The file to write, or standard output for `-`. Raises `FileThere` rather than replace one, unless `replace`."""
    if path == STANDARD:
        yield sys.stdout.buffer
        return
    check_free([path], replace=replace)
    with private_file(path, replace=replace) as file:
        yield file
    warn_if_shared(path)


def check_free(paths: Sequence[Path], *, replace: bool, inputs: Sequence[Path] = ()) -> None:
    """Raises `FileThere` where a path is one of `inputs`, or exists and may not be replaced."""
    for path in paths:
        if any(path.exists() and path.samefile(needed) for needed in inputs if needed.exists()):
            raise FileThere(f"{path} would be written over what is read. Choose another name.")
        if path.exists() and not replace:
            raise FileThere(f"{path} exists already. Choose another name, or replace it with --force.")


def warn_if_shared(path: Path) -> None:
    """Say so where a disk cannot keep a file for its owner."""
    if others_can_read(path):
        click.echo(
            f"Careful: this disk cannot keep {path} to you alone (many USB sticks cannot). Whoever uses this computer, "
            "or finds the stick, can read it.",
            err=True,
        )
