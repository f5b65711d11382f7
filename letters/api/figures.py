"""What is answered about an edition, for `letters.api.schemas.figures` to write."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _

from letters.models.heads import Head
from letters.models.values import Edition, Letter
from letters.publishing.tallies import PAIRS
from letters.vocabularies.spoken import Labels
from letters.web.present import standing_label
from letters.web.site import Site

Describe = Callable[[str], dict[str, Any]]
"""What stands beside a code."""


def count_body(site: Site, letter: Letter) -> dict[str, Any]:
    """The current edition; all zero before the first."""
    unverified = [
        {"gathered": report.gathered.value, "count": report.count, "reported_on": report.reported_on}
        for report in letter.unverified
    ]
    return {**_figures(site, letter, letter.edition), "unverified": unverified}


def edition_body(
    site: Site, letter: Letter, edition: Edition, before: Edition | None, head: Head | None
) -> dict[str, Any]:
    """One edition, what it changed since the one `before`, and the log's head with it."""
    return {
        **_figures(site, letter, edition),
        "changes": {
            name: getattr(edition, name) - (getattr(before, name) if before else 0)
            for name in ("signatures", "withdrawn", "voided", "total")
        },
        "reasons": edition.reasons,
        "log": _log(head) if head else None,
    }


def profession_of(labels: Labels, code: str) -> dict[str, Any]:
    """The profession by its code, with its plural label."""
    known = code in labels.professions
    return {"isco": labels.professions.get(code).isco if known else None, "label": labels.people(code)}


def region_of(labels: Labels, code: str) -> dict[str, Any]:
    return {"label": labels.region(code)}


def _figures(site: Site, letter: Letter, edition: Edition | None) -> dict[str, Any]:
    return {
        "letter": letter.slug,
        "edition": edition.number if edition else 0,
        "released_at": edition.released_at if edition else None,
        "total": edition.total if edition else 0,
        "signatures": edition.signatures if edition else 0,
        "withdrawn": edition.withdrawn if edition else 0,
        "voided": edition.voided if edition else 0,
        "goal": letter.goal,
        **_breakdowns(site, letter, edition.figures if edition else {}),
    }


def _breakdowns(site: Site, letter: Letter, figures: Mapping[str, Any]) -> dict[str, Any]:
    labels = site.labels(letter, g.language)
    names: Mapping[str, Describe] = {
        "profession": lambda code: profession_of(labels, code),
        "region": lambda code: region_of(labels, code),
        "standing": lambda code: {"label": standing_label(code)},
    }
    breakdowns: dict[str, Any] = {
        f"by_{dimension}": _cells(figures[dimension], describe) if figures else []
        for dimension, describe in names.items()
    }
    if PAIRS in figures:
        breakdowns["by_profession_and_region"] = _pairs(figures[PAIRS], names["profession"], names["region"])
    return breakdowns


def _cells(printed: Mapping[str, Any], describe: Describe) -> list[dict[str, Any]]:
    cells = [{"code": code, **describe(code), "count": count} for code, count in printed["shown"].items()]
    if printed["rest"]:
        cells.append({"code": None, "label": _("other or withheld"), "count": None, "range": printed["rest"]})
    return cells


def _pairs(printed: Sequence[Any], profession_as: Describe, region_as: Describe) -> list[dict[str, Any]]:
    return [
        {
            "profession": {"code": profession, **profession_as(profession)},
            "region": {"code": region, **region_as(region)},
            "count": count,
        }
        for profession, region, count in printed
    ]


def _log(head: Head) -> dict[str, Any]:
    return {
        "origin": head.origin,
        "key": head.verifier,
        "size": head.size,
        "root": b64encode(head.root).decode(),
        "checkpoint": head.checkpoint or None,
        "cosignatures": [{"witness": seen.witness, "time": seen.at} for seen in head.cosignatures],
    }
