"""The web application: every page at its address, and what they share."""

from __future__ import annotations

import os
from functools import partial

from flask import Flask
from sqlalchemy import QueuePool
from werkzeug.middleware.proxy_fix import ProxyFix

from letters.api.routes import add_api
from letters.organising import routes as organising
from letters.organising.drafting.embargo import PreviewPage
from letters.reading import routes as reading
from letters.reading.caught_mail import CaughtMailPage
from letters.reading.health import healthz, readyz
from letters.reading.looks import Watch
from letters.reading.metrics import MetricsPage
from letters.reading.slots import Slots, keep_turning
from letters.reading.tour import Tour
from letters.runtime import Runtime
from letters.settings import ROOT, Settings
from letters.signing import link_pages
from letters.signing import routes as signing
from letters.web import errors
from letters.web.front import FrontDesk
from letters.web.guards import init_guards
from letters.web.headers import init_headers
from letters.web.locale import add_public, init_locale
from letters.web.logs import log_lines
from letters.web.meter import Counts, Meter
from letters.web.numbers import init_numbers
from letters.web.site import Site
from letters.web.templating import init_templating


def create_app(runtime: Runtime, site: Site | None = None) -> Flask:
    """The application over a running installation; `site` where somebody else looks at the same shelf of letters."""
    return _assemble(runtime, site or Site.of(runtime))[0]


def _assemble(runtime: Runtime, site: Site) -> tuple[Flask, Watch]:
    settings = runtime.settings
    app = Flask("undersigned", root_path=str(ROOT), template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000  # their addresses change with their content
    init_numbers(app)
    init_guards(app, settings)
    init_headers(app)
    init_locale(app, settings)
    init_templating(app, settings)
    errors.init_errors(app, runtime.chance.token)
    link_pages.init_link_errors(app)
    meter = Meter(app.wsgi_app)
    front = FrontDesk(meter, site.shelf)
    app.wsgi_app = front  # type: ignore[method-assign]
    watch = _watch(runtime, meter, front)
    _add_pages(app, site, watch)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app, watch


def _watch(runtime: Runtime, meter: Meter, front: FrontDesk) -> Watch:
    def take() -> Counts:
        kept, front.answered = front.answered, 0
        return meter.take(kept)

    pool, chance = runtime.engine.pool, runtime.chance
    room = pool.size() if isinstance(pool, QueuePool) else 1
    return Watch(runtime, Slots(take, chance.below, chance.token(8).hex(), room, runtime.settings.counts))


def app_from_environment() -> Flask:
    """The application that a web server loads."""
    log_lines()
    runtime = Runtime.for_visitors(Settings.read(os.environ))
    app, watch = _assemble(runtime, Site.of(runtime))
    keep_turning(watch.turn, watch.runtime.clock)
    return app


def _add_pages(app: Flask, site: Site, watch: Watch) -> None:
    settings = site.runtime.settings
    for rule, (name, page) in {**reading.PAGES, **signing.PAGES}.items():
        add_public(app, settings, rule, name, page.as_view(name, site))
    add_public(app, settings, "/preview/<token>", "preview", PreviewPage.as_view("preview", site))
    for rule, (name, page) in organising.ROUTES.items():
        app.add_url_rule(rule, f"workspace_{name}", page.as_view(f"workspace_{name}", site))
    for rule, (name, page) in reading.FILES.items():
        app.add_url_rule(rule, name, page.as_view(name, site))
    add_api(app, site)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", partial(readyz, watch))
    app.add_url_rule("/metrics", "metrics", MetricsPage.as_view("metrics", site, watch))
    if settings.demo:
        add_public(app, settings, "/demo", "tour", Tour.as_view("tour", site))
        app.add_url_rule("/demo/mail", "caught_mail", CaughtMailPage.as_view("caught_mail", site))
