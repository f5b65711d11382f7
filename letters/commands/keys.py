"""`undersigned keys new` and `unseal`: for the organiser's own computer; neither needs a database."""

from __future__ import annotations

import csv
import sys
from dataclasses import astuple, fields
from pathlib import Path
from typing import TextIO

import click

from letters.commands.parts import one_line, progress
from letters.organising.exports import BadRecord, Opened, open_record
from verification.errors import Refusal
from verification.identity.keyring import write_private
from verification.identity.sealing import KeyPair, new_key_pair, public_key_of

_HEAD = """\
# The secret key of one letter of Undersigned. Whoever has this file can read every name under it.
# Keep it where you would keep a list of all signers, never on the server. There is no second copy.
"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoKeyFile(Refusal):
    """The file holds no secret key, or one would be overwritten."""


@click.group()
def keys() -> None:
    """Make a letter's key."""


@keys.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@one_line
def new_key(file: Path) -> None:
    """Make a key pair: the secret half goes into FILE, the public half is printed for letter.toml."""
    pair = write_key_file(file)
    click.echo(f"The secret key is in {file}. Copy it to a safe place away from the server.", err=True)
    click.echo("This line belongs into letter.toml:", err=True)
    click.echo(f'public_key = "{pair.public}"')


@click.command()
@click.argument("export", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option(
    "--key", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The key file."
)
@one_line
def unseal(export: TextIO, key: Path) -> None:
    """Open EXPORT with the letter's key and print CSV; lines that do not open are named, and the exit code is 1."""
    secret, damaged = read_key_file(key), []
    out = csv.writer(sys.stdout)
    out.writerow([field.name for field in fields(Opened)])
    with progress(export.readlines(), "opening") as bar:
        for number, line in enumerate(bar, start=1):
            try:
                out.writerow([_plain(cell) for cell in astuple(open_record(line, secret))])
            except BadRecord as error:
                damaged.append(f"line {number}: {error}")
    for finding in damaged:
        click.echo(finding, err=True)
    if damaged:
        raise click.ClickException(f"{len(damaged)} lines could not be opened; the others are complete.")


def write_key_file(file: Path) -> KeyPair:
    """Make a key pair and write its secret half, for the owner alone. Raises `NoKeyFile` rather than overwrite."""
    pair = new_key_pair()
    try:
        write_private(file, f"{_HEAD}{pair.secret}\n")
    except FileExistsError:
        raise NoKeyFile(f"{file} exists already. A key is never overwritten; choose another name.") from None
    except FileNotFoundError:
        raise NoKeyFile(f"There is no folder {file.parent}. Make it first.") from None
    return pair


def read_key_file(file: Path) -> str:
    """The secret key in a file. Raises `NoKeyFile`, or `BadSecretKey` for a damaged one."""
    if file.stat().st_mode & 0o077:
        raise NoKeyFile(f"Others can read {file}. Run: chmod 600 {file}")
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    secrets = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    secret = secrets[0] if secrets else ""
    public_key_of(secret)
    return secret


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
