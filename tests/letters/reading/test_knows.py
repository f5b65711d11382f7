"""The page that says what is kept about whom shows the whole table, to everybody alike."""

import pytest
from flask_babel import force_locale, gettext

from letters.models.retention import KEPT
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_shows_every_line_of_the_table_in_the_language_of_the_page(campaign: Campaign, language: str) -> None:
    text = show(campaign.client.get(f"/{language}/knows")).text
    with campaign.app.test_request_context(), force_locale(language):
        for rows in KEPT.values():
            for row in rows:
                for said in (row.what, row.why, row.until, row.ended_by):
                    assert " ".join(gettext(said).split()) in text


def test_every_public_page_leads_to_it(campaign: Campaign) -> None:
    for path in ("/", f"/letters/{campaign.slug}", "/nothing", "/confirm/x"):
        assert "/knows" in show(campaign.client.get(path)).links
    assert "/ru/knows" in show(campaign.client.get(f"/ru/letters/{campaign.slug}/count")).links


def test_it_is_the_same_for_whoever_asks(campaign: Campaign) -> None:
    first, second = (campaign.client.get("/be/knows", headers={"User-Agent": name}) for name in ("a", "b"))
    assert first.data == second.data
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"].startswith("public")
