"""Key files: made once, read by their owner alone, refused when anything about them is odd, gone when destroyed."""

import os
from pathlib import Path

import pytest

from verification.identity.keyring import SERVER_KEYS, KeyMissing, Keyring, KeyUnusable, write_private

DAMAGE = {
    "empty": b"",
    "half written": b"0123456789abcdef",
    "without its line break": b"0" * 64,
    "too long": b"0" * 64 + b"\n\n",
    "in capitals": b"AB" * 32 + b"\n",
    "not hexadecimal": b"zz" * 32 + b"\n",
    "raw bytes": bytes(range(128, 193)),
    "overwritten": b"-" * 64 + b"\n",
}


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys", os.urandom)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_key_reads_the_same_each_time(keyring: Keyring) -> None:
    keyring.create_server_keys()
    keys = [keyring.server(name) for name in SERVER_KEYS]
    assert {len(key) for key in keys} == {32}
    assert len(set(keys)) == len(SERVER_KEYS)
    assert keys == [Keyring(keyring.folder, os.urandom).server(name) for name in SERVER_KEYS]


def test_making_keys_again_keeps_those_that_are_there(keyring: Keyring) -> None:
    keyring.create_server_keys()
    keyring.create_dedupe("letter")
    before = keyring.server("tokens"), keyring.dedupe("letter")
    keyring.create_server_keys()
    keyring.create_dedupe("letter")
    assert (keyring.server("tokens"), keyring.dedupe("letter")) == before


def test_a_key_that_another_process_makes_at_the_same_moment_is_kept(tmp_path: Path) -> None:
    other = Keyring(tmp_path, os.urandom)

    def slow_random(length: int) -> bytes:
        other.create_dedupe("letter")
        return os.urandom(length)

    slow = Keyring(tmp_path, slow_random)
    slow.create_dedupe("letter")
    assert slow.dedupe("letter") == other.dedupe("letter")


def test_keys_and_their_folders_are_for_their_owner_alone(keyring: Keyring) -> None:
    keyring.create_server_keys()
    keyring.create_dedupe("letter")
    assert {mode(path) for path in keyring.folder.rglob("*.key")} == {0o600}
    assert mode(keyring.folder) == 0o700
    assert mode(keyring.folder / "dedupe") == 0o700


def test_nothing_but_whole_keys_lies_in_the_folder(keyring: Keyring) -> None:
    keyring.create_server_keys()
    assert {path.name for path in keyring.folder.iterdir()} == {f"{name}.key" for name in SERVER_KEYS}


def test_a_missing_key_is_named_with_the_way_out(keyring: Keyring) -> None:
    with pytest.raises(KeyMissing, match=r"tokens\.key .* Put it back"):
        keyring.server("tokens")


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_key_is_refused(keyring: Keyring, content: bytes) -> None:
    keyring.create_dedupe("letter")
    keyring.dedupe("letter")
    path = keyring.folder / "dedupe" / "letter.key"
    path.write_bytes(content)
    with pytest.raises(KeyUnusable, match="damaged"):
        keyring.dedupe("letter")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o777])
def test_a_key_that_others_can_reach_is_refused(keyring: Keyring, bits: int) -> None:
    keyring.create_server_keys()
    path = keyring.folder / "tokens.key"
    path.chmod(bits)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        keyring.server("tokens")


def test_a_destroyed_key_is_gone_for_every_keyring_and_leaves_no_file(keyring: Keyring) -> None:
    other = Keyring(keyring.folder, os.urandom)
    keyring.create_dedupe("letter")
    keyring.create_dedupe("another")
    other.dedupe("letter")
    keyring.destroy_dedupe("letter")
    with pytest.raises(KeyMissing):
        other.dedupe("letter")
    assert [path.name for path in (keyring.folder / "dedupe").iterdir()] == ["another.key"]


def test_destroying_overwrites_what_a_second_name_of_the_file_still_shows(keyring: Keyring) -> None:
    keyring.create_dedupe("letter")
    key = keyring.dedupe("letter")
    path = keyring.folder / "dedupe" / "letter.key"
    kept = keyring.folder / "dedupe" / "kept.key"
    kept.hardlink_to(path)
    keyring.destroy_dedupe("letter")
    assert key.hex().encode() not in kept.read_bytes()
    with pytest.raises(KeyUnusable):
        keyring.dedupe("kept")


def test_destroying_what_is_gone_already_is_no_failure(keyring: Keyring) -> None:
    keyring.destroy_dedupe("never-there")


def test_a_private_file_never_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "first")
    with pytest.raises(FileExistsError):
        write_private(path, "second")
    assert path.read_text() == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
