"""A letter of three organisers opens with a whole combined key only, and fails closed with any other."""

import base64

import pytest

from letters.models.letters import LetterState
from letters.organising.loading import LetterFrozen
from tests.letters.organising.letter_files import Desk
from verification.identity.keypairs import PUBLIC_PREFIX
from verification.identity.keyring import KeyMissing
from verification.identity.sealing import BadPublicKey, new_key_pair
from verification.identity.two_of_three import COMBINED_PREFIX, combine

TEAM = [new_key_pair() for _ in range(3)]
COMBINED = combine([pair.public for pair in TEAM])
RAW = base64.b64decode(COMBINED.removeprefix(COMBINED_PREFIX))
PART = len(RAW) // 3


def combined(raw: bytes) -> str:
    return COMBINED_PREFIX + base64.b64encode(raw).decode()


UNUSABLE = {
    "the prefix alone": COMBINED_PREFIX,
    "zero": combined(bytes(len(RAW))),
    "one part zero": combined(RAW[:PART] + bytes(PART) + RAW[2 * PART :]),
    "one part with a zero X25519 half": combined(RAW[:-32] + bytes(32)),
    "one part missing": combined(RAW[PART:]),
    "one part twice": combined(RAW[:PART] + RAW[: 2 * PART]),
    "cut off": COMBINED[:-8],
    "not base64": COMBINED_PREFIX + "!" * 4864,
    "three public keys side by side": " ".join(pair.public for pair in TEAM),
    "called a single one": COMBINED.replace(COMBINED_PREFIX, PUBLIC_PREFIX),
    "of secret keys": COMBINED_PREFIX + "".join(pair.secret.partition(":")[2] for pair in TEAM),
}

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@sqlite_only
@pytest.mark.parametrize("key", UNUSABLE.values(), ids=UNUSABLE)
def test_without_a_usable_combined_key_no_letter_opens(desk: Desk, key: str) -> None:
    desk.load(public_key=f'"{key}"')
    with pytest.raises(BadPublicKey, match="undersigned keys new"):
        desk.open()
    assert desk.letter.stored_state is LetterState.DRAFT
    with pytest.raises(KeyMissing):
        desk.runtime.keyring.dedupe("fair-shifts")


@sqlite_only
def test_a_scheduled_letter_does_not_take_an_unusable_combined_key(desk: Desk) -> None:
    desk.load(public_key=f'"{COMBINED}"', opens="2026-12-01T10:00:00Z")
    assert desk.open() is LetterState.SCHEDULED
    with pytest.raises(BadPublicKey):
        desk.load(public_key=f'"{UNUSABLE["one part zero"]}"', opens="2026-12-01T10:00:00Z")
    assert desk.letter.public_key == COMBINED


def test_a_letter_under_a_combined_key_opens_and_keeps_it(desk: Desk) -> None:
    desk.load(public_key=f'"{COMBINED}"')
    assert desk.open() is LetterState.OPEN
    with pytest.raises(LetterFrozen):
        desk.load(public_key=f'"{TEAM[0].public}"')
    assert desk.letter.public_key == COMBINED
