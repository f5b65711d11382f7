"""An export holds sealed identities behind a head line that tells how many, of which letter, and for which key."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from letters.models.finding import find_letter
from letters.models.signatures import SignatureRow
from letters.organising.exports import BadHead, Head, head_of, read_head, sealed_records
from letters.organising.unsealing import BadRecord, Opened, open_record
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from verification.identity.custody import OneKey
from verification.identity.keyring import KeyMissing
from verification.identity.sealing import new_key_pair

PAIR = new_key_pair()
KEY = OneKey(PAIR.secret)

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime, public_key=PAIR.public)


def exported(crowd: Crowd) -> list[bytes]:
    with crowd.runtime.reading() as session:
        letter = find_letter(session, crowd.slug)
        lines = [line.encode() for line in sealed_records(session, letter, crowd.runtime.keyring)]
        assert head_of(session, letter, date(2026, 12, 1)) == Head(
            crowd.slug, PAIR.public, records=len(lines), on="2026-12-01"
        )
        return lines


def test_what_was_sealed_is_opened(crowd: Crowd) -> None:
    vera = crowd.join(1, display="named", name="Вера Примерная", profession="surgeon", region="abroad")
    crowd.hold(crowd.join(2))
    opened = {record.address: record for record in (open_record(line, KEY) for line in exported(crowd))}
    assert opened["signer1@example.org"] == Opened(
        "Вера Примерная", "signer1@example.org", "", "surgeon", "abroad", "named", "confirmed", vera.signature.hex()
    )
    assert opened["signer2@example.org"].state == "held"


def test_only_those_who_stand_are_exported(crowd: Crowd) -> None:
    crowd.sign(1)
    gone, fake = crowd.join(2), crowd.join(3)
    crowd.release()
    crowd.withdraw(gone)
    crowd.void(fake)
    crowd.join(4)
    assert [open_record(line, KEY).address for line in exported(crowd)] == ["signer4@example.org"]


@sqlite_only
def test_an_export_shows_no_name_or_address(crowd: Crowd) -> None:
    crowd.join(1, display="named", name="Vera Marker")
    (line,) = exported(crowd)
    assert b"Vera" not in line
    assert b"signer1" not in line


@sqlite_only
def test_the_order_of_an_export_is_not_the_order_of_signing(crowd: Crowd) -> None:
    numbers = list(range(12))
    for number in numbers:
        crowd.join(number)
    order = [open_record(line, KEY).address for line in exported(crowd)]
    assert order != [f"signer{number}@example.org" for number in numbers]


@sqlite_only
def test_a_record_that_is_damaged_on_the_server_is_told_from_one_that_the_key_does_not_open(crowd: Crowd) -> None:
    vera, ivan = crowd.join(1), crowd.join(2)
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == vera.signature).values(sealed=b"damaged"))
    lines = {json.loads(line)["signature"]: line for line in exported(crowd)}
    assert open_record(lines[ivan.signature.hex()], KEY).address == "signer2@example.org"
    with pytest.raises(BadRecord, match="damaged there"):
        open_record(lines[vera.signature.hex()], KEY)


@sqlite_only
def test_without_the_key_of_its_boxes_nothing_is_exported(crowd: Crowd) -> None:
    crowd.join(1)
    crowd.runtime.keyring.destroy_identities(crowd.slug)
    with pytest.raises(KeyMissing):
        exported(crowd)


heads = st.builds(Head, st.text(), st.text(), st.integers(min_value=0), st.dates().map(date.isoformat))


@given(heads)
def test_a_head_line_is_read_as_it_was_written(head: Head) -> None:
    assert read_head(head.as_line().encode()) == head
    assert "\n" not in head.as_line()


@pytest.mark.parametrize("line", [b"", b"\n", b"{}", b"[]", b"5", b"null", b"\xff", b'"format"', b"[" * 100_000])
def test_a_line_that_is_no_head_is_not_taken_for_one(line: bytes) -> None:
    assert read_head(line) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"letter": None},
        {"public_key": 5},
        {"records": "3"},
        {"records": -1},
        {"records": True},
        {"on": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_damaged_head_line_is_refused(changes: dict[str, Any]) -> None:
    fields = json.loads(Head("fair-shifts", PAIR.public, 3, "2026-12-01").as_line())
    with pytest.raises(BadHead, match="Export again"):
        read_head(json.dumps({**fields, **changes}).encode())


def test_an_export_of_a_form_to_come_is_refused_as_such() -> None:
    with pytest.raises(BadHead, match="another version"):
        read_head(b'{"format": "undersigned-export-3"}')
