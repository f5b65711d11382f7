"""An export holds sealed identities; the letter's secret key opens them, and nothing else does."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.models.values import find_letter
from letters.organising.exports import BadRecord, Opened, count_records, open_record, sealed_records
from letters.runtime import Runtime
from letters.signing.pending import Identity, seal_context
from tests.letters.publishing.crowd import Crowd, open_crowd
from verification.identity.sealing import BadSecretKey, KeyPair, new_key_pair, seal

PAIR, OTHER = new_key_pair(), new_key_pair()

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime, public_key=PAIR.public)


def exported(crowd: Crowd) -> list[str]:
    with crowd.runtime.reading() as session:
        letter = find_letter(session, crowd.slug)
        lines = list(sealed_records(session, letter))
        assert count_records(session, letter) == len(lines)
        return lines


def test_what_was_sealed_is_opened(crowd: Crowd) -> None:
    crowd.join(1, display="named", name="Вера Примерная", profession="surgeon", region="abroad")
    crowd.hold(crowd.join(2))
    opened = {record.address: record for record in (open_record(line, PAIR.secret) for line in exported(crowd))}
    assert opened["signer1@example.org"] == Opened(
        "Вера Примерная", "signer1@example.org", "", "surgeon", "abroad", "named", "confirmed"
    )
    assert opened["signer2@example.org"].state == "held"


def test_only_those_who_stand_are_exported(crowd: Crowd) -> None:
    crowd.sign(1)
    gone, fake = crowd.join(2), crowd.join(3)
    crowd.release()
    crowd.withdraw(gone)
    crowd.void(fake)
    crowd.join(4)
    assert [open_record(line, PAIR.secret).address for line in exported(crowd)] == ["signer4@example.org"]


@sqlite_only
def test_an_export_shows_no_name_or_address(crowd: Crowd) -> None:
    crowd.join(1, display="named", name="Vera Marker")
    (line,) = exported(crowd)
    assert "Vera" not in line
    assert "signer1" not in line


@sqlite_only
def test_the_order_of_an_export_is_not_the_order_of_signing(crowd: Crowd) -> None:
    numbers = list(range(12))
    for number in numbers:
        crowd.join(number)
    order = [open_record(line, PAIR.secret).address for line in exported(crowd)]
    assert order != [f"signer{number}@example.org" for number in numbers]


def record(pair: KeyPair = PAIR, **changes: Any) -> dict[str, Any]:
    identity = Identity("Vera Example", "vera@example.org", "").as_bytes()
    sealed = seal(pair.public, identity, seal_context("a-letter", b"0" * 16))
    fields = {"letter": "a-letter", "signature": (b"0" * 16).hex(), "state": "confirmed", "display": "named"}
    return {**fields, "profession": "nurse", "region": "BY-MI", "sealed": base64.b64encode(sealed).decode(), **changes}


DAMAGES: dict[str, Callable[[], str]] = {
    "another key": lambda: json.dumps(record(OTHER)),
    "another letter": lambda: json.dumps(record(letter="b-letter")),
    "another row": lambda: json.dumps(record(signature=(b"1" * 16).hex())),
    "altered": lambda: json.dumps(record(sealed=base64.b64encode(b"\x00" * 1700).decode())),
    "cut off": lambda: json.dumps(record())[:200],
    "no JSON": lambda: "once upon a time",
    "empty": lambda: "",
    "a number": lambda: "5",
    "a list": lambda: "[]",
    "nested without end": lambda: "[" * 100_000,
    "no signature": lambda: json.dumps({**record(), "signature": None}),
    "not hexadecimal": lambda: json.dumps(record(signature="xyz")),
    "not base64": lambda: json.dumps(record(sealed="§§§")),
    "a number for a state": lambda: json.dumps(record(state=5)),
    "no profession": lambda: json.dumps({key: value for key, value in record().items() if key != "profession"}),
}


@pytest.mark.parametrize("damaged", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_line_is_refused_with_a_reason(damaged: Callable[[], str]) -> None:
    with pytest.raises(BadRecord) as refused:
        open_record(damaged(), PAIR.secret)
    assert str(refused.value).endswith(".")


@given(
    st.text(max_size=80) | st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5).map(json.dumps)
)
def test_any_line_is_opened_or_refused(line: str) -> None:
    with pytest.raises(BadRecord):
        open_record(line, PAIR.secret)


def test_no_secret_key_is_another_refusal() -> None:
    with pytest.raises(BadSecretKey):
        open_record(json.dumps(record()), PAIR.public)
