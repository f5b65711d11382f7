"""A secret key's boxes open for their password, code or cookie, under their account and server key, and no other."""

import base64
import os
import struct
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verification.identity.account_keys import (
    CHEAPEST,
    CODE_LETTERS,
    SessionUnusable,
    Stretch,
    WrongCode,
    WrongPassword,
    csrf_token,
    is_outdated,
    new_recovery_code,
    open_as_member,
    open_in_session,
    open_with_code,
    open_with_password,
    session_id,
    wrap_for_session,
    wrap_to_member,
    wrap_with_code,
    wrap_with_password,
)
from verification.identity.keypairs import BadPublicKey, BadSecretKey, new_key_pair
from verification.identity.sealing import CannotOpen

PAIR, OTHER = new_key_pair(), new_key_pair()
LETTER = new_key_pair()
PEPPER, ACCOUNT, COOKIE = bytes(range(32)), bytes(range(16)), bytes(range(32, 64))
PASSWORD, CODE = "purple goats ride seventeen", "G9JN-3025-57FZ-43MK-FCP2-8H57-5AF7"

BOX = wrap_with_password(PAIR.secret, PASSWORD, PEPPER, ACCOUNT, CHEAPEST, os.urandom)
CODE_BOX = wrap_with_code(PAIR.secret, CODE, PEPPER, ACCOUNT, os.urandom)
SESSION_BOX = wrap_for_session(PAIR.secret, COOKIE, PEPPER, os.urandom)
WRAPPED = wrap_to_member(LETTER.secret, PAIR.public, "stop-the-violence", ACCOUNT)

WRONG_CODES = st.text(alphabet=CODE_LETTERS, min_size=28, max_size=28)
accounts, keys = st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32)


