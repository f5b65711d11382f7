"""`undersigned lockdown`, `burn` and `letter takedown`: when signers are in danger, or a letter is an abuse."""

from __future__ import annotations

import time
from pathlib import Path

import click
from sqlalchemy.orm import Session

from letters.commands.files import STANDARD, destination
from letters.commands.parts import one_line, start
from letters.models.finding import find_letter
from letters.organising.burning import AtStake, at_stake, burn
from letters.organising.lockdown import lift, lock, requests_of
from letters.organising.remains import remains
from letters.organising.takedown import put_back, take_down
from letters.publishing.editions import lock_letter
from verification.errors import Refusal

_WRITTEN = click.Path(dir_okay=False, path_type=Path)


class NotMeant(Refusal):
    """What was typed is not the letter's address."""


@click.command()
@click.argument("slug")
@click.option("--requests", type=_WRITTEN, default=STANDARD, help="Where the organisers' requests go; else printed.")
@click.option("--force", is_flag=True, help="Replace the file of requests if it exists.")
@click.option("--lift", "codes", multiple=True, metavar="CODE", help="Lift it; takes the codes of two organisers.")
@click.option("--yes", is_flag=True, help="Lock also a letter whose lockdown nobody can lift.")
@one_line
def lockdown(slug: str, requests: Path, force: bool, codes: tuple[str, ...], yes: bool) -> None:  # noqa: FBT001
    """Hide every name of SLUG at once, and freeze its exports and its count.

    Two organisers together lift it: each opens their request at home with `undersigned keys answer`. Run it again to
    have the requests once more.
    """
    runtime = start()

    def unlock(session: Session) -> None:
        lift(lock_letter(session, slug), codes)

    def hide(session: Session) -> list[str]:
        letter = lock_letter(session, slug)
        lock(letter, runtime.clock().date(), runtime.chance.token, for_good=yes)
        return requests_of(letter)

    if codes:
        runtime.settle(unlock)
        click.echo(f"{slug}: the lockdown is lifted. Names show again within some seconds.")
        return
    lines = runtime.settle(hide)
    seconds = int(runtime.learn_every) + 1
    click.echo(
        f"{slug}: under lockdown. Within {seconds} seconds every server process shows no name any more.", err=True
    )
    if not lines:
        click.echo("Nobody can lift it with this version.", err=True)
        return
    with destination(requests, replace=force) as out:
        out.writelines(f"{line}\n".encode("ascii") for line in lines)
    click.echo(
        f"Send all {len(lines)} lines to each organiser. At home they run: undersigned keys answer FILE --key KEYFILE. "
        f"The codes of two of them lift it: undersigned lockdown {slug} --lift CODE --lift CODE",
        err=True,
    )


@click.command("burn")
@click.argument("slug")
@click.option("--yes-burn", "confirmed", metavar="SLUG", help="Do not ask; for scripts.")
@one_line
def burn_letter(slug: str, confirmed: str | None) -> None:
    """Destroy the keys, the identities and the public list of SLUG for ever; its figures stay.

    Closes the letter, and says what remains where. After an interruption, run it again.
    """
    runtime = start()
    with runtime.reading() as session:
        stake = at_stake(session, find_letter(session, slug))
    if confirmed is None:
        confirmed = click.prompt(f"{_warning(slug, stake)}\nType {slug} to burn it", err=True)
    if confirmed != slug:
        raise NotMeant(f"Nothing was burned: {slug} was not typed.")
    burned = burn(runtime, slug, time.sleep)
    click.echo(f"{slug}: burned. What remains, and where:")
    for remain in remains(runtime, slug, burned):
        click.echo(f"- {remain}")


@click.command()
@click.argument("slug")
@click.option("--reason", help="Why; readers see it in place of the letter.")
@click.option("--lift", "lifted", is_flag=True, help="Show the letter again.")
@one_line
def takedown(slug: str, reason: str | None, lifted: bool) -> None:  # noqa: FBT001
    """Take SLUG off the site, with a public reason; nothing is deleted, and signers can still withdraw."""
    if lifted == (reason is not None):
        raise click.UsageError("Give either --reason TEXT or --lift.")
    runtime = start()

    def verb(session: Session) -> None:
        letter = lock_letter(session, slug)
        if reason is None:
            put_back(letter)
        else:
            take_down(letter, reason, runtime.clock().date())

    runtime.settle(verb)
    click.echo(f"{slug}: {'shown again' if lifted else 'taken down'}.")


def _warning(slug: str, stake: AtStake) -> str:
    warning = (
        f"This destroys for ever who signed {slug}: names, addresses and pseudonyms of {stake.signatures} signatures, "
        "their private links, and the letter's keys. Nobody can undo it."
    )
    if not stake.uncounted:
        return warning
    return (
        f"{warning} {stake.uncounted} of them wait for an edition or for an organiser and would never be counted; "
        f"to count those that may be, stop here and run: undersigned editions release {slug} --now"
    )
