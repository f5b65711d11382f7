"""Tables come as spreadsheet programs write them; whatever is wrong is refused with its line."""

import csv
import gzip
import io
import tempfile
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from werkzeug.datastructures import FileStorage

from letters.organising.tables import lines
from letters.organising.tables.errors import SENTENCES, BadTable
from letters.organising.tables.reading import Column, Row, read_table

COLUMNS = (Column("name", required=True, longest=20), Column("city", required=False, longest=20))
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


def rows_of(content: bytes, most_rows: int = 100) -> list[Row]:
    return list(read_table(io.BytesIO(content), COLUMNS, most_rows=most_rows))


def cells_of(content: str | bytes) -> list[tuple[str, str]]:
    rows = rows_of(content if isinstance(content, bytes) else content.encode())
    return [(row.values["name"], row.values["city"]) for row in rows]


def refusal(content: str | bytes, most_rows: int = 100) -> BadTable:
    with pytest.raises(BadTable) as caught:
        rows_of(content if isinstance(content, bytes) else content.encode(), most_rows)
    return caught.value


def outcome(content: str | bytes) -> tuple[str, int | None]:
    error = refusal(content)
    return error.code, error.line


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_export_of_a_spreadsheet_reads_the_same(encoding: str, separator: str, end: str) -> None:
    table = [["Name", "City"], ["Вера Приклад", "Гродна"], ["Żaneta, Wzór; B", ""], ["a\tb", 'the "city"']]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(table)
    content = MARKS.get(encoding, b"") + text.getvalue().encode(encoding)
    assert cells_of(content) == [("Вера Приклад", "Гродна"), ("Żaneta, Wzór; B", ""), ("a b", 'the "city"')]


@pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_separator_that_the_file_itself_tells_counts(told: str) -> None:
    assert cells_of(f"{told}\r\nname;city\r\nVera, A;Minsk\r\n") == [("Vera, A", "Minsk")]


def test_lines_count_from_the_top_even_with_a_told_separator() -> None:
    assert outcome("sep=;\r\nname;city\r\nVera;Minsk\r\n;Minsk\r\n") == ("empty_cell", 4)


def test_a_table_of_one_column_needs_no_separator() -> None:
    assert cells_of("name\nVera\n") == [("Vera", "")]


def test_head_names_are_trimmed_and_their_capitals_do_not_matter() -> None:
    assert cells_of("\n CITY ,\tName\nMinsk,Vera\n") == [("Vera", "Minsk")]


def test_missing_cells_and_columns_are_empty() -> None:
    assert cells_of("name,city\nVera\n") == cells_of("name\nVera\n") == [("Vera", "")]


def test_empty_columns_at_the_right_are_nothing() -> None:
    assert cells_of("name;city;;\nVera;Minsk;;\n;;;\n") == [("Vera", "Minsk")]


def test_empty_lines_are_skipped_and_counted() -> None:
    rows = rows_of(b"\r\nname,city\r\n\r\nVera,Minsk\r\n,\r\n  \r\nIvan,\r\n\r\n")
    assert [(row.line, row.values["name"]) for row in rows] == [(4, "Vera"), (7, "Ivan")]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_row_has_the_line_on_which_it_begins(end: str) -> None:
    content = end.join(["name,city", f'"Vera{end}{end}Example",Minsk', "Ivan,", f'Olga,"Brest{end}"', ""])
    rows = rows_of(content.encode())
    assert [row.line for row in rows] == [2, 5, 6]
    assert rows[0].values == {"name": "Vera Example", "city": "Minsk"}


def test_line_breaks_in_quotes_count_for_what_is_wrong_below() -> None:
    assert outcome('name,city\n"Vera\nExample",Minsk\n=1,\n') == ("formula", 4)


def test_the_file_stays_open_for_its_owner() -> None:
    file = io.BytesIO(b"name\nVera\n=1\n")
    for _ in range(2):
        with pytest.raises(BadTable):
            list(read_table(file, COLUMNS))
        assert not file.closed


def test_a_table_is_read_from_its_start_again() -> None:
    with tempfile.SpooledTemporaryFile(max_size=5) as file:
        file.write("name\r\nВера\r\n".encode())
        upload = FileStorage(file, filename="table.csv")
        readings = [list(read_table(source, COLUMNS)) for source in (file, upload.stream, file)]
    assert [[row.values["name"] for row in rows] for rows in readings] == [["Вера"]] * 3


def test_a_table_left_halfway_stays_open_too() -> None:
    file = io.BytesIO(b"name\nVera\nIvan\n")
    rows = read_table(file, COLUMNS)
    next(rows)
    del rows
    assert not file.closed


