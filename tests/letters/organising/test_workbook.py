"""Rows of a workbook leave as they come, into a file that knows no way back, and come back as they were."""

import io
from contextlib import suppress
from zipfile import BadZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from letters.organising.workbook import writing_rows

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


class OneWay(io.RawIOBase):
    """A file that can only be written to; how much has come is known at any time."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes, /) -> int:  # type: ignore[override]
        self.content += content
        return len(content)


def rows_of(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content)).active
    return [[unescape(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


@given(st.lists(st.lists(texts, min_size=2, max_size=2), min_size=1, max_size=5))
def test_any_text_comes_back(rows: list[list[str]]) -> None:
    file = io.BytesIO()
    with writing_rows(file, "rows") as write:
        for row in rows:
            write(row)
    assert rows_of(file.getvalue()) == rows


def test_rows_leave_before_the_last_one_has_come() -> None:
    file, sizes = OneWay(), []
    with writing_rows(file, "rows") as write:  # type: ignore[arg-type]
        for number in range(20_000):
            write([f"Signer Example {number}", str(number * 7919 % 1_000_003)])
            sizes.append(len(file.content))
    assert sizes[-1] > sizes[len(sizes) // 2] > sizes[0]
    assert len(file.content) - sizes[-1] < 100_000
    assert rows_of(bytes(file.content))[-1][0] == "Signer Example 19999"


def test_a_workbook_that_was_not_finished_does_not_open() -> None:
    file = OneWay()
    with suppress(LookupError), writing_rows(file, "rows") as write:  # type: ignore[arg-type]
        write(["Signer Example"])
        raise LookupError
    with pytest.raises(BadZipFile):
        load_workbook(io.BytesIO(bytes(file.content)))
