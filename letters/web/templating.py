"""What every template may use: versioned assets, the language and its switch, numbers and dates."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_percent
from flask import Flask, g, url_for
from flask_babel import format_date, format_datetime, format_decimal, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from letters.settings import ROOT, Settings
from letters.vocabularies.labels import Label
from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import day_pattern, switch
from verification.ledger.strict import base64_of


def init_templating(app: Flask, settings: Settings) -> None:
    versions: dict[str, str] = {}

    def asset(path: str) -> str:
        """The address of a static file; it changes with the file's content, so it may be kept for ever."""
        if path not in versions:
            content = (ROOT / "static" / path).read_bytes()
            versions[path] = hashlib.sha256(content).hexdigest()[:12]
        return url_for("static", filename=path, v=versions[path])

    @app.context_processor
    def _shared() -> dict[str, Any]:
        language = g.get("language", settings.languages[0])
        return {
            "asset": asset,
            "language": language,
            "direction": LANGUAGES[language].direction,
            "switch": switch(settings.languages),
            "home_url": url_for("home"),
            "demo": settings.demo,
        }

    app.jinja_env.globals.update(speaking=speaking, foreign=foreign)
    app.jinja_env.filters.update(number=format_decimal, day=day, moment=moment, percent=percent, base64=base64_of)
    app.jinja_env.filters["said"] = said
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def speaking(language: str) -> Markup:
    """The attributes of an element whose text is in this language: which, and in which direction it runs."""
    direction = LANGUAGES[language].direction if language in LANGUAGES else "auto"
    return Markup('lang="{}" dir="{}"').format(language, direction)


def foreign(label: str, within: str = "") -> Markup:
    """The attributes, with a space before them, of an element whose label is in another language than what it is
    `within`: another label, else the page."""
    language, around = _language_of(label), _language_of(within) or g.get("language")
    return Markup(" {}").format(speaking(language)) if language not in ("", around) else Markup()


def _language_of(label: str) -> str:
    return label.language if isinstance(label, Label) else ""


def said(label: str) -> str:
    """A label as a part of text; one in another language than its page says so."""
    attributes = foreign(label)
    return Markup("<span{}>{}</span>").format(attributes, label) if attributes else label


def day(value: date) -> str:
    """1 December 2026."""
    return str(format_date(value, day_pattern(str(get_locale()))))


def moment(value: datetime) -> str:
    """1 December 2026, 06:00 UTC; time and zone stay on one line."""
    time = f"{format_datetime(value, 'HH:mm', rebase=False)}\u00a0UTC"
    return str(_("%(day)s, %(time)s", day=day(value), time=time))


def percent(share: Decimal) -> str:
    """0.217 as 21.7%, written as the language writes it."""
    return str(format_percent(share, locale=get_locale(), decimal_quantization=False))