def test_spaces_are_tidied_and_letters_composed() -> None:
    assert cells_of("name,city\n  Vera \u00a0 Example ,Andre\u0301\n") == [("Vera Example", "André")]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+375", "-1", "@SUM(A1)", " =1", '"=1"', '"\t=1"', '"\tVera"', '"\rVera"', '"\nVera"', "＝1", "＠a"],
)
def test_a_cell_that_begins_like_a_formula_is_refused(cell: str) -> None:
    error = refusal(f"name,city\nVera,Minsk\nIvan,{cell}\n")
    assert (error.code, error.line, error.values["column"]) == ("formula", 3, "city")


def test_signs_inside_a_cell_are_no_formula() -> None:
    assert cells_of("name,city\nVera Example-Sample,Minsk+1=2\n") == [("Vera Example-Sample", "Minsk+1=2")]


@pytest.mark.parametrize(
    "character", ["\0", "\x07", "\x0b", "\x0c", "\x1c", "\x7f", "\x85", "\u200b", "\u202e", "\u2028"]
)
def test_a_character_that_cannot_be_seen_is_refused_with_its_line(character: str) -> None:
    assert outcome(f'name,city\nVera,"a\nb{character}c"\n') == ("control_character", 3)


def test_broken_utf8_is_refused_with_its_line() -> None:
    assert outcome(b"name\n" + b"Vera\n" * 5000 + b"Iv\xe0n\n" + b"Olga\n" * 5000) == ("too_many_rows", None)
    assert outcome(b"name\n" + b"Vera\n" * 50 + b"Iv\xe0n\n" + b"Olga\n" * 50) == ("wrong_encoding", 52)


@pytest.mark.parametrize("encoding", ["cp1251", "cp1250", "koi8-r", "cp866"])
def test_older_encodings_are_refused_with_what_to_do(encoding: str) -> None:
    text = "Żółw" if encoding == "cp1250" else "Вера"
    error = refusal(f"name;city\r\n{text};\r\n".encode(encoding))
    assert (error.code, error.line) == ("wrong_encoding", 2)
    assert "CSV UTF-8" in str(error)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_without_a_known_mark_are_refused(encoding: str) -> None:
    assert outcome("name\nVera\n".encode(encoding)) == ("wrong_encoding", 1)


def test_utf16_cut_in_the_middle_of_a_character_is_refused() -> None:
    assert outcome("name\nVera\nIvan".encode("utf-16")[:-1]) == ("wrong_encoding", 3)


def test_lone_surrogates_are_refused() -> None:
    assert outcome(b"\xff\xfe" + "name\nVera\n".encode("utf-16-le") + b"\x00\xd8a\x00\n\x00") == ("wrong_encoding", 3)


def a_workbook() -> bytes:
    file = io.BytesIO()
    Workbook().save(file)
    return file.getvalue()


def a_zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", bytes(10_000_000))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        a_workbook(),
        a_zip_bomb(),
        gzip.compress(b"name\nVera\n"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        b"%PDF-1.7\n",
        b"<html><table>",
        b'\xef\xbb\xbf<?xml version="1.0"?>',
        b"{\\rtf1 name}",
    ],
    ids=["xlsx", "zip bomb", "gzip", "xls", "pdf", "html", "xml", "rtf"],
)
def test_a_file_that_is_no_csv_is_refused_at_once(content: bytes) -> None:
    error = refusal(content)
    assert error.code == "not_csv"
    assert "save it as" in str(error)


@pytest.mark.parametrize("content", ["", "\ufeff", "\r\n\r\n", ",,,\n", "sep=;\n", '""\n'])
def test_a_file_without_a_head_is_refused(content: str) -> None:
    assert refusal(content).code == "empty_file"


def test_a_head_without_rows_is_an_empty_table() -> None:
    assert cells_of("name,city\r\n") == []


def test_a_column_named_twice_is_refused_with_both_places() -> None:
    error = refusal("name,city, NAME\nVera,Minsk,Ivan\n")
    assert error.code == "duplicate_header"
    assert error.values == {"name": "name", "first": 1, "second": 3}


def test_unknown_and_missing_columns_are_named() -> None:
    unknown, missing = refusal("name,e-mail\nVera,x\n"), refusal("city\nMinsk\n")
    assert (unknown.code, unknown.values["name"]) == ("unknown_header", "e-mail")
    assert (missing.code, missing.values["name"]) == ("missing_header", "name")


def test_a_column_without_a_name_between_others_is_refused() -> None:
    error = refusal("name,,city\nVera,,Minsk\n")
    assert (error.code, error.values["column"]) == ("unnamed_column", 2)


