"""The page of the institutions, with whatever people upload."""

import gzip
import io
import zipfile

import pytest

from letters.models.teams import Role
from tests.letters.organising.standing.conftest import Upload
from tests.letters.signing.asking import show
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

HEAD = "domain,name,region\n"
TWO = HEAD + "clinic.example.org,Example Clinic,BY-MI\nschool.example.org,Example School,\n"
BAD_LINE = HEAD + "".join(f"clinic{number}.example.org,Example Clinic,\n" for number in range(9997)) + "=1,Example,\n"


def page(ours: Campaign) -> str:
    return f"/workspace/letters/{ours.slug}/institutions"


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", content)
    return file.getvalue()


def test_a_list_is_looked_at_before_it_is_stored(organiser: Organiser, ours: Campaign, upload: Upload) -> None:
    looked = show(upload("institutions", TWO, act="check"))
    assert "Example Clinic" in looked.text
    assert ours.letter.institutions == frozenset()
    stored = organiser.post(page(ours), act="apply", known=looked.fields["known"], list=looked.fields["list"])
    assert stored.status_code == 303
    assert ours.letter.institutions == {"clinic.example.org", "school.example.org"}
    assert "Example School" in organiser.get(page(ours)).text


def test_only_ten_lines_of_a_long_list_are_shown_and_all_are_stored(
    organiser: Organiser, ours: Campaign, upload: Upload
) -> None:
    long = HEAD + "".join(f"clinic{number}.example.org,Ward Example {number},\n" for number in range(9000))
    looked = show(upload("institutions", long, act="check"))
    assert looked.text.count("Ward Example") == 10
    carried = {"known": looked.fields["known"], "list": looked.fields["list"]}
    assert upload("institutions", "", act="apply", **carried).status_code == 303
    assert len(ours.letter.institutions) == 9000
    pages = [show(organiser.get(page(ours), page=number)).text for number in (1, 90, 91)]
    assert [text.count("Ward Example") for text in pages] == [100, 100, 100]


def test_a_list_that_somebody_else_changed_meanwhile_is_shown_again(
    organiser: Organiser, ours: Campaign, upload: Upload
) -> None:
    mine = show(upload("institutions", TWO, act="check")).fields
    theirs = show(upload("institutions", HEAD + "other.example.org,Other Example,\n", act="check")).fields
    organiser.post(page(ours), act="apply", known=theirs["known"], list=theirs["list"])
    told = organiser.post(page(ours), act="apply", known=mine["known"], list=mine["list"])
    assert told.status_code == 422
    assert ours.letter.institutions == {"other.example.org"}
    again = show(told).fields
    assert organiser.post(page(ours), act="apply", known=again["known"], list=again["list"]).status_code == 303
    assert ours.letter.institutions == {"clinic.example.org", "school.example.org"}


def test_one_line_is_removed(organiser: Organiser, ours: Campaign, upload: Upload) -> None:
    looked = show(upload("institutions", TWO, act="check")).fields
    organiser.post(page(ours), act="apply", known=looked["known"], list=looked["list"])
    assert 'name="remove" value="clinic.example.org"' in organiser.get(page(ours)).text
    assert organiser.post(page(ours), remove="clinic.example.org").status_code == 303
    assert ours.letter.institutions == {"school.example.org"}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + TWO.encode(),
        TWO.replace(",", ";").encode(),
        TWO.encode("utf-16"),
        TWO.replace("\n", "\r\n").encode(),
    ],
    ids=["bom", "semicolons", "utf-16", "crlf"],
)
def test_files_of_every_spreadsheet_are_read(upload: Upload, content: bytes) -> None:
    assert "Example Clinic" in upload("institutions", content, act="check").text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("domain,name,name\n", "Columns 2 and 3"),
        (HEAD + 'clinic.example.org,"=HYPERLINK(1)",\n', "In line 2"),
        (HEAD + "gmail.com,Everybody,\n", "Line 2"),
        (HEAD + "clinic.example.org,Example Clinic,Nowhere\n", "Line 2"),
        (BAD_LINE, "In line 9999"),
        (HEAD + "a.example.org,A,\n" * 2, "Lines 2 and 3"),
        (zipped(TWO.encode()), "not a CSV file"),
        (zipped(bytes(50_000_000)), "not a CSV file"),
        (gzip.compress(bytes(50_000_000)), "not a CSV file"),
        (TWO.replace("Example", "Пример").encode("cp1251"), "UTF-8"),
        ("", "empty"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_nothing_is_stored(
    ours: Campaign, upload: Upload, content: str | bytes, said: str
) -> None:
    refused = upload("institutions", content, act="check")
    assert (refused.status_code, said in show(refused).text) == (422, True)
    assert ours.letter.institutions == frozenset()


def test_a_million_rows_are_refused(upload: Upload) -> None:
    many = HEAD + "".join(f"c{number}.example.org,C,\n" for number in range(20_001))
    assert "more than 20000 rows" in show(upload("institutions", many, act="check")).text
    refused = upload("institutions", HEAD + "clinic.example.org,Example Clinic,\n" * 1_000_000, act="check")
    assert (refused.status_code, "larger than 4 MB" in refused.text) == (413, True)


def test_a_form_without_a_file_or_with_another_act_is_refused(organiser: Organiser, ours: Campaign) -> None:
    assert organiser.post(page(ours), act="check").status_code == 422
    assert organiser.post(page(ours), act="apply", known="", list="nothing of the kind").status_code == 422
    assert organiser.post(page(ours), act="sing").status_code == 400


def test_a_reviewer_changes_no_list(organiser: Organiser, ours: Campaign) -> None:
    reviewer = organiser.colleague(Role.REVIEWER)
    assert reviewer.get(page(ours)).status_code == 403
    assert reviewer.post(page(ours), remove="clinic.example.org").status_code == 403
