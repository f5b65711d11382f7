"""Tables hold every signature as it was typed, and nothing in them is a formula."""

import csv
import io
import json
import re
from dataclasses import astuple, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from letters.organising.sheets import MOST_IN_XLSX, SHEETS, TooManyRows, check_fits
from letters.organising.unsealing import Opened

VERA = Opened(
    "Вера, «Примерная»", "vera@example.org", 'Clinic "1"\nWard 2', "nurse", "BY-MI", "named", "held", "0" * 32
)
COLUMNS = [field.name for field in fields(Opened)]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"]

typed = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def table(form: str, signatures: list[Opened]) -> bytes:
    file = io.BytesIO()
    with SHEETS[form](file) as write:
        for signature in signatures:
            write(signature)
    return file.getvalue()


def cells_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_csv_comes_back_as_it_was() -> None:
    assert cells_of(table("csv", [VERA])) == [COLUMNS, list(astuple(VERA))]


def test_json_lines_are_objects_with_what_was_typed() -> None:
    lines = table("jsonl", [VERA, replace(VERA, name="=1+1")]).splitlines()
    assert [Opened(**json.loads(line)) for line in lines] == [VERA, replace(VERA, name="=1+1")]
    assert "Вера" in lines[0].decode()


@given(typed, typed)
def test_any_text_comes_back_from_json_lines(name: str, workplace: str) -> None:
    signature = replace(VERA, name=name, workplace=workplace)
    (line,) = table("jsonl", [signature]).split(b"\n")[:-1]
    assert Opened(**json.loads(line)) == signature


def test_xlsx_comes_back_as_it_was() -> None:
    sheet = load_workbook(io.BytesIO(table("xlsx", [VERA]))).active
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == [COLUMNS, list(astuple(VERA))]


@given(st.sampled_from(FORMULAS) | typed)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    row = cells_of(table("csv", [replace(VERA, name=text, region=text)]))[1]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)


@given(st.sampled_from(FORMULAS) | typed, st.sampled_from([";", "\t", "\n", '"', '";"', "|", "x; "]))
def test_nor_where_a_program_takes_another_separator_for_the_comma(text: str, before: str) -> None:
    """As Excel does wherever the comma parts decimals: in Russian and Belarusian, say."""
    content = table("csv", [replace(VERA, name=f"Vera{before}{text}", workplace=f"{before}{text}")]).decode()
    cells = re.split(r'[;\t|\r\n"]', content)
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []


def test_no_cell_of_an_xlsx_is_a_formula_a_link_or_a_number() -> None:
    texts = [*FORMULAS, "https://example.org", "mailto:vera@example.org", "internal:A1", "12", "{=1}"]
    content = table("xlsx", [replace(VERA, name=text, workplace=text) for text in texts])
    cells = [cell for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert not any(str(cell.value).startswith(("=", "+", "-", "@")) for cell in cells)


def test_an_xlsx_does_not_tell_when_it_was_made() -> None:
    one = table("xlsx", [VERA])
    assert load_workbook(io.BytesIO(one)).properties.created.year == 1980
    assert table("xlsx", [VERA]) == one


def test_more_signatures_than_a_sheet_has_rows_are_refused() -> None:
    check_fits("xlsx", MOST_IN_XLSX)
    check_fits("csv", MOST_IN_XLSX + 1)
    with pytest.raises(TooManyRows, match=r"1,048,575 .* --format csv or jsonl"):
        check_fits("xlsx", MOST_IN_XLSX + 1)
