"""What every command shares: the runtime from the environment, and refusals in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from letters.runtime import Runtime
from letters.settings import Settings
from verification.errors import Refusal

P = ParamSpec("P")
R = TypeVar("R")


def start() -> Runtime:
    """The installation that the environment describes; its connections are closed when the command ends."""
    runtime = Runtime.start(Settings.read(os.environ))
    click.get_current_context().call_on_close(runtime.engine.dispose)
    return runtime


def progress(items: Iterable[R], label: str, length: int | None = None) -> AbstractContextManager[Iterable[R]]:
    """A progress bar on standard error, for whoever watches a terminal."""
    return click.progressbar(items, length, label, file=sys.stderr, hidden=not sys.stderr.isatty())


def one_line(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with one line and exit code 1 where something is refused."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(" ".join(str(refusal).split())) from refusal
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(
                "The database does not answer or has no tables: check UNDERSIGNED_DATABASE_URL, "
                "then run `undersigned db upgrade`."
            ) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise click.ClickException(f"{error.filename}: {reason}." if error.filename else f"{reason}.") from error

    return run
