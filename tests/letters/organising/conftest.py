"""A letter of an organiser's own, written as files."""

from pathlib import Path

import pytest

from letters.runtime import Runtime
from tests.letters.organising.letter_files import Desk
from verification.identity.sealing import KeyPair, new_key_pair


@pytest.fixture(scope="session")
def pair() -> KeyPair:
    """The key of the letter."""
    return new_key_pair()


@pytest.fixture
def desk(runtime: Runtime, tmp_path: Path, pair: KeyPair) -> Desk:
    """Where the letter is written and loaded."""
    return Desk(runtime, tmp_path / "letter", pair)
