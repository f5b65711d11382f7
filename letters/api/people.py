"""What is answered about those on the public list, for `letters.api.schemas.people` to write."""

from __future__ import annotations

from typing import Any

from flask import g

from letters.api.figures import profession_of, region_of
from letters.models.values import Letter
from letters.publishing.listing import Entry, EntryPage
from letters.publishing.pseudonyms import render as render_pseudonym
from letters.vocabularies.spoken import Labels
from letters.web.present import first_signatories
from letters.web.site import Site


def people_body(site: Site, letter: Letter, found: EntryPage) -> dict[str, Any]:
    """A page of the list; `found` is `NOBODY` while names are hidden."""
    labels = site.labels(letter, g.language)
    spoken = g.language if g.language in letter.texts else letter.languages[0]
    return {
        "letter": letter.slug,
        "edition": letter.number,
        "names_hidden": letter.locked,
        "found": found.found,
        "first_signatories": [{"name": name, "title": title} for name, title in first_signatories(letter, spoken)],
        "signatories": [_line(entry, labels) for entry in found.entries],
        "page": found.page,
        "pages": found.pages,
    }


def _line(entry: Entry, labels: Labels) -> dict[str, Any]:
    profession, region = entry.profession, entry.region
    return {
        "name": entry.name or render_pseudonym(entry.pseudonym or 0, g.language),
        "pseudonym": entry.name is None,
        "profession": _profession(labels, profession) if profession else None,
        "region": {"code": region, **region_of(labels, region)} if region else None,
    }


def _profession(labels: Labels, code: str) -> dict[str, Any]:
    """As the figures have it, but of one person."""
    return {"code": code, **profession_of(labels, code), "label": labels.profession(code)}
