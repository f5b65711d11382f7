"""A policy says whose signatures suffice; a file that is not clear is refused, with its line."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.ledger.checkpoints import Checkpoint
from verification.ledger.cosignatures import cosign, cosigner
from verification.ledger.notes import Note, NoteSigner, WrongSignature
from verification.ledger.policies import LONGEST_POLICY, BadPolicy, Policy, PolicyGroup, parse_policy

LOG = NoteSigner("example.org/letters/ward/log", bytes([200] * 32))
OTHER_LOG = NoteSigner("example.org/letters/other/log", bytes([201] * 32))
TEXT = Checkpoint(LOG.name, 4410, bytes(range(32))).text
NOW = 1_679_315_147


@dataclass(frozen=True)
class Witness:
    """A witness of the tests: its name in the policy, and a seed of its own."""

    name: str

    @property
    def seed(self) -> bytes:
        return self.name.encode().ljust(32, b".")

    @property
    def line(self) -> str:
        return f"witness {self.name} {cosigner(f'witness.example/{self.name}', self.seed)}\n"

    def cosign(self, text: str = TEXT) -> Note:
        return Note(text, (cosign(text, f"witness.example/{self.name}", self.seed, NOW),))


NAMES = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
WITNESSES = {name: Witness(name) for name in NAMES}
X1, X2 = WITNESSES["X1"].line, WITNESSES["X2"].line
LOG_LINE = f"log {LOG.verifier}\n"
EXAMPLE = (
    LOG_LINE
    + "".join(witness.line for witness in WITNESSES.values())
    + "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n"
    + "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)
"""The policy that C2SP tlog-policy shows."""


def note_by(*names: str, log: NoteSigner = LOG, text: str = TEXT) -> Note:
    cosignatures = [signature for name in names for signature in WITNESSES[name].cosign(text).signatures]
    return Note(text, (log.sign(text), *cosignatures))


@given(st.sets(st.sampled_from(NAMES)))
def test_the_example_of_the_specification_asks_for_two_of_three_and_any_of_three(names: set[str]) -> None:
    xs, ys = (sum(name.startswith(letter) for name in names) for letter in "XY")
    assert parse_policy(EXAMPLE).satisfied_by(note_by(*names)) == (xs >= 2 and ys >= 1)


def test_one_witness_may_be_the_quorum() -> None:
    policy = parse_policy(f"{LOG_LINE}{X1}quorum X1\n")
    assert policy.satisfied_by(note_by("X1"))
    assert not policy.satisfied_by(note_by("X2"))


def test_no_quorum_asks_for_the_log_alone() -> None:
    policy = parse_policy(f"{LOG_LINE}quorum none\n")
    assert policy.quorum is None
    assert policy.satisfied_by(note_by())


def test_a_policy_without_logs_takes_any_log() -> None:
    assert parse_policy(f"{X1}quorum X1\n").satisfied_by(note_by("X1", log=OTHER_LOG))


def test_any_of_several_logs_will_do_under_its_own_origin() -> None:
    policy = parse_policy(f"{LOG_LINE}log {OTHER_LOG.verifier}\nquorum none\n")
    other = TEXT.replace(LOG.name, OTHER_LOG.name)
    assert policy.satisfied_by(note_by(log=OTHER_LOG, text=other))
    assert not policy.satisfied_by(note_by(log=OTHER_LOG))
    assert not policy.satisfied_by(note_by(text=other))


def test_a_checkpoint_without_a_listed_log_is_not_enough() -> None:
    policy = parse_policy(f"{LOG_LINE}{X1}quorum X1\n")
    assert not policy.satisfied_by(note_by("X1", log=OTHER_LOG))


def test_a_forged_cosignature_is_refused_rather_than_left_out() -> None:
    policy = parse_policy(f"{LOG_LINE}{X1}{X2}group both any X1 X2\nquorum both\n")
    forged = WITNESSES["X1"].cosign(TEXT.replace("4410", "4411")).signatures
    with pytest.raises(WrongSignature, match=r"witness\.example/X1"):
        policy.satisfied_by(Note(TEXT, note_by("X2").signatures + forged))


def test_a_forged_signature_of_the_log_is_refused() -> None:
    forged = NoteSigner(LOG.name, LOG.seed).sign(TEXT.replace("4410", "4411"))
    with pytest.raises(WrongSignature, match=LOG.name):
        parse_policy(f"{LOG_LINE}quorum none\n").satisfied_by(Note(TEXT, (forged,)))


def test_who_cosigned_is_told_with_the_time() -> None:
    assert parse_policy(EXAMPLE).cosigned_by(note_by("X2", "Y1")) == {"X2": NOW, "Y1": NOW}


def test_addresses_comments_tabs_and_empty_lines_are_read() -> None:
    policy = parse_policy(
        f"# who we trust\n\n \t \n\t# indented\n  log\t{LOG.verifier}   https://example.org/letters/ward/log \n"
        f"{X1.strip()} https://witness.example/w1\nquorum X1\t\n"
    )
    assert policy.logs[0].url == "https://example.org/letters/ward/log"
    assert [(witness.name, witness.url) for witness in policy.witnesses] == [("X1", "https://witness.example/w1")]
    assert policy.quorum == policy.witnesses[0]


def test_addresses_may_be_left_out() -> None:
    policy = parse_policy(f"{LOG_LINE}{X1}quorum none\n")
    assert (policy.logs[0].url, policy.witnesses[0].url) == (None, None)


@pytest.mark.parametrize(("written", "needed"), [("any", 1), ("all", 3), ("1", 1), ("2", 2), ("3", 3)])
def test_how_many_of_a_group_are_needed(written: str, needed: int) -> None:
    lines = "".join(WITNESSES[name].line for name in NAMES[:3])
    quorum = parse_policy(f"{lines}group some {written} X1 X2 X3\nquorum some\n").quorum
    assert isinstance(quorum, PolicyGroup)
    assert quorum.needed == needed


def test_names_that_look_alike_are_different() -> None:
    kelvin = X2.replace("X2", "\u212a", 1)
    policy = parse_policy(f"{X1.replace('X1', 'K', 1)}{kelvin}quorum \u212a\n")
    assert policy.satisfied_by(note_by("X2"))
    assert not policy.satisfied_by(note_by("X1"))


def test_bytes_that_are_not_utf_8_are_read_as_they_are() -> None:
    text = b"# \xff\nquorum none\n".decode(errors="surrogateescape")
    assert parse_policy(text) == Policy((), (), None)


BAD_POLICIES = {
    "empty": ("", "does not end in a newline"),
    "no final newline": ("quorum none", "does not end in a newline"),
    "no quorum": (f"{LOG_LINE}", "no quorum"),
    "two quorums": ("quorum none\nquorum none\n", "Line 2.*a quorum already"),
    "a quorum of nobody known": (f"{X1}quorum X2\n", "Line 2.*Nothing is named 'X2'"),
    "a quorum above its witness": (f"quorum X1\n{X1}", "Line 1.*Nothing is named 'X1'"),
    "a quorum of two names": (f"{X1}{X2}quorum X1 X2\n", "Line 3.*one name"),
    "an unknown word": ("trust none\n", "Line 1.*'trust'"),
    "a word in capitals": ("Quorum none\n", "Line 1.*'Quorum'"),
    "a log without a key": ("log\n", "Line 1.*Expected 'log'"),
    "a log with too much": (f"log {LOG.verifier} https://example.org more\n", "Line 1.*Expected 'log'"),
    "a log with a damaged key": (f"log {LOG.verifier}x\n", "Line 1.*cannot be read"),
    "a log with a witness's key": (f"log {X1.split()[2]}\n", "Line 1.*type 0x04: expected 0x01"),
    "the same log twice": (f"{LOG_LINE}{LOG_LINE}", "Line 2.*belongs to another log"),
    "a witness without a name": (f"witness {X1.split()[2]}\n", "Line 1.*Expected 'witness'"),
    "a witness with a log's key": (f"witness X1 {LOG.verifier}\n", "Line 1.*type 0x01: expected 0x04"),
    "a witness named none": (X1.replace("X1", "none", 1), "Line 1.*'none' is taken"),
    "a name twice": (X1 + X2.replace("X2", "X1", 1), "Line 2.*'X1' is taken"),
    "a witness twice": (X1 + X1.replace("X1", "again", 1), "Line 2.*belongs to another witness"),
    "a witness's key under two names": (
        f"{X1}witness X2 {cosigner('witness.example/renamed', WITNESSES['X1'].seed)}\n",
        "Line 2.*belongs to another witness",
    ),
    "a group without members": (f"{X1}group g all\n", "Line 2.*Expected 'group'"),
    "a group named none": (f"{X1}group none all X1\n", "Line 2.*'none' is taken"),
    "a group named as a witness": (f"{X1}group X1 all X1\n", "Line 2.*'X1' is taken"),
    "a group of itself": (f"{X1}group g all g\n", "Line 2.*Nothing is named 'g'"),
    "a group of none": (f"{X1}group g any none\n", "Line 2.*Nothing is named 'none'"),
    "a member twice": (f"{X1}group g any X1 X1\n", "Line 2.*already a member"),
    "a member of two groups": (f"{X1}group g any X1\ngroup h any X1\n", "Line 3.*already a member"),
    "none of a group": (f"{X1}group g 0 X1\n", "Line 2.*needs 0 of 1"),
    "more than all of a group": (f"{X1}group g 2 X1\n", "Line 2.*needs 2 of 1"),
    "a number with a zero in front": (f"{X1}group g 01 X1\n", "Line 2.*leading zeros"),
    "a number of another script": (f"{X1}group g ١ X1\n", "Line 2.*cannot be read"),
    "a word for a number": (f"{X1}group g most X1\n", "Line 2.*cannot be read"),
    "a carriage return": ("quorum none\r\n", "Line 1.*control characters"),
    "a zero byte": ("quorum none\x00\n", "Line 1.*control characters"),
    "a delete": ("quorum none\x7f\n", "Line 1.*control characters"),
    "a wide space": ("quorum\u3000none\n", "Line 1.*begins with"),
    "too long": ("#" * LONGEST_POLICY + "\n", f"at most {LONGEST_POLICY}"),
    "a half surrogate pair in a key's name": (f"log \ud800{LOG.verifier}\n", "Line 1"),
}


@pytest.mark.parametrize("name", BAD_POLICIES)
def test_a_policy_that_is_not_clear_is_refused_with_its_line(name: str) -> None:
    text, said = BAD_POLICIES[name]
    with pytest.raises(BadPolicy, match=said):
        parse_policy(text)


def test_sixty_four_witnesses_and_groups_are_enough() -> None:
    witnesses = [Witness(f"w{number}") for number in range(65)]
    lines = "".join(witness.line for witness in witnesses[:64])
    groups = "".join(f"group g{number} any {f'g{number - 1}' if number else 'w0'}\n" for number in range(64))
    assert parse_policy(f"{lines}{groups}quorum g63\n").satisfied_by(witnesses[0].cosign())
    with pytest.raises(BadPolicy, match=r"Line 65.*more than 64"):
        parse_policy(f"{lines}{witnesses[64].line}quorum none\n")
    with pytest.raises(BadPolicy, match=r"Line 129.*more than 64 groups"):
        parse_policy(f"{lines}{groups}group g64 any g63\nquorum g64\n")
