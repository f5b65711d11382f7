"""A receipt proves one signature against the log's key alone, and says which part of it does not hold."""

import base64
import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verification.ledger.reference import Tiles
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.hashing import EMPTY_ROOT
from verification.ledger.leaves import Opening, Signature
from verification.ledger.notes import Note, NoteSigner, UnknownKey, WrongSignature
from verification.ledger.proofs import BadProof
from verification.ledger.receipts import LONGEST_RECEIPT, OPENING_TAG, BadReceipt, Receipt, check_receipt
from verification.ledger.strict import base64_of
from verification.ledger.trees import inclusion_proof, root_at

LOG = NoteSigner("example.org/letters/ward/log", bytes(range(32)))
OPENINGS = [Opening.of(bytes([number]) * 32, f"sealed {number}".encode()) for number in range(9)]
TILES = Tiles([Signature(opening.commitment).encode() for opening in OPENINGS])


def receipt_of(index: int, size: int = 9) -> Receipt:
    text = Checkpoint(LOG.name, size, root_at(size, TILES.read)).text
    proof = tuple(inclusion_proof(index, size, TILES.read))
    return Receipt(index, proof, str(Note(text, (LOG.sign(text),))), OPENINGS[index])


RECEIPT = receipt_of(5)
TEXT = RECEIPT.encode()
EXTRA, INDEX, FIRST_HASH = TEXT.split("\n")[1:4]


@given(st.integers(1, 9), st.data())
def test_the_receipt_of_every_leaf_holds_after_it_was_written_and_read(size: int, data: st.DataObject) -> None:
    receipt = receipt_of(data.draw(st.integers(0, size - 1)), size)
    read = Receipt.parse(receipt.encode())
    assert read == receipt
    assert check_receipt(read, LOG.verifier) == Checkpoint(LOG.name, size, root_at(size, TILES.read))


def test_a_receipt_is_written_as_the_specification_says() -> None:
    opening = RECEIPT.opening
    extra = b"undersigned opening 1\n" + opening.nullifier + opening.blinding + opening.seal_hash
    lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(extra).decode()}", "index 5"]
    lines += [base64.b64encode(value).decode() for value in RECEIPT.proof]
    assert "\n".join(lines) + "\n\n" + RECEIPT.note == TEXT


def test_the_first_leaf_of_a_log_needs_no_hashes() -> None:
    text = Checkpoint(LOG.name, 1, root_at(1, TILES.read)).text
    receipt = Receipt(0, (), str(Note(text, (LOG.sign(text),))), OPENINGS[0])
    assert check_receipt(Receipt.parse(receipt.encode()), LOG.verifier).size == 1


@given(st.text(max_size=40), st.integers(0, len(TEXT)), st.integers(0, 40))
def test_a_damaged_receipt_is_refused_or_is_the_same_text(inserted: str, at: int, cut: int) -> None:
    damaged = TEXT[:at] + inserted + TEXT[at + cut :]
    with contextlib.suppress(BadReceipt):
        assert Receipt.parse(damaged).encode() == damaged


def test_a_receipt_under_another_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        check_receipt(RECEIPT, NoteSigner(LOG.name, bytes(32)).verifier)


def test_a_receipt_with_a_changed_checkpoint_is_refused() -> None:
    with pytest.raises(WrongSignature):
        check_receipt(replace(RECEIPT, note=RECEIPT.note.replace("\n9\n", "\n8\n")), LOG.verifier)


@pytest.mark.parametrize("part", ["nullifier", "blinding", "seal_hash"])
def test_each_part_of_the_opening_counts(part: str) -> None:
    wrong = replace(RECEIPT.opening, **{part: bytes(32)})
    with pytest.raises(BadProof, match="different trees"):
        check_receipt(replace(RECEIPT, opening=wrong), LOG.verifier)


