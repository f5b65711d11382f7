"""Codes of RFC 6238 are good for one step either way, once."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyotp import TOTP

from verification.access.totp import (
    SECRET_BYTES,
    CodeUsed,
    WrongCode,
    check_code,
    provisioning_uri,
    typed_secret,
)

SECRET = b"12345678901234567890"
"""The secret of RFC 6238, appendix B."""
NOW = datetime(2026, 12, 1, 6, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
THIS_STEP = int(NOW.timestamp()) // 30

moments = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
secrets = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


def code_at(moment: datetime, secret: bytes = SECRET) -> str:
    return TOTP(base64.b32encode(secret).decode()).at(moment)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_the_standard_are_accepted(seconds: int, code: str) -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    assert check_code(SECRET, code, datetime.fromtimestamp(seconds, UTC), None) == seconds // 30


@given(secrets, moments)
def test_a_code_belongs_to_its_step(secret: bytes, moment: datetime) -> None:
    assert check_code(secret, code_at(moment, secret), moment, None) in range(
        int(moment.timestamp()) // 30, int(moment.timestamp()) // 30 + 2
    )


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(steps: int) -> None:
    assert check_code(SECRET, code_at(NOW + steps * STEP), NOW, None) == THIS_STEP + steps


@pytest.mark.parametrize("steps", [-100, -3, -2, 2, 3, 100])
def test_a_clock_may_not_be_further_off(steps: int) -> None:
    with pytest.raises(WrongCode):
        check_code(SECRET, code_at(NOW + steps * STEP), NOW, None)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_is_good_once(steps: int) -> None:
    code = code_at(NOW + steps * STEP)
    used = check_code(SECRET, code, NOW, None)
    for later in (timedelta(0), timedelta(seconds=1)):
        with pytest.raises(CodeUsed):
            check_code(SECRET, code, NOW + later, used)


def test_after_a_code_the_ones_before_it_are_of_no_use() -> None:
    used = check_code(SECRET, code_at(NOW + STEP), NOW, None)
    for steps in (-1, 0):
        with pytest.raises(CodeUsed):
            check_code(SECRET, code_at(NOW + steps * STEP), NOW, used)


def test_after_a_code_the_next_one_is_good() -> None:
    used = check_code(SECRET, code_at(NOW), NOW, None)
    assert check_code(SECRET, code_at(NOW + STEP), NOW + STEP, used) == used + 1


def test_a_wrong_code_stays_wrong_after_a_used_one() -> None:
    with pytest.raises(WrongCode):
        check_code(SECRET, code_at(NOW + 5 * STEP), NOW, THIS_STEP)


@given(secrets, secrets)
def test_another_secrets_code_is_wrong(secret: bytes, other: bytes) -> None:
    near = {code_at(NOW + steps * STEP, secret) for steps in (-1, 0, 1)}
    assume(code_at(NOW, other) not in near)
    with pytest.raises(WrongCode):
        check_code(secret, code_at(NOW, other), NOW, None)


@pytest.mark.parametrize("spacing", ["{0} {1}", " {0}{1} ", "{0}\u00a0{1}", "{0}\t{1}\n", "{0}\u2009{1}"])
def test_spaces_in_a_code_do_no_harm(spacing: str) -> None:
    code = code_at(NOW)
    assert check_code(SECRET, spacing.format(code[:3], code[3:]), NOW, None) == THIS_STEP


@pytest.mark.parametrize("zero", "٠۰०０𝟎", ids=["Arabic", "Persian", "Devanagari", "full width", "bold"])
def test_digits_that_are_not_ascii_are_no_digits(zero: str) -> None:
    strange = "".join(chr(ord(zero) + int(digit)) for digit in code_at(NOW))
    assert strange.isdecimal()
    with pytest.raises(WrongCode):
        check_code(SECRET, strange, NOW, None)


@given(st.text(max_size=30))
def test_what_is_no_code_is_wrong(code: str) -> None:
    assume("".join(code.split()) not in {code_at(NOW + steps * STEP) for steps in (-1, 0, 1)})
    with pytest.raises(WrongCode):
        check_code(SECRET, code, NOW, None)


@pytest.mark.parametrize("change", [lambda c: c[:5], lambda c: c + "0", lambda c: "+" + c[1:], lambda c: c * 10_000])
def test_a_code_has_exactly_six_digits(change: object) -> None:
    assert callable(change)
    with pytest.raises(WrongCode):
        check_code(SECRET, change(code_at(NOW)), NOW, None)


def test_a_code_does_not_depend_on_the_time_zone() -> None:
    in_minsk = NOW.astimezone(timezone(timedelta(hours=3)))
    assert check_code(SECRET, code_at(NOW), in_minsk, None) == THIS_STEP


@given(secrets)
def test_the_typed_secret_is_the_secret(secret: bytes) -> None:
    groups = typed_secret(secret).split(" ")
    assert [len(group) for group in groups] == [4] * 8
    assert base64.b32decode("".join(groups)) == secret


@given(secrets, st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"), min_size=1))
def test_the_app_reads_what_was_meant(secret: bytes, account: str, issuer: str) -> None:
    uri = urlsplit(provisioning_uri(secret, account, issuer))
    query = parse_qs(uri.query, keep_blank_values=True)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert [unquote(part) for part in uri.path.removeprefix("/").split(":")] == [issuer, account]
    assert query["issuer"] == [issuer]
    assert base64.b32decode(query["secret"][0]) == secret
    assert set(query) == {"secret", "issuer"}
