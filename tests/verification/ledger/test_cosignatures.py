"""A cosignature binds a witness, a time and a checkpoint; none of the three can be swapped."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.checkpoints import BadCheckpoint, Checkpoint
from verification.ledger.cosignatures import cosign, cosigned_at, cosigner
from verification.ledger.notes import Note, NoteSigner, UnknownKey, WrongSignature, verify_note
from verification.ledger.strict import LARGEST

LOG = NoteSigner("example.org/letters/ward/log", bytes(range(32)))
TEXT = Checkpoint(LOG.name, 4410, bytes(range(32))).text
NAME, SEED = "witness.example/w1", bytes(range(32, 64))
KEY = cosigner(NAME, SEED)
NOW = 1_679_315_147


@given(st.integers(0, LARGEST))
def test_the_time_of_a_cosignature_is_told(seconds: int) -> None:
    note = Note.parse(str(Note(TEXT, (LOG.sign(TEXT), cosign(TEXT, NAME, SEED, seconds)))))
    assert cosigned_at(note, KEY) == seconds


def test_a_cosignature_is_made_as_the_specification_says() -> None:
    cosignature = cosign(TEXT, NAME, SEED, NOW)
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
    message = f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()
    assert cosignature.signature[:8] == NOW.to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(public).verify(cosignature.signature[8:], message)


def test_the_key_of_a_witness_has_its_own_kind() -> None:
    assert KEY.algorithm == 4
    assert KEY.key == NoteSigner(NAME, SEED).verifier.key
    assert KEY.id != NoteSigner(NAME, SEED).verifier.id


def test_a_checkpoint_that_the_witness_did_not_cosign_is_told_apart() -> None:
    with pytest.raises(UnknownKey, match=f"Expected a signature by {NAME}"):
        cosigned_at(Note(TEXT, (LOG.sign(TEXT),)), KEY)


def test_a_cosignature_of_another_checkpoint_is_refused() -> None:
    other = TEXT.replace("4410", "4411")
    with pytest.raises(WrongSignature, match=NAME):
        cosigned_at(Note(other, (cosign(TEXT, NAME, SEED, NOW),)), KEY)


def test_a_cosignature_with_another_time_is_refused() -> None:
    cosignature = cosign(TEXT, NAME, SEED, NOW)
    later = replace(cosignature, signature=(NOW + 1).to_bytes(8, "big") + cosignature.signature[8:])
    with pytest.raises(WrongSignature, match=NAME):
        cosigned_at(Note(TEXT, (later,)), KEY)


def test_a_time_beyond_63_bits_is_refused() -> None:
    cosignature = cosign(TEXT, NAME, SEED, NOW)
    late = replace(cosignature, signature=b"\xff" * 8 + cosignature.signature[8:])
    with pytest.raises(WrongSignature, match="gives the time 18446744073709551615"):
        cosigned_at(Note(TEXT, (late,)), KEY)


@pytest.mark.parametrize("length", [1, 8, 71, 73])
def test_a_cosignature_of_another_length_is_refused(length: int) -> None:
    cosignature = replace(cosign(TEXT, NAME, SEED, NOW), signature=bytes(length))
    with pytest.raises(WrongSignature, match=f"has {length} bytes: expected 72"):
        cosigned_at(Note(TEXT, (cosignature,)), KEY)


def test_a_plain_signature_by_the_same_key_is_no_cosignature() -> None:
    plain = NoteSigner(NAME, SEED)
    note = Note(TEXT, (plain.sign(TEXT),))
    verify_note(note, plain.verifier)
    with pytest.raises(UnknownKey):
        cosigned_at(note, KEY)
    with pytest.raises(UnknownKey, match="does not belong to a witness"):
        cosigned_at(note, plain.verifier)


def test_only_checkpoints_are_cosigned() -> None:
    with pytest.raises(BadCheckpoint):
        cosign("anything else\n", NAME, SEED, NOW)
