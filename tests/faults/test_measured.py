"""The table in the document says what was measured last, and nothing else changes."""

from datetime import date

from tests.faults.measured import BEGIN, END, Row, renew

EMPTY = f"before\n{BEGIN}{END}after\n"
FIRST, LATER = date(2026, 12, 1), date(2026, 12, 2)


def a_row(fault: str, database: str, sent_twice: int | None = 0) -> Row:
    return Row(fault, "once", database, 0, 0, sent_twice, "")


def test_a_row_that_was_measured_again_replaces_the_older_one() -> None:
    document = renew(EMPTY, [a_row("a stall", "SQLite"), a_row("a drop", "SQLite")], FIRST)
    lines = renew(document, [a_row("a stall", "SQLite", 7)], LATER).splitlines()
    assert [line for line in lines if "a stall" in line] == ["| a stall | once | SQLite | 0 | 0 | 7 |  | 2026-12-02 |"]
    assert [line for line in lines if "a drop" in line] == ["| a drop | once | SQLite | 0 | 0 | 0 |  | 2026-12-01 |"]


def test_the_databases_of_a_fault_stand_together() -> None:
    rows = [a_row(fault, database) for database in ("SQLite", "PostgreSQL") for fault in ("a stall", "a drop")]
    table = renew(EMPTY, rows, FIRST).splitlines()[4:8]
    assert [line.split(" | ")[0] for line in table] == ["| a stall", "| a stall", "| a drop", "| a drop"]


def test_the_words_around_the_table_stay() -> None:
    document = renew(EMPTY, [a_row("a stall", "SQLite", None)], FIRST)
    assert document.startswith(f"before\n{BEGIN}")
    assert document.endswith(f"{END}after\n")
