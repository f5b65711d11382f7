"""Every number and every run of bytes has one spelling, and no other is read."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.strict import LARGEST, base64_of, strict_base64, strict_number


@given(st.integers(0, LARGEST))
def test_plain_numbers_are_read(number: int) -> None:
    assert strict_number(str(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "00", "01", "+1", "-1", "-0", " 1", "1 ", "1\n", "1_000", "1.0", "1e3", "0x10", "٣", "１", "²", "9" * 5000],
)
def test_other_spellings_of_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="without sign, spaces or leading zeros, found"):
        strict_number(text)


def test_a_number_beyond_63_bits_is_refused() -> None:
    with pytest.raises(ValueError, match=f"up to {LARGEST}"):
        strict_number(str(LARGEST + 1))


@given(st.text())
def test_a_number_that_is_read_is_written_the_same(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert str(strict_number(text)) == text


@given(st.binary())
def test_bytes_survive_base64(data: bytes) -> None:
    assert base64_of(data) == base64.b64encode(data).decode()
    assert strict_base64(base64_of(data)) == data


@pytest.mark.parametrize(
    "text", ["A", "AA", "AAA", "AA=", "AA==\n", " AA==", "A A==", "AA===", "AA==AA==", "=AA=", "_-8=", "АА==", "AAA=A"]
)
def test_damaged_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        strict_base64(text)


@pytest.mark.parametrize("text", ["AB==", "AAB=", "//=="])
def test_base64_with_stray_bits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unused bits"):
        strict_base64(text)


@given(st.text("ABab01+/=", max_size=12))
def test_base64_that_is_read_is_written_the_same(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert base64_of(strict_base64(text)) == text
