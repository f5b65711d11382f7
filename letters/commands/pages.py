"""`undersigned pages`: lay public pages down as files for the proxy."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace

import click
from werkzeug.test import Client

from letters.app import create_app
from letters.commands.parts import one_line
from letters.commands.server import start_ready
from letters.laying.folder import LaidFolder
from letters.laying.rounds import EVERY, Laying
from letters.runtime import PLACES, SILENT
from letters.settings import Settings
from letters.web.site import Site
from verification.errors import Refusal
from verification.gate import Gate


class NoFolder(Refusal):
    """The setting that names the folder is missing."""


@click.command()
@click.option("--child", is_flag=True, hidden=True, help="End when the process that started it has ended.")
@one_line
def pages(child: bool) -> None:  # noqa: FBT001
    """Lay public pages down as files in UNDERSIGNED_PAGES, until told to stop; then take them away."""
    settings = Settings.read(os.environ)
    if settings.pages is None:
        raise NoFolder("UNDERSIGNED_PAGES is missing. Name the folder that the proxy serves pages from.")
    folder = LaidFolder(settings.pages, time.monotonic)
    folder.empty()  # before anything that may refuse: who is named there may have taken the name away since
    gate = Gate(PLACES, SILENT)  # as for visitors, so that no page waits for ever while others get old
    runtime = replace(start_ready(), learn_every=EVERY / 2, gate=gate)
    stopped, parent = threading.Event(), os.getppid()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    site = Site.of(runtime)
    client = Client(create_app(runtime, site), use_cookies=False)
    laying = Laying(site, client, folder, time.monotonic)
    laying.run(lambda: stopped.is_set() or (child and os.getppid() != parent), stopped.wait)
