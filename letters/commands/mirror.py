"""`undersigned mirror`: public pages as a folder that any web server can serve; and which mirrors are official."""

from __future__ import annotations

import time
from pathlib import Path

import click

from letters.commands.parts import one_line, progress, start
from letters.commands.server import start_ready
from letters.mirroring.folder import replacing
from letters.mirroring.making import Mirroring
from letters.models.addresses import find_list, own_address
from letters.models.finding import find_letter
from letters.organising.addressing.mirrors import put_mirrors, read_mirrors
from letters.organising.addressing.signing import sign_list
from letters.publishing.editions import lock_letter


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--letter", "slugs", multiple=True, metavar="SLUG", help="Only this letter; may be given several times.")
@one_line
def mirror(folder: Path, slugs: tuple[str, ...]) -> None:
    """Write a copy of all public pages to DIR, or bring the copy there up to date.

    Any web server can serve it, at any path; it also opens from a disk. It has no form, but leads to the official
    addresses. Run this again after each edition, and at once when names were hidden: a copy does not know.
    """
    runtime = start_ready()
    mirroring = Mirroring(runtime, slugs, time.sleep, progress)
    with replacing(folder) as fresh:
        editions = mirroring.write(fresh)
        files, size = fresh.files, fresh.size
    for slug in sorted({*(slugs or fresh.before)} - editions.keys()):
        click.echo(f"{slug}: taken down, and no longer in the copy")
    for slug, number in editions.items():
        click.echo(f"{slug}: edition {number}")
    click.echo(f"{folder}: {files} files, {size / 1e6:.1f} MB, a copy of {runtime.settings.base_url}")


@click.command("mirrors")
@click.argument("slug")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--none", "empty", is_flag=True, help="Name none: the letter is at this site's own address alone.")
@one_line
def name_mirrors(slug: str, urls: tuple[str, ...], empty: bool) -> None:  # noqa: FBT001
    """Put these addresses in place of the mirrors on SLUG's signed list; without any, show the list."""
    if urls and empty:
        raise click.UsageError("Give either addresses or --none.")
    runtime = start()
    if urls or empty:
        mirrors = read_mirrors("\n".join(urls), own_address(runtime.settings.base_url, slug))
        runtime.settle(lambda session: put_mirrors(session, lock_letter(session, slug), mirrors))
        sign_list(runtime, slug)
    with runtime.reading() as session:
        found = find_list(session, find_letter(session, slug).id)
    click.echo(
        found.note if found and found.note else f"{slug}: no list is signed so far.", nl=not (found and found.note)
    )
