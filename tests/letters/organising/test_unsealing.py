"""Whatever a line of an export holds, it is opened or refused with a reason; lines are read one at a time."""

import base64
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.unsealing import (
    LONGEST_LINE,
    BadRecord,
    EmptyExport,
    HeadMissing,
    open_record,
    opener_of,
    read_export,
)
from letters.signing.pending import seal_context
from tests.letters.organising.sealed import SLUG, head, record
from verification.identity.custody import KeyPart, OneKey
from verification.identity.sealing import new_key_pair, seal

PAIR, OTHER = new_key_pair(), new_key_pair()
KEY = OneKey(PAIR.secret)


def sealed(identity: object) -> str:
    """An identity that the server would not have made, sealed all the same."""
    plaintext = json.dumps(identity).encode()
    return base64.b64encode(seal(PAIR.public, plaintext, seal_context(SLUG, bytes(16)))).decode()


DAMAGES: dict[str, Callable[[], str]] = {
    "another key": lambda: record(OTHER.public),
    "another letter": lambda: record(PAIR.public, letter="longer-nights"),
    "another row": lambda: record(PAIR.public, signature=bytes(15).hex() + "01"),
    "altered": lambda: record(PAIR.public, sealed=base64.b64encode(bytes(2160)).decode()),
    "cut off": lambda: record(PAIR.public)[:200],
    "no JSON": lambda: "once upon a time\n",
    "empty": lambda: "",
    "a blank line": lambda: "\n",
    "a number": lambda: "5\n",
    "a list": lambda: "[]\n",
    "nested without end": lambda: "[" * 100_000,
    "no signature": lambda: record(PAIR.public, signature=None),
    "not hexadecimal": lambda: record(PAIR.public, signature="xyz"),
    "not base64": lambda: record(PAIR.public, sealed="§§§"),
    "a number for a state": lambda: record(PAIR.public, state=5),
    "no profession": lambda: record(PAIR.public, profession=None),
    "half a character": lambda: record(PAIR.public, region="\ud800"),
    "half a character in a name": lambda: record(
        PAIR.public, sealed=sealed({"name": "\ud800", "address": "", "workplace": ""})
    ),
    "a number for a name": lambda: record(PAIR.public, sealed=sealed({"name": 5, "address": "", "workplace": ""})),
    "no name": lambda: record(PAIR.public, sealed=sealed({"address": "", "workplace": ""})),
    "no identity": lambda: record(PAIR.public, sealed=sealed([])),
}


@pytest.mark.parametrize("damaged", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_line_is_refused_with_a_reason(damaged: Callable[[], str]) -> None:
    with pytest.raises(BadRecord) as refused:
        open_record(damaged().encode(), KEY)
    assert str(refused.value).endswith(".")


@given(st.binary(max_size=80) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_line_is_opened_or_refused(line: str | bytes) -> None:
    with pytest.raises(BadRecord):
        open_record(line.encode() if isinstance(line, str) else line, KEY)


def test_a_whole_record_of_another_letter_is_refused_though_the_key_opens_it() -> None:
    line = record(PAIR.public, slug="longer-nights").encode()
    assert open_record(line, KEY, "longer-nights").name == "Signer Example 0"
    with pytest.raises(BadRecord, match="another letter"):
        open_record(line, KEY, SLUG)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_last_line_without_its_end_opens_when_it_is_whole(end: bytes) -> None:
    assert open_record(record(PAIR.public).encode().rstrip() + end, KEY, SLUG).address == "signer0@example.org"


def numbered(content: bytes) -> list[tuple[int, bytes]]:
    return [(line.number, line.content) for line in read_export(io.BytesIO(content)).lines()]


HEAD = head(PAIR.public, 2).encode()


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"") + b"\n"), min_size=1))
def test_lines_are_counted_as_an_editor_counts_them(lines: list[bytes]) -> None:
    assert numbered(HEAD + b"".join(lines)) == list(enumerate(lines, start=2))
    assert numbered(b"first\n" + b"".join(lines)) == list(enumerate([b"first\n", *lines], start=1))


@pytest.mark.parametrize("start", [HEAD, b"", b"first\n"], ids=["with a head", "first", "without a head"])
def test_a_line_without_end_comes_in_pieces_under_one_number(start: bytes) -> None:
    content = start + b"x" * (3 * LONGEST_LINE) + b"\nlast\n"
    lines = numbered(content)
    assert max(len(piece) for _, piece in lines) == LONGEST_LINE
    number = 2 if start else 1
    assert {each for each, piece in lines if b"x" in piece} == {number}
    assert lines[-1] == (number + 1, b"last\n")
    assert b"".join(piece for _, piece in lines) == content.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("records", "finding"),
    [(1, "holds 2: something was added"), (2, None), (3, "promises 3 signatures and holds 2: its end is missing")],
)
def test_records_are_counted_against_the_promise(records: int, finding: str | None) -> None:
    export = read_export(io.BytesIO(head(PAIR.public, records).encode() + b"one\ntwo"))
    list(export.lines())
    assert [finding in text for text in export.findings()] == ([True] if finding else [])


def test_an_empty_file_is_no_export() -> None:
    with pytest.raises(EmptyExport):
        read_export(io.BytesIO())


def test_an_export_without_a_head_line_opens_with_one_key_only() -> None:
    one, other = KeyPart("one.key", PAIR.secret), KeyPart("other.key", OTHER.secret)
    assert open_record(record(PAIR.public).encode(), opener_of(None, [one])).state == "confirmed"
    with pytest.raises(HeadMissing):
        opener_of(None, [one, other])
