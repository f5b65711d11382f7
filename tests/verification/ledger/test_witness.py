"""A witness, answer by answer as C2SP tlog-witness has them, and whatever sequence arrives."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parts.witness import ORIGIN, GrowingLog
from verification.ledger.cosignatures import cosigned_at
from verification.ledger.heads import DamagedMemory, SeenHeads
from verification.ledger.notes import Note, VerifierKey
from verification.ledger.witness import LONGEST_SUBMISSION, SIZE, TEXT, Answer, Submission, Witness

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NAME = "newsroom.example.org/witness"
SIZES = 12
FORKED_AT = 5
LEAVES = [bytes([number]) for number in range(SIZES)]
LOG = GrowingLog().grow(LEAVES)
FORK = GrowingLog().grow(LEAVES[:FORKED_AT] + [b"evil"] * (SIZES - FORKED_AT))
STRANGER = GrowingLog(seed=bytes([7]) * 32).grow(LEAVES)
UNKNOWN = GrowingLog("elsewhere.example.org/log").grow(LEAVES)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return witness_at(tmp_path)


def witness_at(folder: Path, logs: Mapping[str, VerifierKey] | None = None) -> Witness:
    followed = {ORIGIN: LOG.verifier} if logs is None else logs
    return Witness(NAME, bytes([1]) * 32, SeenHeads(folder), followed, lambda: NOW)


def assert_cosigned(witness: Witness, log: GrowingLog, size: int, answer: Answer) -> None:
    assert (answer.status, answer.content_type) == (200, TEXT), answer
    assert cosigned_at(Note.parse(f"{log.note(size)}{answer.body.decode()}"), witness.verifier) == NOW.timestamp()


def test_a_log_is_cosigned_as_it_grows(witness: Witness) -> None:
    for old, new in [(0, 1), (1, 4), (4, 4), (4, 12)]:
        assert_cosigned(witness, LOG, new, witness.add_checkpoint(LOG.submission(old, new)))


def test_an_empty_log_is_cosigned(witness: Witness) -> None:
    for size in (0, 0, 3):
        assert_cosigned(witness, LOG, size, witness.add_checkpoint(LOG.submission(0, size)))


def test_the_same_head_is_cosigned_again(witness: Witness) -> None:
    witness.add_checkpoint(LOG.submission(0, 7))
    assert_cosigned(witness, LOG, 7, witness.add_checkpoint(LOG.submission(7, 7)))


def test_signatures_of_others_are_ignored(witness: Witness) -> None:
    both = f"{STRANGER.note(3)}{LOG.note(3).signatures[0].line}"
    assert_cosigned(witness, LOG, 3, witness.add_checkpoint(f"old 0\n\n{both}".encode()))


def test_another_old_size_is_told_the_right_one(witness: Witness) -> None:
    assert witness.add_checkpoint(LOG.submission(3, 7)) == Answer(409, SIZE, b"0\n")
    witness.add_checkpoint(LOG.submission(0, 7))
    for old, new in [(0, 9), (6, 9), (0, 7), (8, 9), (2, 5)]:
        assert witness.add_checkpoint(LOG.submission(old, new)) == Answer(409, SIZE, b"7\n")


def test_another_root_of_the_same_size_is_a_conflict_and_its_proof_is_kept(witness: Witness) -> None:
    witness.add_checkpoint(LOG.submission(0, 7))
    answer = witness.add_checkpoint(FORK.submission(7, 7))
    assert (answer.status, answer.content_type, answer.body) == (409, SIZE, b"7\n")
    assert str(FORK.note(7)) in answer.fork


def test_a_log_that_does_not_extend_what_was_cosigned_is_refused(witness: Witness) -> None:
    witness.add_checkpoint(LOG.submission(0, 7))
    assert witness.add_checkpoint(FORK.submission(7, 9)).status == 422
    assert_cosigned(witness, LOG, 9, witness.add_checkpoint(LOG.submission(7, 9)))


def test_a_proof_with_a_node_too_many_is_wrong(witness: Witness) -> None:
    whole = Submission.parse(LOG.submission(0, 7))
    longer = Submission(whole.old_size, (bytes(32),), whole.note, whole.checkpoint)
    assert witness.add_checkpoint(longer.body).status == 422


def test_an_unknown_log_is_not_found(witness: Witness) -> None:
    assert witness.add_checkpoint(UNKNOWN.submission(0, 3)).status == 404


def test_another_key_is_forbidden(witness: Witness) -> None:
    assert witness.add_checkpoint(STRANGER.submission(0, 3)).status == 403


def test_a_signature_over_another_text_is_forbidden(witness: Witness) -> None:
    moved = Note(LOG.note(4).text, LOG.note(3).signatures)
    assert witness.add_checkpoint(f"old 0\n\n{moved}".encode()).status == 403


def test_an_old_size_above_the_checkpoints_is_a_bad_request(witness: Witness) -> None:
    assert witness.add_checkpoint(LOG.submission(4, 3)).status == 400


GOOD = LOG.submission(0, 3).decode()
HASH = "pmnPgdvPnpO6dhEfNJCnnQgNIBf0EKHPxCMrnlRGSYE="


@pytest.mark.parametrize(
    "body",
    [
        "",
        GOOD.removeprefix("old 0\n"),
        GOOD.replace("old 0", "old 00"),
        GOOD.replace("old 0", "old -1"),
        GOOD.replace("old 0", "old  0"),
        GOOD.replace("old 0", "Old 0"),
        GOOD.replace("old 0", "old 9223372036854775808"),
        GOOD.replace("old 0\n", "old 0\n\n"),
        GOOD.replace("old 0\n", "old 0\nAAAA\n"),
        GOOD.replace("old 0\n", "old 0\n!\n"),
        GOOD.replace("old 0\n", f"old 0\n{HASH}\n" + f"{HASH}\n" * 63),
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        GOOD.replace("\n3\n", "\n03\n"),
        GOOD[:60],
        "old 0\n\n" + LOG.note(3).text,
        GOOD + "x" * LONGEST_SUBMISSION,
    ],
)
def test_what_is_malformed_is_a_bad_request(witness: Witness, body: str) -> None:
    assert witness.add_checkpoint(body.encode()).status == 400


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd_to_be_refused(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    witness = witness_at(tmp_path_factory.getbasetemp())
    assert witness.add_checkpoint(body).status == 400
    assert witness.add_checkpoint(b"old 0\n\n" + body).status == 400


def test_nothing_is_cosigned_by_a_damaged_memory(witness: Witness) -> None:
    witness.add_checkpoint(LOG.submission(0, 3))
    (file,) = witness.seen.folder.glob("*.head")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedMemory):
        witness.add_checkpoint(LOG.submission(3, 4))


def test_what_cannot_be_remembered_is_not_cosigned(witness: Witness) -> None:
    witness.add_checkpoint(LOG.submission(0, 3))
    (file,) = witness.seen.folder.glob("*.head")
    file.unlink()
    file.mkdir()
    with pytest.raises(OSError, match="directory"):
        witness.add_checkpoint(LOG.submission(0, 3))


def test_of_two_forks_at_once_one_is_cosigned(tmp_path: Path) -> None:
    bodies = [log.submission(0, size) for size in range(FORKED_AT + 1, SIZES + 1) for log in (LOG, FORK)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(lambda body: witness_at(tmp_path).add_checkpoint(body), bodies))
    assert sorted(answer.status for answer in answers) == [200] + [409] * (len(bodies) - 1)


@dataclass(frozen=True)
class Sent:
    """One request: a size of one log, from an old size (None: the one cosigned last), with the proof of one log."""

    log: str
    proof: str
    old: int | None
    new: int


LOGS = {"log": LOG, "fork": FORK, "stranger": STRANGER}
requests = st.builds(
    Sent,
    st.sampled_from(["log", "log", "fork", "stranger"]),
    st.sampled_from(["log", "log", "fork", "stranger"]),
    st.one_of(st.none(), st.none(), st.integers(0, SIZES)),
    st.integers(0, SIZES),
)


def leaves_of(name: str, size: int) -> list[bytes]:
    kept = LEAVES[:FORKED_AT] + [b"evil"] * (SIZES - FORKED_AT) if name == "fork" else LEAVES
    return kept[:size]


def body_of(sent: Sent, old: int) -> bytes:
    log = LOGS[sent.log]
    borrowed = Submission.parse(LOGS[sent.proof].submission(old, sent.new))
    return Submission(old, borrowed.proof, log.note(sent.new), log.checkpoint(sent.new)).body


def expected(sent: Sent, old: int, cosigned: list[bytes]) -> set[int]:
    """What the specification asks for, told by the leaves themselves instead of hashes."""
    leaves = leaves_of(sent.log, sent.new)
    if sent.log == "stranger":
        return {403}
    if old > sent.new:
        return {400}
    if old != len(cosigned) or (len(cosigned) == len(leaves) and cosigned != leaves):
        return {409}
    if leaves[: len(cosigned)] != cosigned:
        return {422}
    proof_is_its_own = leaves_of(sent.proof, sent.new) == leaves or not 0 < old < sent.new
    return {200} if proof_is_its_own else {200, 422}


@given(sequence=st.lists(requests, max_size=12))
def test_no_sequence_makes_a_witness_cosign_two_logs(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[Sent]
) -> None:
    folder = tmp_path_factory.mktemp("state")
    cosigned: list[bytes] = []
    for sent in sequence:
        old = len(cosigned) if sent.old is None else sent.old
        answer = witness_at(folder).add_checkpoint(body_of(sent, old))  # each time as if started anew
        assert answer.status in expected(sent, old, cosigned), (sent, answer)
        if answer.status == 200:
            leaves = leaves_of(sent.log, sent.new)
            assert leaves[: len(cosigned)] == cosigned
            cosigned = leaves
        elif answer.status == 409:
            assert (answer.content_type, answer.body) == (SIZE, f"{len(cosigned)}\n".encode())
