"""The JSON of CONTRACT: letters, one letter, its count. The same figures as the pages, from the same edition."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from letters.models.letters import LetterState
from letters.models.values import Letter, NoSuchLetter
from letters.publishing.editions import PAIRS
from letters.vocabularies.professions import Professions
from letters.web.locale import speak
from letters.web.present import standing_label
from letters.web.site import Site, SitePage

JSON = "application/json"


class ApiPage(SitePage):
    """A JSON resource; errors are problem documents (`letters.web.problems`)."""

    def shown(self, slug: str) -> Letter:
        """Raises `NoSuchLetter` also for a letter that has not opened yet."""
        letter = self.site.shelf.letter(slug)
        if letter.state_at(self.site.runtime.clock()) is LetterState.SCHEDULED:
            raise NoSuchLetter("There is no letter at this address.")
        speak(self.site.languages(letter))
        return letter

    def answer(self, letter: Letter, what: str, make: Callable[[], Mapping[str, Any]]) -> Response:
        state = self.site.state(letter)
        key = ("api", what, letter.slug, letter.revision, letter.number, state, g.language)
        return _open_to_all(self.site.pages.answer(key, lambda: _dump(make()), JSON))


class Letters(ApiPage):
    """Every letter that is or was open."""

    def get(self) -> ResponseReturnValue:
        states = [(letter, self.site.state(letter)) for letter in self.site.shelf.letters()]
        shown = [(letter, state) for letter, state in states if state != LetterState.SCHEDULED]
        key = ("api", "letters", g.language, *((item.slug, item.revision, item.number, state) for item, state in shown))
        return _open_to_all(self.site.pages.answer(key, lambda: _dump(self._list(shown)), JSON))

    def _list(self, shown: Sequence[tuple[Letter, str]]) -> dict[str, Any]:
        return {"letters": [_summary(self.site, letter) for letter, _state in shown], "page": 1, "pages": 1}


class OneLetter(ApiPage):
    """A letter: its texts, addressee, rules and state."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter = self.shown(slug)
        return self.answer(letter, "letter", lambda: _letter(self.site, letter))


class Count(ApiPage):
    """The figures of the current edition."""

    def get(self, slug: str) -> ResponseReturnValue:
        letter = self.shown(slug)
        return self.answer(letter, "count", lambda: count_json(self.site, letter))


def count_json(site: Site, letter: Letter) -> dict[str, Any]:
    """The figures as in CONTRACT; all zero before the first edition."""
    edition = letter.edition
    return {
        "letter": letter.slug,
        "edition": letter.number,
        "released_at": _utc(edition.released_at) if edition else None,
        "total": letter.total,
        "signatures": edition.signatures if edition else 0,
        "withdrawn": edition.withdrawn if edition else 0,
        "voided": edition.voided if edition else 0,
        "goal": letter.goal,
        **_breakdowns(site, letter),
        "unverified": [
            {
                "gathered": report.gathered.value,
                "count": report.count,
                "reported_on": report.reported_on.isoformat(),
            }
            for report in letter.unverified
        ],
    }


def _breakdowns(site: Site, letter: Letter) -> dict[str, Any]:
    professions, regions = site.professions(letter), site.regions(letter)
    names: Mapping[str, Callable[[str], dict[str, Any]]] = {
        "profession": lambda code: _profession(professions, code),
        "region": lambda code: {"label": regions.label(code, g.language) if code in regions else code},
        "standing": lambda code: {"label": standing_label(code)},
    }
    figures = letter.edition.figures if letter.edition else {}
    breakdowns: dict[str, Any] = {
        f"by_{dimension}": _cells(figures[dimension], describe) if figures else []
        for dimension, describe in names.items()
    }
    if PAIRS in figures:
        breakdowns["by_profession_and_region"] = [
            {
                "profession": {"code": profession, **names["profession"](profession)},
                "region": {"code": region, **names["region"](region)},
                "count": count,
            }
            for profession, region, count in figures[PAIRS]
        ]
    return breakdowns


def _cells(printed: Mapping[str, Any], describe: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    cells = [{"code": code, **describe(code), "count": count} for code, count in printed["shown"].items()]
    if printed["rest"]:
        rest = {"code": None, "label": _("other or withheld"), "count": None, "range": printed["rest"]}
        cells.append(rest)
    return cells


def _profession(professions: Professions, code: str) -> dict[str, Any]:
    if code not in professions:
        return {"isco": None, "label": code}
    return {"isco": professions.get(code).isco, "label": professions.label(code, g.language)}


def _summary(site: Site, letter: Letter) -> dict[str, Any]:
    text = letter.texts.get(g.language, letter.texts[letter.languages[0]])
    return {
        "letter": letter.slug,
        "title": text.title,
        "state": site.state(letter),
        "languages": list(letter.languages),
        "edition": letter.number,
        "total": letter.total,
        "goal": letter.goal,
        "url": site.url(url_for("letter", slug=letter.slug)),
    }


def _letter(site: Site, letter: Letter) -> dict[str, Any]:
    return {
        **_summary(site, letter),
        "texts": {code: {"title": text.title, "markdown": text.body} for code, text in letter.texts.items()},
        "addressee": dict(letter.addressee),
        "responsible": dict(letter.responsible),
        "countries": list(letter.countries),
        "professions": letter.professions,
        "display": [display.value for display in letter.displays],
        "custody": letter.custody,
        "opens": _utc(letter.opens_at) if letter.opens_at else None,
        "closes": _utc(letter.closes_at) if letter.closes_at else None,
        "edition_rule": {"every_seconds": int(letter.rule.every.total_seconds()), "at_least": letter.rule.at_least},
        "figures": {"threshold": letter.policy.threshold, "step": letter.policy.step},
        "identities_until": letter.identities_until.isoformat() if letter.identities_until else None,
        "names_hidden": letter.locked,
        "delivered_on": letter.delivered_on.isoformat() if letter.delivered_on else None,
        "corrections": [
            {"date": correction.dated.isoformat(), "text": dict(correction.text)} for correction in letter.corrections
        ],
    }


def _open_to_all(response: Response) -> Response:
    """Scripts of any site may read it (Fetch standard, CORS protocol)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"


def _utc(value: datetime) -> str:
    return str(value.strftime("%Y-%m-%dT%H:%M:%SZ"))
