"""`undersigned keys …`: making a letter's key, on the organiser's own computer; needs no database."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import click

from letters.commands.files import warn_if_shared
from letters.commands.parts import one_line
from verification.errors import Refusal
from verification.identity.keypairs import KeyPair, fingerprint, new_key_pair, public_key_of
from verification.identity.keyring import write_private
from verification.identity.sealing import members_of
from verification.identity.two_of_three import CannotCombine, combine
from verification.private_files import others_can_read

_HEAD = """\
# A secret key for a letter of Undersigned. Whoever has this file (and one more, where it takes two of three) can read
# every name under the letter. Keep it where you would keep a list of all signers, never on the server.
# There is no second copy.
# Fingerprint of its public half: {fingerprint}
"""
_FINGERPRINT = re.compile(r"^# Fingerprint of its public half: (.*)$", re.MULTILINE)
_KEY = re.compile(r"undersigned-(?:public|secret)[\w-]*:[^\s\"']*")
_LONGEST_FILE = 1 << 16


class NoKeyFile(Refusal):
    """The file holds no secret key, others can read it, or one would be overwritten."""


class KeyAltered(Refusal):
    """The key in a file is not the one that was written there."""


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
    warn_if_shared(file)
    click.echo(f"Fingerprint: {fingerprint(pair.public)}", err=True)
    click.echo(
        "This line belongs into letter.toml, or goes to whoever combines the keys of three organisers:", err=True
    )
    click.echo(f'public_key = "{pair.public}"')


@keys.command("combine")
@click.argument("public", nargs=-1)
@one_line
def combine_keys(public: tuple[str, ...]) -> None:
    """Combine three organisers' PUBLIC keys: any two of the three can open the letter, and one alone cannot.

    Each PUBLIC is the text that `undersigned keys new` printed, or a file that holds it.
    """
    found = [key for argument in public for key in _keys_in(argument)]
    combined = combine(found)
    click.echo("Read these fingerprints to their owners, by voice, before you use the key:", err=True)
    for member in members_of(combined):
        click.echo(f"  {fingerprint(member)}", err=True)
    click.echo("This line belongs into letter.toml:", err=True)
    click.echo(f'public_key = "{combined}"')


def write_key_file(file: Path) -> KeyPair:
    """Make a key pair and write its secret half, for the owner alone. Raises `NoKeyFile` rather than overwrite."""
    pair = new_key_pair()
    try:
        write_private(file, f"{_HEAD.format(fingerprint=fingerprint(pair.public))}{pair.secret}\n")
    except FileExistsError:
        raise NoKeyFile(f"{file} exists already. A key is never overwritten; choose another name.") from None
    except FileNotFoundError:
        raise NoKeyFile(f"There is no folder {file.parent}. Make it first.") from None
    return pair


def read_key_file(file: Path) -> str:
    """The secret key in a file.

    Raises `NoKeyFile`, `BadSecretKey` for a damaged one, or `KeyAltered` where it does not fit the fingerprint that
    stands beside it.
    """
    if others_can_read(file):
        raise NoKeyFile(
            f"Others can read {file}. Run: chmod 600 {file}. Where that changes nothing, as on many USB sticks, "
            "copy the file into your home folder, run it on the copy, and delete the copy afterwards."
        )
    text = _read(file)
    lines = [line.strip() for line in text.splitlines()]
    secret = next((line for line in lines if line and not line.startswith("#")), "")
    found, written = fingerprint(public_key_of(secret)), _FINGERPRINT.search(text)
    if written and written[1].strip() != found:
        raise KeyAltered(f"The file {file} was altered: the key in it is not the one written there. Use another copy.")
    return secret


def _keys_in(argument: str) -> list[str]:
    """The keys in an argument, or in the file that it names. Raises `CannotCombine` where there are none."""
    found = _KEY.findall(argument)
    if not found:
        with suppress(OSError):  # no file of that name, or one that cannot be read
            found = _KEY.findall(_read(Path(argument)))
    if not found:
        raise CannotCombine(
            f'"{argument[:40]}" is neither a public key nor a file with one. '
            "Give the line that `undersigned keys new` printed, in quotes."
        )
    return found


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(_LONGEST_FILE).decode("utf-8", errors="replace")