def test_a_cell_more_than_the_head_names_is_refused() -> None:
    assert outcome("name,city\nVera,Minsk,17\n") == ("too_many_cells", 2)


@pytest.mark.parametrize("row", ['Vera,"Minsk', '"Vera"x,Minsk', '"Vera,Minsk\nIvan,Brest'])
def test_quotation_marks_that_do_not_match_are_refused(row: str) -> None:
    assert outcome(f"name,city\n{row}\n") == ("bad_quotes", 2)


def test_an_empty_required_cell_and_a_long_one_are_named() -> None:
    empty, long = refusal("name,city\nVera,\n,Minsk\n"), refusal(f"name,city\nVera,{'a' * 21}\n")
    assert (empty.code, empty.line, empty.values["column"]) == ("empty_cell", 3, "name")
    assert (long.code, long.line, long.values["column"], long.values["limit"]) == ("cell_too_long", 2, "city", 20)


def test_rows_beyond_the_limit_are_refused() -> None:
    assert len(rows_of(b"name\n" + b"Vera\n" * 100)) == 100
    assert refusal(b"name\n" + b"Vera\n\n" * 101).code == "too_many_rows"


def test_one_bad_row_among_ten_thousand_is_named() -> None:
    content = b"name\r\n" + b"Vera\r\n" * 9997 + b"=1\r\n" + b"Ivan\r\n" * 10
    assert (refusal(content, 20_000).code, refusal(content, 20_000).line) == ("formula", 9999)


class Endless(io.RawIOBase):
    """A file of a given size that repeats one piece, and tells how much was read of it."""

    def __init__(self, head: bytes, piece: bytes, size: int) -> None:
        self.content, self.size, self.given = self._pieces(head, piece), size, 0

    @staticmethod
    def _pieces(head: bytes, piece: bytes) -> Iterator[bytes]:
        yield head
        while True:
            yield piece

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.size if whence else 0

    def read(self, size: int = -1) -> bytes:
        if size == 8:
            return b"name,cit"
        chunk = next(self.content)
        self.given += len(chunk)
        return chunk


def as_file(file: Endless) -> BinaryIO:
    return cast(BinaryIO, file)


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        (b"a" * 5000, "row_too_long"),
        (b"," * 5000, "row_too_long"),
        (b'"' * 5000, "row_too_long"),
        (b'a","\n",' * 500, "row_too_long"),
    ],
    ids=["a long cell", "many columns", "many quotes", "many lines in one row"],
)
def test_a_row_without_an_end_is_given_up_early(piece: bytes, code: str) -> None:
    file = Endless(b'name,city\nVera,"', piece, 200_000_000)
    with pytest.raises(BadTable) as caught:
        list(read_table(as_file(file), COLUMNS))
    assert caught.value.code == code
    assert caught.value.line == 2
    assert file.given < 200_000


def test_a_file_of_empty_lines_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 1000)
    assert refusal(b"name\n" + b"\n" * 1000).code == "too_many_lines"
    assert refusal(b"\n" * 1001).code == "too_many_lines"


def test_a_file_too_large_is_refused_unread() -> None:
    file = Endless(b"name\n", b"Vera\n", 300_000_000)
    with pytest.raises(BadTable) as caught:
        next(read_table(as_file(file), COLUMNS))
    assert (caught.value.code, file.given) == ("file_too_large", 0)


def test_memory_stays_flat_however_many_rows_there_are() -> None:
    file = Endless(b"name,city\n", b"Vera Example,Minsk\n" * 400, 200_000_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in islice(read_table(as_file(file), COLUMNS), 50_000)) == 50_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


texts = st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="=+-@＝＋－＠"), max_size=12)


@given(st.lists(st.tuples(texts.filter(str.strip), texts)), st.sampled_from(",;\t"), st.sampled_from(ENCODINGS[:3]))
def test_whatever_a_spreadsheet_writes_comes_back(table: list[tuple[str, str]], separator: str, encoding: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([("name", "city"), *table])
    columns = [Column(column.name, column.required, longest=200) for column in COLUMNS]
    rows = list(read_table(io.BytesIO(text.getvalue().encode(encoding)), columns))
    assert [row.line for row in rows] == list(range(2, len(table) + 2))
    assert [(row.values["name"], row.values["city"]) for row in rows] == [
        (one_line(name), one_line(city)) for name, city in table
    ]


@given(st.sampled_from([b"", b"name,city\n", b"\xff\xfe"]), st.binary(max_size=300))
def test_anything_is_read_or_refused(head: bytes, content: bytes) -> None:
    try:
        names = [row.values["name"] for row in rows_of(head + content)]
    except BadTable as error:
        names = [SENTENCES[error.code]]
    assert all(names)
