"""What a run has printed, and nothing else, stands between the marks of its part."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tables import Measured, NoSuchMark, head, line, marks, overheard, renew

DAY = date(2026, 11, 22)
BEGIN, END = marks("reading")
OTHER = "".join(marks("writing"))


@given(before=st.text(alphabet="ab\n"), old=st.text(alphabet="cd\n"), after=st.text(alphabet="ef\n"))
def test_only_what_stands_between_the_marks_changes(before: str, old: str, after: str) -> None:
    measured = Measured("reading", "| a |\n", DAY, "2 cores")
    renewed = renew(f"{before}{OTHER}{BEGIN}{old}{END}{after}", measured)
    assert renewed == f"{before}{OTHER}{BEGIN}| a |\n\nMeasured on 22 November 2026: 2 cores.\n{END}{after}"
    assert renew(renewed, measured) == renewed


def test_a_document_without_a_place_is_refused() -> None:
    with pytest.raises(NoSuchMark, match="measured reading: begin"):
        renew(OTHER, Measured("reading", "", DAY, ""))


def test_what_is_printed_is_heard_and_still_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        head("work", "s")
        line("a", "1")

    heard = overheard(work)
    assert heard == "| work | s |\n| --- | --- |\n| a | 1 |\n"
    assert capsys.readouterr().out == heard
