"""The web application: every page at its address, and what they share."""

from __future__ import annotations

import os
from functools import partial

from flask import Flask
from sqlalchemy import QueuePool
from werkzeug.middleware.proxy_fix import ProxyFix

from letters.api.routes import add_api
from letters.organising.drafting.embargo import PreviewPage
from letters.organising.routes import ROUTES
from letters.reading import (
    address_pages,
    drawings,
    edition_pages,
    embedding,
    feeds,
    institutions,
    letters_feed,
    log_pages,
    oembed,
    sharing,
    sitemap,
)
from letters.reading import pages as reading
from letters.reading.caught_mail import CaughtMailPage
from letters.reading.health import healthz, readyz
from letters.reading.knows import Knows
from letters.reading.looks import Watch
from letters.reading.metrics import MetricsPage
from letters.reading.slots import Slots, keep_turning
from letters.reading.tour import Tour
from letters.runtime import Runtime
from letters.settings import ROOT, Settings
from letters.signing import link_pages
from letters.signing import pages as signing
from letters.signing.receipt_page import ReceiptPage
from letters.signing.signature_page import SignaturePage
from letters.signing.unsubscribe_page import Unsubscribe
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
    public = {
        "/": ("home", reading.Home),
        "/letters/<slug>": ("letter", signing.LetterPage),
        "/letters/<slug>/sign": ("sign", signing.Sign),
        "/letters/<slug>/check-mail": ("check_mail", signing.CheckMail),
        "/letters/<slug>/signatories": ("signatories", reading.Signatories),
        "/letters/<slug>/count": ("count", reading.CountPage),
        "/letters/<slug>/editions/<int:number>": ("edition", edition_pages.EditionPage),
        "/letters/<slug>/editions/latest": ("latest_edition", edition_pages.LatestEdition),
        "/letters/<slug>/editions.atom": ("editions_atom", feeds.EditionsFeed),
        "/letters/<slug>/log": ("log", log_pages.LogPage),
        "/letters/<slug>/addresses": ("addresses", address_pages.AddressesPage),
        "/letters/<slug>/institutions": ("institutions", institutions.Institutions),
        "/letters/<slug>/badge.svg": ("badge", reading.Badge),
        "/letters/<slug>/card.png": ("card", drawings.CardPage),
        "/letters/<slug>/poster.pdf": ("poster", drawings.PosterPage),
        "/letters/<slug>/qr.png": ("qr", drawings.QrPage),
        "/letters/<slug>/share": ("share", sharing.SharePage),
        "/letters/<slug>/embed": ("embed", embedding.Embed),
        "/knows": ("knows", Knows),
        "/letters.atom": ("letters_atom", letters_feed.LettersFeed),
        "/confirm/<token>": ("confirm", link_pages.Confirm),
        "/signed/<handle>": ("signed", link_pages.Signed),
        "/receipt": ("receipt", ReceiptPage),
        "/signature/<token>": ("signature", SignaturePage),
        "/preview/<token>": ("preview", PreviewPage),
        "/unsubscribe/<token>": ("unsubscribe", Unsubscribe),
    }
    for rule, (name, view) in public.items():
        add_public(app, site.runtime.settings, rule, name, view.as_view(name, site))
    for rule, (name, page) in ROUTES.items():
        app.add_url_rule(rule, f"workspace_{name}", page.as_view(f"workspace_{name}", site))
    for rule, (name, file) in {
        "/letters/<slug>/editions.csv": ("editions_csv", feeds.EditionsTable),
        "/letters/<slug>/addresses.txt": ("addresses_file", address_pages.AddressesFile),
        "/letters/<slug>/log/checkpoint": ("log_checkpoint", log_pages.LogCheckpoint),
        "/letters/<slug>/log/tile/<path:path>": ("log_tile", log_pages.LogTile),
        "/audit.py": ("auditor", log_pages.AuditorFile),
        "/embed.js": ("embed_script", embedding.EmbedScript),
        "/oembed": ("oembed", oembed.OEmbed),
        "/sitemap.xml": ("sitemap", sitemap.Sitemap),
        "/robots.txt": ("robots", sitemap.Robots),
    }.items():
        app.add_url_rule(rule, name, file.as_view(name, site))
    add_api(app, site)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", partial(readyz, watch))
    app.add_url_rule("/metrics", "metrics", MetricsPage.as_view("metrics", site, watch))
    if site.runtime.settings.demo:
        add_public(app, site.runtime.settings, "/demo", "tour", Tour.as_view("tour", site))
        app.add_url_rule("/demo/mail", "caught_mail", CaughtMailPage.as_view("caught_mail", site))
