"""A map shows what the table beside it says, and nothing more."""

import re
from dataclasses import replace

import pytest

from letters.reading.tile_maps import LEVELS, tile_maps
from letters.web.site import Site
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def signed(campaign: Campaign) -> None:
    """Four in Minsk Region, two in Homel, two in Brest, nobody anywhere else."""
    for number, region in enumerate(["BY-MI"] * 4 + ["BY-HO"] * 2 + ["BY-BR"] * 2):
        campaign.join(number, region=region)
    campaign.release()


def test_the_largest_figure_is_darkest_and_nobody_is_an_empty_square(campaign: Campaign) -> None:
    signed(campaign)
    site, letter = Site.of(campaign.runtime), campaign.letter
    with campaign.app.test_request_context("/en/"):
        (drawn,) = tile_maps(site, letter, letter.edition, "en")
    shown = letter.edition.figures["region"]["shown"]
    for tile in drawn.tiles:
        count = shown.get(f"BY-{tile.code}", 0)
        assert (tile.level == 0) == (count == 0)
        assert (tile.level == LEVELS) == (count == max(shown.values(), default=0) and count > 0)
        assert tile.text == (str(count) if count else "")


@pytest.mark.parametrize(("largest", "text"), [(9_999, "9\u00a0999"), (10_000, "")])
def test_figures_that_a_tile_has_no_room_for_stand_in_the_table_only(
    campaign: Campaign, largest: int, text: str
) -> None:
    signed(campaign)
    letter = campaign.letter
    assert letter.edition is not None
    cells = {**letter.edition.figures["region"], "shown": {"BY-MI": largest, "BY-HO": 2}}
    edition = replace(letter.edition, figures={**letter.edition.figures, "region": cells})
    with campaign.app.test_request_context("/en/"):
        (drawn,) = tile_maps(Site.of(campaign.runtime), letter, edition, "en")
    assert {tile.text for tile in drawn.tiles if tile.code == "MI"} == {text}
    assert {tile.text for tile in drawn.tiles if tile.code == "HO"} == {"2" if text else ""}


@pytest.mark.parametrize("page", ["count", "editions/1"])
def test_the_page_draws_it_beside_the_table(campaign: Campaign, page: str) -> None:
    signed(campaign)
    html = campaign.client.get(f"/en/letters/{campaign.slug}/{page}").text
    (drawn,) = re.findall(r'<svg[^>]*aria-label="By region: Belarus".*?</svg>', html, re.DOTALL)
    assert 'role="img"' in drawn
    for code in ("MI", "HO", "BR", "VI"):
        assert f">{code}</text>" in drawn
    assert "style=" not in drawn
    assert html.index("<caption") < html.index(drawn[:40])


def test_before_the_first_edition_there_is_none(campaign: Campaign) -> None:
    assert "By region" not in campaign.client.get(f"/en/letters/{campaign.slug}/count").text
