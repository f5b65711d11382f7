"""Which language a page speaks: the one in its address, else the one that the browser prefers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale, localedata
from flask import Flask, current_app, g, request, url_for
from flask.typing import RouteCallable
from flask_babel import Babel, refresh
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from letters.settings import ROOT, Settings
from letters.vocabularies.languages import LANGUAGES


@dataclass(frozen=True)
class Switch:
    """One language that the reader can switch this page to."""

    code: str
    name: str
    url: str
    current: bool


_FORMATS = {"en": "en_GB"}
"""Whose dates and numbers a language is written with, where that is not the language's own: 1 December 2026."""


def locale_of(language: str) -> str:
    """The locale that a language's messages, dates and numbers are written in: what `force_locale` takes."""
    return _FORMATS.get(language, language)


def day_pattern(language: str) -> str:
    """How a language writes a day, 1 December 2026: its long date in CLDR, without the word for "year" after it.

    Russian, Belarusian and Ukrainian shorten that word, and its full stop would stand beside the one of a sentence.
    """
    pattern: str = Locale.parse(locale_of(language)).date_formats["long"].pattern
    return _YEAR_WORD.sub("", pattern)


_YEAR_WORD = re.compile(r"\s'\w+'\.$")

_NEVER_SAID = (
    *("compound_unit_patterns", "unit_display_names", "time_zones", "meta_zones"),
    *("currency_names", "currency_names_plural", "currency_symbols", "compact_currency_formats"),
    *("languages", "scripts", "territories", "variants", "compact_decimal_formats"),
)
"""Parts of a locale in CLDR that no page asks for: names of places and languages are our own vocabularies."""


def lighten(language: str) -> None:
    """Take what is never said out of the data that Babel keeps for a language: about a megabyte of each process."""
    data = localedata.load(locale_of(language))
    for part in _NEVER_SAID:
        data.pop(part, None)
    units = data["unit_patterns"]
    data["unit_patterns"] = {unit: units[unit] for unit in units if unit.startswith("duration-")}


def init_locale(app: Flask, settings: Settings) -> None:
    """Let every request have `g.language`, and every link keep the language of the page it stands on."""
    app.extensions[__name__] = settings.languages
    for language in settings.languages:
        lighten(language)
    Babel(
        app,
        locale_selector=lambda: locale_of(g.get("language", settings.languages[0])),
        default_translation_directories=str(ROOT / "letters" / "translations"),
    )

    @app.url_value_preprocessor
    def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.prefix = _beginning(settings.languages) if values is None else values.pop("language", None)
        g.language = g.prefix or preferred(settings.languages)

    @app.url_defaults
    def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
        prefix = g.get("prefix")
        if prefix and "language" not in values and app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = prefix


def _beginning(languages: Sequence[str]) -> str | None:
    """The language that an address of no page begins with."""
    beginning = request.path.split("/")[1]
    return beginning if beginning in languages else None


def add_public(app: Flask, settings: Settings, rule: str, name: str, view: RouteCallable) -> None:
    """Serve a page at `rule` and at `/<language>` before it."""
    languages = ", ".join(settings.languages)
    app.add_url_rule(rule, name, view)
    app.add_url_rule(f"/<any({languages}):language>{rule}", name, view)


def preferred(offered: Sequence[str]) -> str:
    """The best of the offered languages for this browser; the first when it prefers none of them."""
    return request.accept_languages.best_match(offered) or offered[0]


def speak(offered: Sequence[str]) -> str:
    """Let the page speak one of the offered languages, and return it; a language in its address is kept."""
    if g.prefix is None and g.language not in offered:
        g.language = preferred(offered)
        refresh()
    return str(g.language)


def switch(languages: Sequence[str], query: Mapping[str, str | int | None] | None = None) -> list[Switch]:
    """Links to this same page in each language, with those parts of its query that the page names.

    Never the query as it came: the page is kept for the next reader.
    """
    values = {**(query or {}), **(request.view_args or {})}
    return switch_to(request.endpoint, languages, **values) if request.endpoint else []


def switch_to(endpoint: str, languages: Sequence[str], **values: Any) -> list[Switch]:
    """Links to a page in each language; none to one that has no language in its address."""
    if not current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        return []
    return [
        Switch(code, LANGUAGES[code].name, url_for(endpoint, **{**values, "language": code}), code == g.language)
        for code in languages
    ]


def spoken_instead() -> list[Switch]:
    """Links to the page behind an address that begins with a language of no page, in every language of this site.

    Empty where the rest of the address is no page either, or its beginning does not look like a language (BCP 47) or is
    one of this site.
    """
    tag, _slash, rest = request.path.removeprefix("/").partition("/")
    adapter, spoken = current_app.create_url_adapter(request), current_app.extensions[__name__]
    if adapter is None or tag in spoken or not _TAG.fullmatch(tag):
        return []
    try:
        endpoint, values = adapter.match(f"/{rest}", method="GET")
    except (HTTPException, RequestRedirect):
        return []
    if not current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        return []
    offered = [LANGUAGES[code] for code in spoken]
    return [
        Switch(language.code, language.name, url_for(endpoint, **{**values, "language": language.code}), current=False)
        for language in offered
    ]


_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
