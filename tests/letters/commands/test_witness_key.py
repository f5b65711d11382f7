"""The key file of a witness: for its owner alone, and the same key comes out that went in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from letters.commands.witness_key import NoWitnessKey, read_witness_key, write_witness_key
from verification.ledger.cosignatures import cosigner
from verification.ledger.notes import BadVerifierKey

NAME = "newsroom.example.org/witness"
SEED = bytes(range(32))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "witness.key"


def test_a_key_comes_back(file: Path) -> None:
    verifier = write_witness_key(file, NAME, SEED)
    assert read_witness_key(file) == (NAME, SEED)
    assert verifier == cosigner(NAME, SEED)
    assert str(verifier) in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_key_is_never_overwritten(file: Path) -> None:
    write_witness_key(file, NAME, SEED)
    with pytest.raises(NoWitnessKey, match="never overwritten"):
        write_witness_key(file, NAME, bytes(32))
    assert read_witness_key(file) == (NAME, SEED)


def test_a_name_that_no_key_can_have_is_refused(file: Path) -> None:
    with pytest.raises(BadVerifierKey):
        write_witness_key(file, "two words", SEED)
    assert not file.exists()


def test_a_missing_folder_is_named(file: Path) -> None:
    with pytest.raises(NoWitnessKey, match="There is no folder"):
        write_witness_key(file.parent / "missing" / "key", NAME, SEED)


def test_a_key_that_others_can_read_is_refused(file: Path) -> None:
    write_witness_key(file, NAME, SEED)
    file.chmod(0o644)
    with pytest.raises(NoWitnessKey, match="chmod 600"):
        read_witness_key(file)


@pytest.mark.parametrize(
    "changed",
    [
        str.lower,
        lambda text: text.replace("PRIVATE+KEY+", ""),
        lambda text: text.replace(f"KEY+{NAME}", "KEY+somebody.else"),
        lambda text: text[:-8] + "\n",
        lambda text: text + text,
        lambda text: text.replace("+BA", "+AQ"),  # the key of a log
    ],
)
def test_what_is_not_the_key_of_a_witness_is_refused(file: Path, changed: Callable[[str], str]) -> None:
    write_witness_key(file, NAME, SEED)
    file.write_text(changed(file.read_text()))
    with pytest.raises(NoWitnessKey, match="holds no key of a witness"):
        read_witness_key(file)
