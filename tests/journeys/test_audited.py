"""Whatever state a letter is in, an honest site is not accused."""

import json
import urllib.request

from tests.journeys.showcase import Showcase, serving
from verification.ledger.auditing.fetching import Site
from verification.ledger.auditing.findings import Code
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.looking import look_at
from verification.ledger.auditing.trusting import Trust


def found(url: str, slug: str) -> set[Code]:
    site = Site(LetterAddress.parse(f"{url}/letters/{slug}"))
    try:
        return {finding.code for finding in look_at(site, Trust()).findings}
    finally:
        site.close()


def test_no_honest_letter_is_accused(showcase: Showcase) -> None:
    """Open, under lockdown, burned, delivered and corrected; one of them was given an edition without a log by hand."""
    with serving(showcase.app) as url:
        with urllib.request.urlopen(f"{url}/api/v1/letters") as answer:
            slugs = {letter["letter"] for letter in json.load(answer)["letters"]} - {"forgotten"}
        looks = {slug: found(url, slug) for slug in slugs}
    begun = {slug for slug, codes in looks.items() if Code.NO_LOG not in codes}
    assert {"stop-the-violence", "locked", "burned", "delivered"} <= begun
    assert {slug: looks[slug] for slug in begun if looks[slug]} == {}
