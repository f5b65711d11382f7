"""The history of editions for programs: a table that any sheet opens, and a feed that any reader takes."""

import csv
import io
from datetime import datetime
from xml.etree import ElementTree

import pytest
from sqlalchemy import insert, update

from letters.models.editions import EditionRow
from letters.models.letters import LetterTextRow
from letters.reading.feeds import COLUMNS, IN_FEED
from tests.letters.reading.logging_by_hand import change_edition, get, head, released
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

ATOM = "{http://www.w3.org/2005/Atom}"


def table(campaign: Campaign) -> list[list[str]]:
    answer = get(campaign, "editions.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text, newline="")))


def feed(campaign: Campaign, language: str = "/en", **headers: str) -> ElementTree.Element:
    answer = campaign.client.get(f"{language}/letters/{campaign.slug}/editions.atom", headers=headers)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)


def entries(of: ElementTree.Element) -> list[ElementTree.Element]:
    return of.findall(f"{ATOM}entry")


def said(element: ElementTree.Element, name: str) -> str:
    """The text of the one child of that name."""
    (child,) = element.findall(f"{ATOM}{name}")
    return child.text or ""


def print_editions(campaign: Campaign, many: int) -> None:
    """Put so many editions behind the first one."""
    with campaign.runtime.reading() as session:
        first = session.get_one(EditionRow, (campaign.letter.id, 1))
        values = {column.name: getattr(first, column.name) for column in EditionRow.__table__.columns}
    rows = [{**values, "number": number, "signatures": number} for number in range(2, many + 2)]
    campaign.runtime.settle(lambda session: session.execute(insert(EditionRow), rows))
    change_letter(campaign, edition=many + 1)


def test_the_table_has_a_line_for_every_edition_with_its_figures_and_head(campaign: Campaign, clock: Clock) -> None:
    assert table(campaign) == [list(COLUMNS)]
    private = campaign.join(9)
    released(campaign, clock)
    campaign.client.post(private, data={"withdraw": "1"})
    released(campaign, clock)
    heads = [head(campaign, number) for number in (1, 2)]
    lines = table(campaign)[1:]
    assert [line[0] for line in lines] == ["1", "2"]
    assert [line[2:6] for line in lines] == [["2", "2", "0", "0"], ["2", "3", "1", "0"]]
    assert [line[6:] for line in lines] == [[str(seen.size), seen.root.hex()] for seen in heads]
    assert datetime.fromisoformat(lines[1][1]) == clock.now


def test_an_edition_from_before_there_was_a_log_leaves_its_columns_empty(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    change_edition(campaign, 1, log_size=None)
    assert table(campaign)[1][6:] == ["", ""]
    assert all(table(campaign)[2][6:])


def test_no_cell_of_the_table_begins_like_a_formula(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 3)
    cells = [cell for line in table(campaign) for cell in line]
    assert [cell for cell in cells if cell and not cell[0].isalnum()] == []


def test_scripts_of_other_sites_may_read_table_and_feed_and_the_table_speaks_no_language(campaign: Campaign) -> None:
    for path in ("editions.csv", "editions.atom"):
        assert get(campaign, path).headers["Access-Control-Allow-Origin"] == "*"
    one, two = (get(campaign, "editions.csv", **{"Accept-Language": code}) for code in ("be", "en"))
    assert one.data == two.data
    assert one.headers["Vary"] == "Accept-Encoding"
    assert campaign.client.get(f"/en/letters/{campaign.slug}/editions.csv").status_code == 404


def test_a_feed_has_what_its_standard_asks_for(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    atom = feed(campaign)
    base = f"https://undersigned.example/en/letters/{campaign.slug}"
    assert said(atom, "id") == f"{base}/editions.atom"
    assert campaign.letter.texts["en"].title in said(atom, "title")
    assert said(atom.find(f"{ATOM}author"), "name") == campaign.letter.responsible["name"]["en"]
    links = {link.get("rel"): link.get("href") for link in atom.findall(f"{ATOM}link")}
    assert links == {"self": f"{base}/editions.atom", "alternate": f"{base}/count"}
    newest, oldest = entries(atom)
    assert said(newest, "id") == newest.find(f"{ATOM}link").get("href") == f"{base}/editions/2"
    assert said(newest, "title") == "Edition 2: 2 signatures"
    assert "each confirmed by e-mail (edition 2)" in said(newest, "summary")
    assert said(newest, "updated") == said(atom, "updated") > said(oldest, "updated")
    assert datetime.fromisoformat(said(newest, "updated")) == clock.now


def test_a_feed_without_an_edition_is_one_too(campaign: Campaign) -> None:
    atom = feed(campaign)
    assert entries(atom) == []
    assert datetime.fromisoformat(said(atom, "updated"))


def test_a_feed_speaks_the_language_asked_for_under_one_name(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    found = {code: feed(campaign, f"/{code}") for code in ("ru", "be", "en")}
    for code, atom in found.items():
        assert atom.get("{http://www.w3.org/XML/1998/namespace}lang") == code
        assert campaign.letter.texts[code].title in said(atom, "title")
        asked = feed(campaign, "", **{"Accept-Language": code})
        assert ElementTree.tostring(asked) == ElementTree.tostring(atom)
    assert len({said(entries(atom)[0], "id") for atom in found.values()}) == 3


def test_what_an_entry_is_called_never_changes(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    before = ElementTree.tostring(entries(feed(campaign))[0])
    released(campaign, clock)
    assert ElementTree.tostring(entries(feed(campaign))[1]) == before


def test_a_feed_holds_the_newest_editions_and_the_table_all(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    print_editions(campaign, IN_FEED + 10)
    found = entries(feed(campaign))
    assert len(found) == IN_FEED
    assert said(found[0], "title").startswith(f"Edition {IN_FEED + 11}:")
    assert [line[0] for line in table(campaign)[1:]] == [str(number) for number in range(1, IN_FEED + 12)]


@pytest.mark.parametrize("title", ["<b>&amp;</b> ]]> \"'", "Здоровье & жизнь", "Odd \x0b\x01 signs"])
def test_a_feed_takes_any_title(campaign: Campaign, clock: Clock, title: str) -> None:
    campaign.runtime.settle(lambda session: session.execute(update(LetterTextRow).values(title=title)))
    change_letter(campaign)
    released(campaign, clock)
    atom = feed(campaign)
    shown = title.replace("\x0b", "\ufffd").replace("\x01", "\ufffd")
    assert shown in said(atom, "title")
    assert shown in said(entries(atom)[0], "summary")
