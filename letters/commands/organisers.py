"""`undersigned organiser …`: letting the first organisers in."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from letters.commands.parts import one_line, start
from letters.organising.accounts.joining import FOUNDING, founding_challenge, invite
from letters.organising.teams.giving import give_letter
from letters.runtime import Runtime
from verification.identity.addresses import parse_address
from verification.mailbox.tokens import Purpose


@click.group()
def organiser() -> None:
    """Let organisers into the workspace; they invite each other from then on."""


@organiser.command("add")
@click.argument("email")
@click.option("--language", help="The language of the mail; the site's first one if not given.")
@one_line
def add_organiser(email: str, language: str | None) -> None:
    """Invite EMAIL to found a team: an invitation is mailed, and works for 7 days."""
    runtime, address = start(), parse_address(email)
    languages = runtime.settings.languages
    spoken = language if language in languages else languages[0]
    runtime.settle(lambda session: invite(session, runtime.keyring, FOUNDING, address, spoken, runtime.clock()))
    click.echo("The invitation waits to be mailed by the worker.")


@click.command("give")
@click.argument("slug")
@click.argument("email")
@click.option("--team", help="Which of the organiser's teams, if there are several.")
@one_line
def give(slug: str, email: str, team: str | None) -> None:
    """Give the letter SLUG, loaded here, to the team of the organiser EMAIL, who works on it in the workspace."""
    runtime, address = start(), parse_address(email)
    name = runtime.settle(lambda session: give_letter(session, runtime.keyring, slug, address, team))
    click.echo(f"{slug} belongs to the team {name}.")


def first_run_page(runtime: Runtime) -> str | None:
    """Where the first organiser founds a team; None once somebody has an account."""

    def verb(session: Session) -> bytes | None:
        return founding_challenge(session, runtime.keyring, runtime.settings.languages[0], runtime.clock())

    challenge = runtime.settle(verb)
    if challenge is None:
        return None
    return f"{runtime.settings.base_url}/workspace/join/{runtime.tokens.mint(Purpose.INVITE, challenge)}"
