"""The list of official addresses: one form for each address, and no list is ever a checkpoint."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.checkpoints import BadCheckpoint, Checkpoint, open_checkpoint, parse_checkpoint
from verification.ledger.hashing import leaf_hash
from verification.ledger.notes import Note, NoteSigner, UnknownKey, WrongSignature
from verification.ledger.official import (
    AddressList,
    BadAddressList,
    BadOfficial,
    Unfit,
    list_origin,
    open_addresses,
    parse_addresses,
    plain_official,
)

LOG = "letters.example/letters/name/log"
SIGNER = NoteSigner(LOG, b"\x07" * 32)
HERE = "https://letters.example/letters/name"
LIST = AddressList("letters.example/letters/name/addresses", 3, date(2026, 12, 1), (HERE, "http://abc.onion/x"))


def signed(text: str, signer: NoteSigner = SIGNER) -> str:
    return str(Note(text, (signer.sign(text),)))


def test_a_list_is_read_as_it_was_signed() -> None:
    assert open_addresses(signed(LIST.text), SIGNER.verifier) == LIST
    assert list_origin(LOG) == LIST.origin


def test_a_list_is_no_checkpoint() -> None:
    with pytest.raises(BadCheckpoint):
        open_checkpoint(signed(LIST.text), SIGNER.verifier)


@given(st.integers(1, 10**12), st.dates())
def test_no_list_can_be_written_that_is_a_checkpoint(number: int, day: date) -> None:
    with pytest.raises(BadCheckpoint):
        parse_checkpoint(AddressList(LIST.origin, number, day, (HERE,)).text)


@pytest.mark.parametrize("origin", [LOG, LIST.origin])
def test_a_checkpoint_is_no_list(origin: str) -> None:
    checkpoint = Checkpoint(origin, 3, leaf_hash(b"x"), ("list 3", HERE))
    with pytest.raises(BadAddressList):
        open_addresses(signed(checkpoint.text), SIGNER.verifier)


def test_another_letters_list_is_refused() -> None:
    other = AddressList("letters.example/letters/other/addresses", 3, LIST.day, (HERE,))
    with pytest.raises(BadAddressList):
        open_addresses(signed(other.text), SIGNER.verifier)


def test_a_list_by_another_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        open_addresses(signed(LIST.text, NoteSigner(LOG, b"\x08" * 32)), SIGNER.verifier)
    with pytest.raises(WrongSignature):
        open_addresses(signed(LIST.text).replace("/x\n", "/y\n"), SIGNER.verifier)


@pytest.mark.parametrize(
    "text",
    [
        LIST.text[:-1],
        LIST.text.replace("list 3", "list 03"),
        LIST.text.replace("2026-12-01", "20261201"),
        LIST.text.replace(HERE, HERE + "/"),
        LIST.text + f"{HERE}\n",
        LIST.text + "".join(f"https://m{number}.example\n" for number in range(20)),
        f"{LIST.origin}\nlist 3\n2026-12-01\n",
    ],
)
def test_a_list_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadAddressList):
        parse_addresses(text)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("HTTPS://Mirror.Example:443/a/", "https://mirror.example/a"),
        ("http://abc.onion:80", "http://abc.onion"),
        ("https://mirror.example:8443/letters/x/index.html", "https://mirror.example:8443/letters/x"),
        ("https://пример.example/x", "https://xn--e1afmkfd.example/x"),
        ("https://xn--80ak6aa92e.example/x", "https://xn--80ak6aa92e.example/x"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("https://mirror.example/a/index.html/", "https://mirror.example/a"),
        ("https://mirror.example/a/index.html//index.html", "https://mirror.example/a"),
        ("https://xn--ohn-400b.example/x", "https://xn--ohn-400b.example/x"),
    ],
)
def test_an_address_has_one_form(typed: str, plain: str) -> None:
    assert plain_official(typed) == plain_official(plain) == plain


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("https://user:secret@mirror.example/", Unfit.CREDENTIALS),
        ("https://letters.example@evil.example/", Unfit.CREDENTIALS),
        ("https://mirror.example/?x=1", Unfit.QUERY),
        ("https://mirror.example/#x", Unfit.QUERY),
        ("https://mirror.example/../x", Unfit.PATH),
        ("https://mirror.example/a%2fb", Unfit.PATH),
        ("https://mirror.example//x", Unfit.PATH),
        ("ftp://mirror.example/", Unfit.NO_ADDRESS),
        ("javascript:alert(1)", Unfit.NO_ADDRESS),
        ("mirror.example", Unfit.NO_ADDRESS),
        ("https://mirror.example:99999/", Unfit.NO_ADDRESS),
        ("https://mirror .example/", Unfit.NO_ADDRESS),
        ("https://mirror.example\\@evil.example/", Unfit.NO_ADDRESS),
        ("https://" + "x" * 300 + ".example", Unfit.NO_ADDRESS),
        ("https://straße.example/", Unfit.NO_ADDRESS),
        ("https://λόγος.example/", Unfit.NO_ADDRESS),
        ("https://аррӏе.example/x", Unfit.NO_ADDRESS),
        ("https://\u2c7cohn.example/", Unfit.NO_ADDRESS),
        ("https://\u10a0ohn.example/", Unfit.NO_ADDRESS),
        ("https://\u13a0ohn.example/", Unfit.NO_ADDRESS),
        ("https://\u3164john.example/", Unfit.NO_ADDRESS),
        ("https://\U0002f868john.example/", Unfit.NO_ADDRESS),
        ("https://ж.example/" + "x" * 280, Unfit.NO_ADDRESS),
        ("", Unfit.NO_ADDRESS),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(typed: str, reason: Unfit) -> None:
    with pytest.raises(BadOfficial) as refused:
        plain_official(typed)
    assert refused.value.reason is reason


ENDINGS = st.lists(st.sampled_from(["/", "/index.html", "/a", "index.html", ".html", ":443", "."]), max_size=8)


@given(ENDINGS.map("".join))
def test_whatever_an_address_ends_in_its_one_form_is_its_own(ending: str) -> None:
    try:
        plain = plain_official(f"https://mirror.example{ending}")
    except BadOfficial:
        return
    assert plain_official(plain) == plain


@given(st.text(max_size=60))
def test_nothing_else_is_raised_and_the_one_form_is_one_line(text: str) -> None:
    try:
        plain = plain_official(f"https://{text}")
    except BadOfficial:
        return
    assert plain.isascii()
    assert plain.isprintable()
    assert plain_official(plain) == plain
