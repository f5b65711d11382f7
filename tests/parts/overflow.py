"""Reading a SQLite file as an examiner would: on which page the long rest of each row lies.

The file format: https://www.sqlite.org/fileformat2.html, sections 1.6 (b-tree pages) and 2.4 (WITHOUT ROWID tables).
"""

import sqlite3
from contextlib import closing
from pathlib import Path

ID = 16
LEAF, INTERIOR = 10, 2


def overflow_pages(file: str, table: str) -> dict[bytes, int]:
    """For each row of a WITHOUT ROWID table whose key is 16 bytes: the number of its first overflow page."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    content = Path(file).read_bytes()
    size = int.from_bytes(content[16:18])
    return dict(_rows(content, size, root))


def _rows(content: bytes, size: int, number: int) -> list[tuple[bytes, int]]:
    start = (number - 1) * size
    page = content[start : start + size]
    kind, cells = page[0], int.from_bytes(page[3:5])
    head = 12 if kind == INTERIOR else 8
    assert kind in (LEAF, INTERIOR), kind
    rows = []
    for cell in range(cells):
        at = int.from_bytes(page[head + 2 * cell : head + 2 * cell + 2])
        if kind == INTERIOR:
            rows += _rows(content, size, int.from_bytes(page[at : at + 4]))
            at += 4
        rows.append(_row(page, size, at))
    if kind == INTERIOR:
        rows += _rows(content, size, int.from_bytes(page[8:12]))
    return rows


def _row(page: bytes, size: int, at: int) -> tuple[bytes, int]:
    payload, at = _varint(page, at)
    most, least = (size - 12) * 64 // 255 - 23, (size - 12) * 32 // 255 - 23
    fits = least + (payload - least) % (size - 4)
    here = payload if payload <= most else (fits if fits <= most else least)
    header, _ = _varint(page, at)
    after = at + here
    return page[at + header : at + header + ID], int.from_bytes(page[after : after + 4]) if here < payload else 0


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(8):
        value = value << 7 | page[at] & 0x7F
        at += 1
        if page[at - 1] < 0x80:
            return value, at
    return value << 8 | page[at], at + 1
