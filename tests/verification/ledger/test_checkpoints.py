"""A checkpoint is three exact lines under the log's own signature."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.checkpoints import BadCheckpoint, Checkpoint, open_checkpoint, parse_checkpoint
from verification.ledger.hashing import EMPTY_ROOT
from verification.ledger.notes import BadNote, Note, NoteSigner, UnknownKey, WrongSignature
from verification.ledger.strict import LARGEST, base64_of

SIGNER = NoteSigner("example.org/letters/ward/log", bytes(range(32)))
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(SIGNER.name, 4410, ROOT)
SPECIFIED = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
"""The example of C2SP tlog-checkpoint (CC BY 4.0)."""
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)


def signed(text: str) -> str:
    return str(Note(text, (SIGNER.sign(text),)))


def test_the_example_of_the_specification_is_read() -> None:
    checkpoint = parse_checkpoint(SPECIFIED)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.text == SPECIFIED


@given(LINES, st.integers(1, LARGEST), st.binary(min_size=32, max_size=32), st.lists(LINES, max_size=3))
def test_a_checkpoint_survives_its_text(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(checkpoint.text) == checkpoint


@given(
    st.text("a01+=\n", max_size=60) | st.text(max_size=9).map(lambda line: f"{line}\n7\n{base64_of(ROOT)}\n{line}\n")
)
def test_whatever_is_read_is_written_the_same(text: str) -> None:
    with contextlib.suppress(BadCheckpoint):
        assert parse_checkpoint(text).text == text


def test_the_empty_log_has_one_checkpoint() -> None:
    empty = Checkpoint(SIGNER.name, 0, EMPTY_ROOT)
    assert parse_checkpoint(empty.text) == empty
    with pytest.raises(BadCheckpoint, match="no leaves and the root"):
        parse_checkpoint(Checkpoint(SIGNER.name, 0, ROOT).text)


BAD_TEXTS = {
    "empty": ("", "newline"),
    "no final newline": (CHECKPOINT.text[:-1], "newline"),
    "two lines": (f"{SIGNER.name}\n4410\n", "Found 2 lines"),
    "no origin": (f"\n4410\n{base64_of(ROOT)}\n", "1 of them empty"),
    "an empty line at the end": (f"{CHECKPOINT.text}\n", "1 of them empty"),
    "an empty line before an extension": (f"{CHECKPOINT.text}\nmore\n", "1 of them empty"),
    "a leading zero": (CHECKPOINT.text.replace("4410", "04410"), "size .*leading zeros, found '04410'"),
    "a plus": (CHECKPOINT.text.replace("4410", "+4410"), "size"),
    "a minus": (CHECKPOINT.text.replace("4410", "-4410"), "size"),
    "a space": (CHECKPOINT.text.replace("4410", "4410 "), "size"),
    "a thousands separator": (CHECKPOINT.text.replace("4410", "4,410"), "size"),
    "digits of another script": (CHECKPOINT.text.replace("4410", "٤٤١٠"), "size"),
    "hexadecimal digits": (CHECKPOINT.text.replace("4410", "0x113a"), "size"),
    "more than 63 bits": (CHECKPOINT.text.replace("4410", str(2**63)), "size"),
    "a root of 31 bytes": (f"{SIGNER.name}\n4410\n{base64_of(ROOT[1:])}\n", "root .*31 bytes"),
    "a root of 33 bytes": (f"{SIGNER.name}\n4410\n{base64_of(ROOT + ROOT[:1])}\n", "root .*33 bytes"),
    "a root with stray bits": (CHECKPOINT.text.replace("8=\n", "9=\n"), "root .*canonical"),
    "a root without padding": (CHECKPOINT.text.replace("=", ""), "root .*base64"),
    "a root in hexadecimal": (f"{SIGNER.name}\n4410\n{ROOT.hex()}\n", "root"),
    "Windows newlines": (CHECKPOINT.text.replace("\n", "\r\n"), "size"),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_a_checkpoint_in_any_other_form_is_refused(name: str) -> None:
    text, said = BAD_TEXTS[name]
    with pytest.raises(BadCheckpoint, match=said):
        parse_checkpoint(text)


def test_a_signed_checkpoint_is_opened_with_the_logs_key() -> None:
    assert open_checkpoint(signed(CHECKPOINT.text), SIGNER.verifier) == CHECKPOINT


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = Checkpoint("example.org/letters/other/log", 4410, ROOT)
    with pytest.raises(BadCheckpoint, match=f"of the log {other.origin}: expected {SIGNER.name}"):
        open_checkpoint(signed(other.text), SIGNER.verifier)


def test_a_checkpoint_that_was_changed_is_refused() -> None:
    with pytest.raises(WrongSignature):
        open_checkpoint(signed(CHECKPOINT.text).replace("4410", "4411"), SIGNER.verifier)


def test_a_checkpoint_by_an_unknown_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        open_checkpoint(signed(CHECKPOINT.text), NoteSigner(SIGNER.name, bytes(32)).verifier)


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(BadCheckpoint):
        open_checkpoint(signed("hello\n"), SIGNER.verifier)


def test_a_checkpoint_without_signatures_is_refused() -> None:
    with pytest.raises(BadNote):
        open_checkpoint(CHECKPOINT.text, SIGNER.verifier)
