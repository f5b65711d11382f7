"""`undersigned audit`: the auditor of `deploy/audit.py` among the other commands; needs no installation."""

from __future__ import annotations

from pathlib import Path

import click

from letters.commands.parts import one_line
from verification.ledger.auditing.command import HELP, Request, run, say_to_terminal
from verification.ledger.auditing.running import WATCH_EVERY

_WRITTEN = click.Path(dir_okay=False, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("url", required=False)
@click.option("--state", type=_WRITTEN, metavar="FILE", help=f"{HELP['state']}.")
@click.option("--policy", type=_READ, metavar="FILE", help=f"{HELP['policy']}.")
@click.option("--key", metavar="KEY", help=f"{HELP['key']}.")
@click.option(
    "--watch", type=float, is_flag=False, flag_value=float(WATCH_EVERY), metavar="[SECONDS]", help=f"{HELP['watch']}."
)
@click.option("--receipt", type=_READ, metavar="FILE", help=f"{HELP['receipt']}.")
@click.option("--insecure", is_flag=True, help=f"{HELP['insecure']}.")
@one_line
def audit(
    url: str | None,
    state: Path | None,
    policy: Path | None,
    key: str | None,
    watch: float | None,
    receipt: Path | None,
    insecure: bool,  # noqa: FBT001
) -> None:
    """Check that the number, text and figures of the letter at URL are those in its public log.

    Ends with what that proves and what it cannot. The exit code is 1 when something is wrong or nothing can be checked.
    """
    click.get_current_context().exit(run(Request(url, state, policy, key, watch, receipt, insecure), say_to_terminal))
