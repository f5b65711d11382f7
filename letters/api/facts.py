"""What is answered about letters, for `letters.api.schemas.letters` to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import g, url_for

from letters.models.values import Letter
from letters.web.site import Site


def list_body(site: Site, letters: Sequence[Letter], page: int, pages: int) -> dict[str, Any]:
    return {"letters": [_summary(site, letter) for letter in letters], "page": page, "pages": pages}


def letter_body(site: Site, letter: Letter) -> dict[str, Any]:
    return {
        **_summary(site, letter),
        "texts": {code: {"title": text.title, "markdown": text.body} for code, text in letter.texts.items()},
        "addressee": letter.addressee,
        "responsible": letter.responsible,
        "countries": letter.countries,
        "professions": letter.professions,
        "display": [display.value for display in letter.displays],
        "pact": asdict(letter.pact) if letter.pact else None,
        "custody": letter.custody,
        "opens": letter.opens_at,
        "closes": letter.closes_at,
        "edition_rule": {"every_seconds": letter.rule.every.total_seconds(), "at_least": letter.rule.at_least},
        "figures": {"threshold": letter.policy.threshold, "step": letter.policy.step},
        "identities_until": letter.identities_until,
        "names_hidden": letter.locked,
        "delivered_on": letter.delivered_on,
        "log": {"origin": letter.head.origin, "key": letter.head.verifier} if letter.head else None,
        "corrections": [{"date": correction.dated, "text": correction.text} for correction in letter.corrections],
    }


def _summary(site: Site, letter: Letter) -> dict[str, Any]:
    text = letter.texts.get(g.language, letter.texts[letter.languages[0]])
    return {
        "letter": letter.slug,
        "title": text.title,
        "state": site.state(letter),
        "languages": letter.languages,
        "edition": letter.number,
        "total": letter.total,
        "goal": letter.goal,
        "url": site.url(url_for("letter", slug=letter.slug)),
    }