def flipped(data: bytes, bit: int) -> bytes:
    altered = bytearray(data)
    altered[bit // 8 % len(altered)] ^= 1 << bit % 8
    return bytes(altered)


bits = st.integers(min_value=0, max_value=8 * 400)


@given(st.text(max_size=40), keys, accounts)
def test_a_password_opens_its_box(password: str, pepper: bytes, account: bytes) -> None:
    box = wrap_with_password(PAIR.secret, password, pepper, account, CHEAPEST, os.urandom)
    assert open_with_password(box, password, pepper, account) == PAIR.secret


@given(st.text(max_size=40))
def test_another_password_does_not(password: str) -> None:
    assume(unicodedata.normalize("NFKC", password) != PASSWORD)
    with pytest.raises(WrongPassword):
        open_with_password(BOX, password, PEPPER, ACCOUNT)


@given(bits)
def test_no_password_opens_under_another_account_or_server_key(bit: int) -> None:
    with pytest.raises(WrongPassword):
        open_with_password(BOX, PASSWORD, flipped(PEPPER, bit), ACCOUNT)
    with pytest.raises(WrongPassword):
        open_with_password(BOX, PASSWORD, PEPPER, flipped(ACCOUNT, bit))


@settings(deadline=None)
@given(bits)
def test_a_flipped_bit_of_a_passwords_box_is_noticed(bit: int) -> None:
    with pytest.raises(WrongPassword):
        open_with_password(flipped(BOX, bit), PASSWORD, PEPPER, ACCOUNT)


@pytest.mark.parametrize("length", [0, 1, 20, 24, 36, len(BOX) - 1])
def test_what_is_too_short_to_be_a_passwords_box_opens_nothing(length: int) -> None:
    with pytest.raises(WrongPassword):
        open_with_password(BOX[:length], PASSWORD, PEPPER, ACCOUNT)


@pytest.mark.parametrize(
    "parameters",
    [(2**32 - 1, 1, 1), (262_145, 1, 1), (0, 1, 1), (8, 1, 2), (8, 9, 1), (8, 0, 1), (128, 1, 9), (8, 1, 0)],
    ids=str,
)
def test_an_altered_box_cannot_ask_for_more_than_there_is(parameters: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="256 MiB"):
        Stretch(*parameters)
    with pytest.raises(WrongPassword):
        open_with_password(BOX[:1] + struct.pack(">IHB", *parameters) + BOX[8:], PASSWORD, PEPPER, ACCOUNT)


def test_a_password_typed_on_another_keyboard_is_the_same_password() -> None:
    composed, decomposed = "моё пёстрое письмо", unicodedata.normalize("NFD", "моё пёстрое письмо")
    assert composed != decomposed
    box = wrap_with_password(PAIR.secret, composed, PEPPER, ACCOUNT, CHEAPEST, os.urandom)
    assert open_with_password(box, decomposed, PEPPER, ACCOUNT) == PAIR.secret


def test_case_and_spaces_of_a_password_matter() -> None:
    for typed in (PASSWORD.upper(), PASSWORD.replace(" ", ""), f"{PASSWORD} "):
        with pytest.raises(WrongPassword):
            open_with_password(BOX, typed, PEPPER, ACCOUNT)


@pytest.mark.parametrize("password", ["\ud800" * 20, "a\0b", "\u0301" * 500_000], ids=["surrogates", "zero", "accents"])
def test_no_text_is_too_odd_to_be_a_wrong_password(password: str) -> None:
    started = time.monotonic()
    with pytest.raises(WrongPassword):
        open_with_password(BOX, password, PEPPER, ACCOUNT)
    assert time.monotonic() - started < 2


def test_two_boxes_of_one_password_have_nothing_in_common() -> None:
    again = wrap_with_password(PAIR.secret, PASSWORD, PEPPER, ACCOUNT, CHEAPEST, os.urandom)
    assert again[:8] == BOX[:8]
    assert again[8:24] != BOX[8:24]
    assert again[24:] != BOX[24:]


def test_a_box_knows_whether_its_parameters_are_the_wanted_ones() -> None:
    assert not is_outdated(BOX, CHEAPEST)
    for wanted in (Stretch(16, 1, 1), Stretch(8, 2, 1), Stretch(16, 1, 2)):
        assert is_outdated(BOX, wanted)
    assert is_outdated(b"", CHEAPEST)


MANY_SIGN_IN = """
import threading
from pathlib import Path
from verification.identity.account_keys import Stretch, waste_time
threads = [threading.Thread(target=waste_time, args=("x", Stretch(65_536, 1, 1))) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def test_many_sign_ins_at_once_take_the_memory_of_one() -> None:
    """Six of 64 MiB each, in a process of their own that needs some 30 MiB itself."""
    ran = subprocess.run([sys.executable, "-c", MANY_SIGN_IN], capture_output=True, text=True, check=True)
    assert 64 * 1024 < int(ran.stdout) < 150 * 1024


@given(st.binary(min_size=28, max_size=28), keys, accounts)
def test_a_recovery_code_opens_its_box(drawn: bytes, pepper: bytes, account: bytes) -> None:
    code = new_recovery_code(lambda _length: drawn)
    box = wrap_with_code(PAIR.secret, code, pepper, account, os.urandom)
    assert open_with_code(box, code, pepper, account) == PAIR.secret


def test_a_recovery_code_is_seven_groups_of_letters_that_cannot_be_confused() -> None:
    groups = new_recovery_code(os.urandom).split("-")
    assert [len(group) for group in groups] == [4] * 7
    assert set("".join(groups)) <= set(CODE_LETTERS)
    assert not set("ILOU") & set(CODE_LETTERS)


def test_every_letter_of_a_recovery_code_is_as_likely() -> None:
    first_letters = [new_recovery_code(repeat(bytes([byte])))[0] for byte in range(256)]
    assert {first_letters.count(letter) for letter in CODE_LETTERS} == {8}


def repeat(byte: bytes) -> Callable[[int], bytes]:
    return lambda length: byte * length


TYPINGS: dict[str, Callable[[str], str]] = {
    "in small letters": str.lower,
    "without hyphens": lambda code: code.replace("-", ""),
    "with spaces": lambda code: f"  {code.replace('-', ' ')}\n",
    "with long dashes": lambda code: code.replace("-", " \u2013 "),
    "with O for 0 and I for 1": lambda code: code.replace("0", "O").replace("1", "I"),
    "with o for 0 and l for 1": lambda code: code.replace("0", "o").replace("1", "l"),
    "with U for V": lambda code: code.replace("V", "U"),
    "in Cyrillic": lambda code: code.translate(str.maketrans("ABEKMHPCTYX", "АВЕКМНРСТУХ")),
    "in small Cyrillic": lambda code: code.translate(str.maketrans("ABEKMHPCTYX13", "авекмнрстухіз")),
}


@pytest.mark.parametrize("typing", TYPINGS.values(), ids=TYPINGS)
@pytest.mark.parametrize("code", [CODE, "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV", "WXYZ-1010-VVVV-ABEK-MHPC-TYX1-0313"])
def test_a_recovery_code_opens_however_it_is_typed(code: str, typing: Callable[[str], str]) -> None:
    box = wrap_with_code(PAIR.secret, code, PEPPER, ACCOUNT, os.urandom)
    assert open_with_code(box, typing(code), PEPPER, ACCOUNT) == PAIR.secret


@given(WRONG_CODES | st.text(max_size=60))
def test_another_recovery_code_opens_nothing(code: str) -> None:
    assume(code != CODE.replace("-", ""))
    with pytest.raises(WrongCode):
        open_with_code(CODE_BOX, code, PEPPER, ACCOUNT)


@given(bits)
def test_no_recovery_code_opens_another_accounts_or_servers_or_an_altered_box(bit: int) -> None:
    for box, pepper, account in (
        (flipped(CODE_BOX, bit), PEPPER, ACCOUNT),
        (CODE_BOX, flipped(PEPPER, bit), ACCOUNT),
        (CODE_BOX, PEPPER, flipped(ACCOUNT, bit)),
    ):
        with pytest.raises(WrongCode):
            open_with_code(box, CODE, pepper, account)


@given(keys, keys)
def test_a_cookie_opens_its_sessions_box(cookie: bytes, pepper: bytes) -> None:
    assert open_in_session(wrap_for_session(PAIR.secret, cookie, pepper, os.urandom), cookie, pepper) == PAIR.secret


@given(bits)
def test_a_cookie_opens_no_other_box_and_none_without_the_server_key(bit: int) -> None:
    for box, cookie, pepper in (
        (flipped(SESSION_BOX, bit), COOKIE, PEPPER),
        (SESSION_BOX, flipped(COOKIE, bit), PEPPER),
        (SESSION_BOX, COOKIE, flipped(PEPPER, bit)),
    ):
        with pytest.raises(SessionUnusable):
            open_in_session(box, cookie, pepper)


@pytest.mark.parametrize("cookie", [b"", b"x", COOKIE[:-1], COOKIE + b"\0"])
def test_what_is_no_cookie_opens_no_session(cookie: bytes) -> None:
    with pytest.raises(SessionUnusable):
        open_in_session(SESSION_BOX, cookie, PEPPER)


@given(keys)
def test_what_the_database_and_the_page_know_of_a_cookie_opens_nothing(cookie: bytes) -> None:
    box = wrap_for_session(PAIR.secret, cookie, PEPPER, os.urandom)
    for known in (session_id(cookie), csrf_token(cookie).encode()):
        with pytest.raises(SessionUnusable):
            open_in_session(box, known, PEPPER)


@given(keys, keys)
def test_the_cookie_its_name_in_the_database_and_its_token_all_differ(one: bytes, other: bytes) -> None:
    token = base64.urlsafe_b64decode(csrf_token(one) + "=")
    assert len({one, session_id(one), token}) == 3
    assert len(session_id(one)) == len(token) == 32
    assert csrf_token(one) != csrf_token(session_id(one))
    assert (session_id(one) == session_id(other)) == (csrf_token(one) == csrf_token(other)) == (one == other)


def test_a_box_of_one_kind_does_not_open_as_another() -> None:
    code_box = wrap_with_code(PAIR.secret, CODE, PEPPER, ACCOUNT, os.urandom)
    with pytest.raises(SessionUnusable):
        open_in_session(code_box, CODE.encode(), PEPPER)
    with pytest.raises(WrongCode):
        open_with_code(SESSION_BOX, COOKIE.hex(), PEPPER, ACCOUNT)


def test_a_member_opens_the_letters_key() -> None:
    assert open_as_member(WRAPPED, PAIR.secret, "stop-the-violence", ACCOUNT) == LETTER.secret


@pytest.mark.parametrize(
    ("secret", "slug", "account"),
    [
        (OTHER.secret, "stop-the-violence", ACCOUNT),
        (PAIR.secret, "another-letter", ACCOUNT),
        (PAIR.secret, "stop-the-violence", bytes(16)),
    ],
    ids=["another member", "another letter", "another account"],
)
def test_nobody_else_does(secret: str, slug: str, account: bytes) -> None:
    with pytest.raises(CannotOpen):
        open_as_member(WRAPPED, secret, slug, account)


@given(st.integers(min_value=0, max_value=8 * len(WRAPPED) - 1))
def test_a_flipped_bit_of_a_members_wrap_is_noticed(bit: int) -> None:
    with pytest.raises(CannotOpen):
        open_as_member(flipped(WRAPPED, bit), PAIR.secret, "stop-the-violence", ACCOUNT)


def test_a_members_wrap_needs_keys_that_are_keys() -> None:
    with pytest.raises(BadPublicKey):
        wrap_to_member(LETTER.secret, "", "stop-the-violence", ACCOUNT)
    with pytest.raises(BadSecretKey):
        open_as_member(WRAPPED, "", "stop-the-violence", ACCOUNT)


@pytest.mark.parametrize(
    "fail",
    [
        lambda: open_with_password(BOX, "hunter-of-snarks", PEPPER, ACCOUNT),
        lambda: open_with_code(CODE_BOX, "hunter-of-snarks", PEPPER, ACCOUNT),
    ],
)
def test_a_refusal_never_repeats_what_was_typed(fail: Callable[[], str]) -> None:
    with pytest.raises((WrongPassword, WrongCode)) as refusal:
        fail()
    assert "snark" not in str(refusal.value)
