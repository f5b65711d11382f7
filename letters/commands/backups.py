"""`undersigned backup` and `restore`: everything in one sealed file, and back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import click
from sqlalchemy.orm import Session

from letters.backups.checking import Restored, findings, look_at, missing_keys
from letters.backups.making import Watch, backup
from letters.backups.records import Summary
from letters.backups.restoring import no_more, restore
from letters.backups.since import remove_again, removed_in
from letters.commands.files import destination
from letters.commands.keys import read_key_file
from letters.commands.parts import one_line, start
from letters.runtime import Runtime
from verification.errors import Refusal
from verification.identity.custody import KeyPart
from verification.identity.keypairs import PUBLIC_PREFIX, SECRET_PREFIX
from verification.identity.two_of_three import COMBINED_PREFIX

_KEY = re.compile(rf"(?:{PUBLIC_PREFIX}|{COMBINED_PREFIX})[A-Za-z0-9+/=]+")
_LONGEST_FILE = 1 << 16
_WRITTEN = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


class NoPublicKey(Refusal):
    """What was given as the key to seal to is none."""


class NotProven(Refusal):
    """What was restored does not prove its own figures."""


@click.command("backup")
@click.argument("file", type=_WRITTEN)
@click.option(
    "--key", required=True, metavar="KEY", help="The public key that `undersigned keys new` printed, or a file with it."
)
@click.option("--move", is_flag=True, help="Leave nothing out: to move the site, while it stands still.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@one_line
def make_backup(file: Path, key: str, move: bool, force: bool) -> None:  # noqa: FBT001
    """Write all that the database holds to FILE, sealed, while the site goes on; `-` is standard output.

    Only the secret key opens it: make one with `undersigned keys new` on another computer, and keep it there. The
    server's key files are not in it.
    """
    runtime, public = start(), public_key_in(key)
    with ExitStack() as stack:
        out = stack.enter_context(destination(file, replace=force))
        size = sum(out.write(part) for part in backup(runtime, public, move=move, watch=_bar(stack, "backing up")))
    click.echo(f"{file}: {size:,} bytes.", err=True)


@click.command("restore")
@click.argument("file", type=_READ)
@click.option(
    "--key", "keys", required=True, multiple=True, type=_READ, help="The secret key file; two where it takes two."
)
@click.option(
    "--since",
    "logs",
    multiple=True,
    metavar="LOG",
    help="A letter's address, or a folder with its log, newer than the backup: who has withdrawn since is withdrawn.",
)
@one_line
def restore_backup(file: Path, keys: tuple[Path, ...], logs: tuple[str, ...]) -> None:
    """Put a backup back, into a database that holds nothing: that of UNDERSIGNED_DATABASE_URL.

    It may be SQLite or PostgreSQL, whichever the backup was made from. All is restored or nothing is. Afterwards every
    figure is recounted and every log recomputed; the exit code is 1 if something differs.
    """
    runtime = start()
    parts = [KeyPart(str(key), read_key_file(key)) for key in keys]
    removed = {nullifier: leaf for log in logs for nullifier, leaf in removed_in(log).items()}
    again: list[int] = []

    def prepare(session: Session) -> None:
        again.append(remove_again(session, removed, runtime.clock().date()))

    with ExitStack() as stack:
        bar = _bar(stack, "restoring")
        summary = restore(runtime, file, parts, watch=bar, prepare=prepare if logs else no_more)
    with runtime.reading() as session, ExitStack() as stack:
        letters = look_at(session, runtime.keyring)
        _say(summary, letters)
        click.echo(_about_withdrawals(again, sum(letter.log_size > 0 for letter in letters) - len(logs)))
        _say_missing(session, runtime)
        watch = _bar(stack, "recounting")(summary.rows.get("letters", 0))
        found = findings(session, runtime.settings.vocabularies, watch)
    if found:
        raise NotProven(f"Everything is restored, but it does not prove its own figures. {' '.join(found)}")
    click.echo("Every figure was recounted and every log recomputed: they agree with the rows.")


def public_key_in(argument: str) -> str:
    """The public key that an argument is, or that stands in the file of that name. Raises `NoPublicKey`."""
    text = argument
    with suppress(OSError), Path(argument).open("rb") as opened:
        text = opened.read(_LONGEST_FILE).decode("utf-8", errors="replace")
    if SECRET_PREFIX in text:
        raise NoPublicKey(
            "This is the secret half. Keep it away from the server: who has it reads every backup. Give the public "
            "half, the line that `undersigned keys new` printed."
        )
    found = _KEY.findall(text)
    if len(found) != 1:
        raise NoPublicKey("Expected one public key. Give the line that `undersigned keys new` printed, in quotes.")
    return str(found[0])


def _bar(stack: ExitStack, label: str) -> Callable[[int], Watch]:
    """A progress bar on standard error, for whoever watches a terminal, that begins once its length is known."""

    def begin(length: int) -> Watch:
        bar = click.progressbar(
            length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty(), update_min_steps=length // 500
        )
        return stack.enter_context(bar).update

    return begin


def _say(summary: Summary, letters: list[Restored]) -> None:
    rows = summary.rows
    click.echo(
        f"Restored as of {summary.made_on}: {rows.get('letters', 0)} letters, {rows.get('signatures', 0)} signatures, "
        f"{rows.get('accounts', 0)} organisers, {sum(rows.values())} rows in all."
    )
    for letter in letters:
        head = f"; its log has {letter.log_size} leaves, root {letter.root}" if letter.log_size else ""
        click.echo(f"{letter.slug}: edition {letter.edition}, total {letter.total}{head}")
    if not summary.move:
        click.echo("Left out: waiting mail, unconfirmed signatures, open invitations. Organisers sign in anew.")
    click.echo(
        "Undone is whatever was done since: lockdowns, takedowns, burned letters, removed members, changed passwords. "
        "Do it again before you start the server."
    )


def _about_withdrawals(again: list[int], unnamed: int) -> str:
    """What is known of who left since; `unnamed` logs were not asked."""
    if again:
        others = " So is whoever has left a letter whose log was not named." if unnamed > 0 else ""
        return (
            f"Withdrawn or voided since, by the newer logs, and so again here: {again[-1]}. Who has only hidden a name "
            "since, or was counted only after the backup and left, is back in it; docs/backups.md says what to do."
            f"{others}"
        )
    return "Whoever has withdrawn or hidden a name since then is back in it; docs/backups.md says what to do."


def _say_missing(session: Session, runtime: Runtime) -> None:
    for name, meaning in missing_keys(session, runtime.keyring):
        click.echo(f"Missing in {runtime.settings.keys}: {name}. Until you put it back {meaning}.")
    for letter in look_at(session, runtime.keyring):
        if not letter.remembered:
            click.echo(
                f"{letter.slug}: nobody here remembers which heads of its log were signed. If readers saw none newer, "
                f"or it is lost: undersigned editions sign {letter.slug} --trust-database"
            )
