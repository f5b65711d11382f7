"""What a witness's answer is worth."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.cosigning.posting import LONGEST_ANSWER, Reply
from letters.organising.cosigning.replies import BadReply, Cosigned, Knows, NotCosigned, read_reply
from tests.parts.witness import GrowingLog
from verification.ledger.cosignatures import cosign, cosigner
from verification.ledger.notes import COSIGNATURE, NoteSignature, NoteSigner
from verification.ledger.witness import SIZE, TEXT

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NAME, SEED = "newsroom.example.org/witness", bytes([1]) * 32
KEY = cosigner(NAME, SEED)
LOG = GrowingLog().grow([bytes([number]) for number in range(5)])
NOTE = LOG.note(3)


def line(text: str = NOTE.text, name: str = NAME, seed: bytes = SEED, at: datetime = NOW) -> bytes:
    return cosign(text, name, seed, int(at.timestamp())).line.encode()


def read(status: int, content_type: str, body: bytes) -> Cosigned | Knows:
    return read_reply(Reply(status, content_type, body), str(NOTE), KEY, NOW)


def test_a_cosignature_is_taken_with_its_time() -> None:
    assert read(200, TEXT, line()) == Cosigned(NAME, NOW, line().decode())


def test_cosignatures_of_others_beside_it_are_ignored() -> None:
    other = line(name="university.example.org/witness", seed=bytes(32))
    assert read(200, TEXT, other + line()) == read(200, TEXT, line())


def test_a_size_is_taken() -> None:
    assert read(409, SIZE, b"7\n") == Knows(7)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "UnknownKey"),
        (b"OK\n", "no signature lines"),
        (b"\xff\n", "no signature lines"),
        (line()[:-1], "no signature lines"),
        (line() + line(), "no signature lines"),
        (line(name="university.example.org/witness"), "UnknownKey"),
        (line(seed=bytes(32)), "UnknownKey"),
        (line(text=LOG.note(4).text), "WrongSignature"),
        (line(at=NOW + timedelta(days=2)), "yet to come"),
        (cosign(NOTE.text, NAME, SEED, 2**63 - 1).line.encode(), "yet to come"),
        (b"x" * (LONGEST_ANSWER + 1), "too long"),
    ],
)
def test_a_cosignature_that_does_not_hold_is_a_bad_reply(body: bytes, why: str) -> None:
    with pytest.raises(BadReply, match=why):
        read(200, TEXT, body)


def test_no_answer_can_change_what_is_cosigned() -> None:
    """A witness that signs the checkpoint with its signatures, as if all of it were the text of a longer note."""
    seconds = int(NOW.timestamp())
    signed = NoteSigner(NAME, SEED, COSIGNATURE).sign(f"cosignature/v1\ntime {seconds}\n{NOTE}")
    smuggled = NoteSignature(NAME, signed.id, seconds.to_bytes(8, "big") + signed.signature)
    with pytest.raises(BadReply, match="another checkpoint"):
        read(200, TEXT, f"\n{smuggled.line}".encode())


@pytest.mark.parametrize(("body", "content_type"), [(b"", SIZE), (b"07\n", SIZE), (b"-1\n", SIZE), (b"\xff", SIZE)])
def test_a_conflict_without_a_size_is_a_bad_reply(body: bytes, content_type: str) -> None:
    with pytest.raises(BadReply, match="no size"):
        read(409, content_type, body)


@pytest.mark.parametrize("status", [100, 201, 204, 301, 302, 307, 429, 500, 503, 999])
def test_other_statuses_are_bad_replies(status: int) -> None:
    with pytest.raises(BadReply, match=str(status)):
        read(status, TEXT, b"")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_a_refusal_is_about_this_log_only(status: int) -> None:
    with pytest.raises(NotCosigned, match=str(status)):
        read(status, TEXT, b"")


@given(st.sampled_from([200, 409]), st.sampled_from([TEXT, SIZE, ""]), st.binary(max_size=200))
def test_rubbish_is_refused_in_a_named_way(status: int, content_type: str, body: bytes) -> None:
    try:
        answer = read(status, content_type, body)
    except (BadReply, NotCosigned):
        return
    assert isinstance(answer, Knows)