def test_anothers_place_is_not_mine() -> None:
    with pytest.raises(BadProof, match="different trees"):
        check_receipt(replace(receipt_of(4), opening=OPENINGS[5]), LOG.verifier)


@pytest.mark.parametrize("index", [9, 10, 2**62])
def test_an_index_past_the_checkpoint_is_refused(index: int) -> None:
    with pytest.raises(BadProof, match=f"9 leaves has no leaf {index}"):
        check_receipt(replace(RECEIPT, index=index), LOG.verifier)


def test_a_hash_too_many_or_too_few_is_refused() -> None:
    with pytest.raises(BadProof, match=r"has 5 hashes.*exactly 4"):
        check_receipt(replace(RECEIPT, proof=(*RECEIPT.proof, EMPTY_ROOT)), LOG.verifier)
    with pytest.raises(BadProof, match=r"has 3 hashes.*exactly 4"):
        check_receipt(replace(RECEIPT, proof=RECEIPT.proof[:-1]), LOG.verifier)


def extra(data: bytes) -> str:
    return TEXT.replace(EXTRA, f"extra {base64_of(data)}")


BAD_RECEIPTS = {
    "empty": ("", "first line"),
    "another version": (TEXT.replace("@v1", "@v2"), "first line"),
    "something in front": (f"\n{TEXT}", "first line"),
    "Windows newlines": (TEXT.replace("\n", "\r\n"), "first line"),
    "the first line alone": ("c2sp.org/tlog-proof@v1\n", "first line|cut short"),
    "no opening": (TEXT.replace(f"{EXTRA}\n", ""), "begins with 'extra'"),
    "no index": (TEXT.replace(f"{INDEX}\n", ""), "begins with 'index'"),
    "index before opening": (TEXT.replace(f"{EXTRA}\n{INDEX}", f"{INDEX}\n{EXTRA}"), "begins with 'extra'"),
    "two spaces": (TEXT.replace("index 5", "index  5"), "index .*cannot be read"),
    "an index with a zero in front": (TEXT.replace("index 5", "index 05"), "leading zeros"),
    "an index with a sign": (TEXT.replace("index 5", "index +5"), "index .*cannot be read"),
    "an index of another script": (TEXT.replace("index 5", "index ٥"), "index .*cannot be read"),
    "a hash of 31 bytes": (TEXT.replace(FIRST_HASH, base64_of(bytes(31))), "Hash 1 of the proof has 31 bytes"),
    "a hash without padding": (TEXT.replace(FIRST_HASH, FIRST_HASH[:-1]), "Hash 1 of the proof cannot be read"),
    "too many hashes": (TEXT.replace(FIRST_HASH, "\n".join([FIRST_HASH] * 61)), "64 hashes"),
    "another kind of opening": (extra(b"undersigned opening 2\n" + bytes(96)), "newer version"),
    "an opening that is too short": (extra(OPENING_TAG + bytes(95)), "opens no signature"),
    "an opening that is too long": (extra(OPENING_TAG + bytes(97)), "opens no signature"),
    "an opening that is no base64": (TEXT.replace(EXTRA, "extra !"), "opening cannot be read"),
    "no checkpoint": (TEXT.partition("\n\n")[0] + "\n\n", "checkpoint of the receipt cannot be read"),
    "no empty line": (TEXT.partition("\n\n")[0], "cut short"),
    "cut inside the checkpoint": (TEXT[:-1], "checkpoint of the receipt cannot be read.*newline"),
    "too long": (TEXT + "x" * LONGEST_RECEIPT, f"at most {LONGEST_RECEIPT}"),
    "half a surrogate pair": (TEXT + "\ud800\n", "checkpoint of the receipt cannot be read"),
}


@pytest.mark.parametrize("name", BAD_RECEIPTS)
def test_a_receipt_in_any_other_form_is_refused(name: str) -> None:
    text, said = BAD_RECEIPTS[name]
    with pytest.raises(BadReceipt, match=said):
        Receipt.parse(text)
