"""Reporting signatures from elsewhere, through the pages; and that no name of them stays anywhere."""

import re
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from letters.models.standing import Gathered
from tests.faults.markers import search
from tests.letters.organising.standing.conftest import Upload
from tests.letters.organising.standing.test_pages import zipped
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def names(many: int) -> str:
    return "".join(f"Zvkomarker{number:06} Example\n" for number in range(many))


def page(ours: Campaign) -> str:
    return f"/workspace/letters/{ours.slug}/unverified"


def test_a_file_is_counted_and_its_number_reported(organiser: Organiser, ours: Campaign, upload: Upload) -> None:
    counted = show(upload("unverified", "name,profession\nVera,nurse\nVERA,Nurse\nIvan,doctor\n", act="count"))
    assert counted.fields["number"] == "2"
    assert ours.letter.unverified == []
    assert organiser.post(page(ours), act="report", gathered="paper", number="2").status_code == 303
    assert [(one.gathered, one.count) for one in ours.letter.unverified] == [(Gathered.PAPER, 2)]
    assert "2 on paper" in organiser.get(page(ours)).text


def test_readers_see_reports_apart_from_the_count(organiser: Organiser, ours: Campaign) -> None:
    ours.join(1)
    ours.release()
    organiser.post(page(ours), act="report", gathered="paper", number="312")
    shown = " ".join(show(ours.client.get(f"/en/letters/{ours.slug}/count")).text.split())
    assert "not verified by this site and not part of the count: 312 on paper" in shown
    figures = ours.client.get(f"/api/v1/letters/{ours.slug}/count").json
    today = ours.runtime.clock().date().isoformat()
    assert figures["unverified"] == [{"gathered": "paper", "count": 312, "reported_on": today}]
    assert figures["total"] == 1
    organiser.post(page(ours), act="remove", gathered="paper")
    assert "312" not in show(ours.client.get(f"/en/letters/{ours.slug}/count")).text
    assert ours.client.get(f"/api/v1/letters/{ours.slug}/count").json["unverified"] == []


@pytest.mark.parametrize("number", ["", "0", "-5", "many"])
def test_what_is_no_number_comes_back_as_typed(organiser: Organiser, ours: Campaign, number: str) -> None:
    refused = organiser.post(page(ours), act="report", gathered="earlier", number=number)
    assert (refused.status_code, show(refused).fields["number"]) == (422, number)
    assert show(refused).fields["gathered"] == "earlier"
    assert ours.letter.unverified == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name\n" + "Vera Example\n" * 9997 + "=1\n", "In line 9999"),
        ("name,name\n", "Columns 1 and 2"),
        (zipped(bytes(50_000_000)), "not a CSV file"),
        ("name,signature\n", "no use for the column"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(upload: Upload, content: str | bytes, said: str) -> None:
    refused = upload("unverified", content, act="count")
    assert (refused.status_code, said in show(refused).text) == (422, True)


def test_a_million_rows_are_counted_or_refused(upload: Upload, repetitions: Callable[[int, int], int]) -> None:
    rows = repetitions(100_000, 1_000_000)
    assert show(upload("unverified", "name\n" + "V\n" * rows, act="count")).fields["number"] == "1"
    refused = upload("unverified", "name\n" + "Vera Example\n" * 1_000_000, act="count")
    assert (refused.status_code, "larger than 4 MB" in refused.text) == (413, True)


def test_it_is_asked_again_who_is_there(organiser: Organiser, ours: Campaign, clock: Clock) -> None:
    clock.now += timedelta(minutes=11)
    assert 'name="again_password"' in organiser.get(page(ours)).text
    asked = organiser.post(page(ours), act="report", gathered="paper", number="312")
    assert 'name="again_password"' in asked.text
    assert ours.letter.unverified == []
    form = {"act": "report", "gathered": "paper", "number": "312", **organiser.again()}
    assert organiser.post(page(ours), **form).status_code == 303
    assert ours.letter.unverified[0].count == 312


@pytest.mark.parametrize(
    "form", [{"act": "sing"}, {"act": "report", "number": "1"}, {"act": "remove", "gathered": "x"}]
)
def test_a_form_of_another_make_is_refused(organiser: Organiser, ours: Campaign, form: dict[str, str]) -> None:
    assert organiser.post(page(ours), **form).status_code == 400


def test_no_name_of_a_counted_file_reaches_the_disk(
    upload: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for the moment of the request: a temporary file could be brought back from a seized disk."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    counted = upload("unverified", f"name\n{names(60_000)}", act="count")
    assert show(counted).fields["number"] == "60000"
    assert search([tmp_path], ["Zvkomarker000007 Example"])[0] == []


def test_a_file_takes_little_more_memory_than_itself(upload: Upload) -> None:
    """Twice in the request, once as sent and once as a file; the rows one by one."""
    upload("unverified", "name\nVera Example\n", act="count")
    content = ("name,city\n" + names(20_000).replace("\n", f",{'long ' * 30}\n")).encode()
    tracemalloc.start()
    assert upload("unverified", content, act="count").status_code == 200
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5 * len(content)


def test_the_bytes_of_a_report_name_nobody(organiser: Organiser, ours: Campaign, upload: Upload) -> None:
    counted = upload("unverified", "name\nZvkomarker Example\n", act="count")
    assert not re.search("zvkomarker", counted.text, re.IGNORECASE)
