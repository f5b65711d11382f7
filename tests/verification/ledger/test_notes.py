"""A signed note has one form, names who signed it, and stands or falls with its signature."""

import base64
import contextlib
import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.notes import (
    COSIGNATURE,
    LONGEST_NOTE,
    BadNote,
    BadVerifierKey,
    Note,
    NoteSignature,
    NoteSigner,
    UnknownKey,
    VerifierKey,
    WrongSignature,
    verify_note,
)

SIGNER = NoteSigner("example.org/letters/ward/log", bytes(range(32)))
OTHER = NoteSigner("example.org/letters/other/log", bytes(32))
TEXT = "A text\nof two lines\n"
SIGNED = str(Note(TEXT, (SIGNER.sign(TEXT),)))
LINE = SIGNER.sign(TEXT).line

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""A note and its key from the documentation of golang.org/x/mod/sumdb/note (BSD-3-Clause)."""

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"], exclude_characters="+"))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=60)


def test_the_published_note_is_verified() -> None:
    verify_note(Note.parse(PUBLISHED_NOTE), VerifierKey.parse(PUBLISHED_KEY))


def test_the_published_note_and_key_are_written_as_they_were() -> None:
    assert str(Note.parse(PUBLISHED_NOTE)) == PUBLISHED_NOTE
    assert str(VerifierKey.parse(PUBLISHED_KEY)) == PUBLISHED_KEY


@given(NAMES.filter(bool), TEXTS, st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_verified(name: str, text: str, seed: bytes) -> None:
    signer = NoteSigner(name, seed)
    note = Note(f"{text}\n", (signer.sign(f"{text}\n"),))
    assert Note.parse(str(note)) == note
    verify_note(note, VerifierKey.parse(str(signer.verifier)))


@given(st.text(max_size=80) | st.text("\n— ab+=", max_size=40).map(lambda text: f"{text}{LINE}"))
def test_whatever_is_read_is_written_the_same(text: str) -> None:
    with contextlib.suppress(BadNote):
        assert str(Note.parse(text)) == text


def test_empty_lines_of_the_text_stay_in_the_text() -> None:
    text = "One\n\n\nTwo\n\n"
    note = Note.parse(str(Note(text, (SIGNER.sign(text),))))
    assert note.text == text
    verify_note(note, SIGNER.verifier)


def test_other_signatures_beside_the_right_one_are_let_be() -> None:
    unknown = NoteSignature("example.org/unknown", b"\x01\x02\x03\x04", b"of some kind")
    namesake = replace(SIGNER.sign(TEXT), id=b"\x00\x00\x00\x00")
    note = Note.parse(str(Note(TEXT, (unknown, namesake, OTHER.sign(TEXT), SIGNER.sign(TEXT)))))
    verify_note(note, SIGNER.verifier)
    verify_note(note, OTHER.verifier)


def test_a_note_without_a_signature_of_the_key_names_who_did_sign() -> None:
    with pytest.raises(UnknownKey, match=f"Expected a signature by {OTHER.name} .*found: {SIGNER.name}"):
        verify_note(Note.parse(SIGNED), OTHER.verifier)


def test_the_name_alone_or_the_id_alone_is_not_the_key() -> None:
    same_name = NoteSigner(SIGNER.name, OTHER.seed)
    same_id = NoteSignature("example.org/namesake", SIGNER.verifier.id, SIGNER.sign(TEXT).signature)
    for signature in (same_name.sign(TEXT), same_id):
        with pytest.raises(UnknownKey):
            verify_note(Note(TEXT, (signature,)), SIGNER.verifier)


def test_a_changed_text_is_refused() -> None:
    with pytest.raises(WrongSignature, match=f"{SIGNER.name} .*does not belong to this text"):
        verify_note(Note.parse(SIGNED.replace("two", "three")), SIGNER.verifier)


def test_another_keys_signature_under_this_name_and_id_is_refused() -> None:
    forged = replace(SIGNER.sign(TEXT), signature=OTHER.sign(TEXT).signature)
    with pytest.raises(WrongSignature):
        verify_note(Note(TEXT, (forged,)), SIGNER.verifier)


@pytest.mark.parametrize("signature", [b"\x00", bytes(63), bytes(64), bytes(65)])
def test_a_signature_of_no_use_is_refused(signature: bytes) -> None:
    with pytest.raises(WrongSignature):
        verify_note(Note(TEXT, (replace(SIGNER.sign(TEXT), signature=signature),)), SIGNER.verifier)


def test_a_public_key_that_is_no_point_verifies_nothing() -> None:
    key = VerifierKey.of("example.org/log", 1, b"\xff" * 32)
    with pytest.raises(WrongSignature):
        verify_note(Note(TEXT, (NoteSignature(key.name, key.id, bytes(64)),)), key)


def test_the_key_of_a_witness_signs_no_notes() -> None:
    witness = NoteSigner("example.org/witness", bytes(32), COSIGNATURE)
    with pytest.raises(UnknownKey, match="belongs to a witness"):
        verify_note(Note(TEXT, (witness.sign(TEXT),)), witness.verifier)


def test_the_id_depends_on_name_kind_and_key() -> None:
    ids = {
        SIGNER.verifier.id,
        replace(SIGNER, name="example.org/letters/renamed/log").verifier.id,
        replace(SIGNER, algorithm=COSIGNATURE).verifier.id,
        replace(SIGNER, seed=bytes(32)).verifier.id,
    }
    assert len(ids) == 4


def line_of(name: str, data: bytes) -> str:
    return f"— {name} {base64.b64encode(data).decode()}\n"


BAD_NOTES = {
    "empty": ("", "newline"),
    "a text alone": (TEXT, "no signatures"),
    "no empty line": (TEXT + LINE, "no signatures"),
    "no signature after the empty line": (TEXT + "\n", "no signatures"),
    "no final newline": (SIGNED[:-1], "newline"),
    "two final newlines": (SIGNED + "\n", "no signatures"),
    "a line of text among the signatures": (SIGNED + "more\n", "is no signature"),
    "a hyphen for the dash": (SIGNED.replace("— ", "- "), "is no signature"),
    "an en dash for the dash": (SIGNED.replace("— ", "– "), "is no signature"),
    "no space after the dash": (SIGNED.replace("— ", "—"), "is no signature"),
    "two spaces after the dash": (SIGNED.replace("— ", "—  "), "cannot name a key"),
    "two spaces after the name": (SIGNED.replace("/log ", "/log  "), "cannot be read"),
    "a space at the end": (SIGNED[:-1] + " \n", "cannot be read"),
    "no name": (TEXT + "\n" + line_of("", bytes(68)), "cannot name a key"),
    "a plus in the name": (TEXT + "\n" + line_of("a+b", bytes(68)), "cannot name a key"),
    "a wide space in the name": (TEXT + "\n" + line_of("a\u3000b", bytes(68)), "cannot name a key"),
    "no signature after the name": (TEXT + "\n— example.org\n", "has 0 bytes"),
    "an id and no signature": (TEXT + "\n" + line_of("example.org", bytes(4)), "has 4 bytes"),
    "base64 without padding": (SIGNED.replace("=", ""), "standard base64"),
    "base64 for addresses": (TEXT + "\n— example.org __" + "A" * 10 + "\n", "standard base64"),
    "base64 with stray bits": (TEXT + "\n— example.org AAAAAAB=\n", "canonical base64"),
    "the same line twice": (SIGNED + LINE, "the same key"),
    "two lines of one key": (
        SIGNED + line_of(SIGNER.name, SIGNER.verifier.id + bytes(64)),
        f"the same key, {SIGNER.name}",
    ),
    "a tab": (SIGNED.replace("two", "two\t"), "control characters"),
    "a carriage return": (SIGNED.replace("\n", "\r\n"), "control characters"),
    "a zero byte": (SIGNED.replace("two", "two\x00"), "control characters"),
    "half a surrogate pair": (SIGNED.replace("two", "\ud800"), "UTF-8"),
    "too large": ("a" * LONGEST_NOTE + SIGNED, f"at most {LONGEST_NOTE}"),
    "too large by its bytes": ("ж" * (LONGEST_NOTE // 2) + SIGNED, f"at most {LONGEST_NOTE}"),
    "too many signatures": (
        SIGNED + "".join(line_of(f"example.org/{number}", bytes(68)) for number in range(64)),
        "65 signatures",
    ),
}


@pytest.mark.parametrize("name", BAD_NOTES)
def test_a_note_in_any_other_form_is_refused(name: str) -> None:
    note, said = BAD_NOTES[name]
    with pytest.raises(BadNote, match=said):
        Note.parse(note)


def test_sixteen_large_signatures_are_accepted() -> None:
    signatures = tuple(NoteSignature(f"example.org/{number}", bytes(4), bytes(5000)) for number in range(16))
    note = Note(TEXT, signatures)
    assert Note.parse(str(note)) == note


@pytest.mark.parametrize("text", ["", "no newline", "a\ttab\n", "half a pair \udfff\n", "x" * LONGEST_NOTE + "\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(BadNote):
        SIGNER.sign(text)


KEY = str(SIGNER.verifier)
BAD_KEYS = {
    "empty": "",
    "a name alone": SIGNER.name,
    "no key": KEY.rpartition("+")[0],
    "no name": KEY.removeprefix(SIGNER.name),
    "another name": f"x{KEY}",
    "another id": KEY.replace(SIGNER.verifier.id.hex(), "00000000"),
    "capitals in the id": KEY.replace(SIGNER.verifier.id.hex(), SIGNER.verifier.id.hex().upper()),
    "a longer id": KEY.replace("+", "+0", 1),
    "cut short": KEY[:-4],
    "with a newline": f"{KEY}\n",
    "with a space": f" {KEY}",
    "with a space in the name": KEY.replace("letters", "the letters"),
    "no base64": KEY[:-4] + "!!!!",
    "half a surrogate pair": f"\ud800{KEY}",
    "an empty key": f"example.org+00000000+{base64.b64encode(b'').decode()}",
    "a key of 31 bytes": f"example.org+00000000+{base64.b64encode(bytes([1, *bytes(31)])).decode()}",
    "a kind that is not ours": f"example.org+00000000+{base64.b64encode(bytes([6, *bytes(32)])).decode()}",
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_verifier_key_in_any_other_form_is_refused(name: str) -> None:
    with pytest.raises(BadVerifierKey):
        VerifierKey.parse(BAD_KEYS[name])


def test_a_wrong_id_is_named_with_the_right_one() -> None:
    right = SIGNER.verifier.id.hex()
    with pytest.raises(BadVerifierKey, match=f"has the id {right}, found 00000000"):
        VerifierKey.parse(KEY.replace(right, "00000000"))


def test_a_name_with_spaces_cannot_sign() -> None:
    with pytest.raises(BadVerifierKey, match="cannot name a key"):
        NoteSigner("two words", bytes(32)).sign(TEXT)


def test_the_seed_is_not_shown() -> None:
    seed = secrets.token_bytes(32)
    assert repr(seed) not in repr(NoteSigner("example.org/log", seed))
