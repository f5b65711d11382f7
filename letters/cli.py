"""The `undersigned` command; the same commands stand under `flask --app wsgi`."""

from __future__ import annotations

import click
from flask import Flask

from letters.commands.answer import answer_request
from letters.commands.audit import audit
from letters.commands.backups import make_backup, restore_backup
from letters.commands.bounces import bounces
from letters.commands.demo import demo
from letters.commands.held import held
from letters.commands.keys import keys
from letters.commands.letters import editions, export, letter, recount
from letters.commands.mirror import mirror, name_mirrors
from letters.commands.organisers import give, organiser
from letters.commands.pages import pages
from letters.commands.protection import burn_letter, lockdown, takedown
from letters.commands.server import db, outbox, serve, worker
from letters.commands.unseal import unseal
from letters.commands.witness import witness
from letters.web.logs import log_lines

COMMANDS: tuple[click.Command, ...] = (
    audit,
    bounces,
    burn_letter,
    db,
    demo,
    editions,
    export,
    held,
    keys,
    letter,
    lockdown,
    make_backup,
    mirror,
    organiser,
    outbox,
    pages,
    recount,
    restore_backup,
    serve,
    unseal,
    witness,
    worker,
)


keys.add_command(answer_request)
letter.add_command(name_mirrors)
letter.add_command(takedown)
letter.add_command(give)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Open letters whose count can be checked and whose signers cannot be found."""
    log_lines()


for _command in COMMANDS:
    main.add_command(_command)


def add_commands(app: Flask) -> None:
    """Offer the same commands as `flask --app wsgi …`."""
    for command in COMMANDS:
        app.cli.add_command(command)


if __name__ == "__main__":
    main()
