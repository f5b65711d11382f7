import pytest

from letters.vocabularies.regions import Regions
from letters.vocabularies.tiles import TILES, tiles_of

DRAWN = sorted(file.stem for file in TILES.iterdir())


@pytest.mark.parametrize("country", DRAWN)
def test_a_map_has_each_region_of_its_country_once(country: str) -> None:
    regions = [code for code in Regions.load([country]).codes if code != "abroad"]
    tiles = tiles_of(country)
    assert sorted(tile.code for tile in tiles) == sorted(regions)
    assert len({(tile.column, tile.row) for tile in tiles}) == len(tiles)
    assert min(tile.column for tile in tiles) == min(tile.row for tile in tiles) == 0


@pytest.mark.parametrize("country", ["XX", "../BY", ""])
def test_what_nobody_has_drawn_has_no_tiles(country: str) -> None:
    assert tiles_of(country) == ()


@pytest.mark.parametrize(
    ("north", "south"),
    [("BY-VI", "BY-HO"), ("UA-74", "UA-43"), ("PL-22", "PL-12"), ("RU-MUR", "RU-DA"), ("DE-SH", "DE-BY")],
)
def test_the_north_is_above(north: str, south: str) -> None:
    rows = {tile.code: tile.row for tile in tiles_of(north[:2])}
    assert rows[north] < rows[south]


@pytest.mark.parametrize(
    ("west", "east"),
    [("BY-HR", "BY-MA"), ("UA-46", "UA-63"), ("PL-32", "PL-20"), ("RU-KGD", "RU-SAK"), ("AT-8", "AT-1")],
)
def test_the_west_is_on_the_left(west: str, east: str) -> None:
    columns = {tile.code: tile.column for tile in tiles_of(west[:2])}
    assert columns[west] < columns[east]
