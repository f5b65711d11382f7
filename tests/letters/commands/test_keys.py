"""`undersigned keys …`, on the organiser's own computer: it needs no installation."""

from pathlib import Path

import pytest

from letters.commands.keys import KeyAltered, NoKeyFile, read_key_file
from tests.letters.commands.conftest import Shell
from verification.identity.sealing import BadSecretKey, members_of, public_key_of
from verification.identity.two_of_three import COMBINED_PREFIX


@pytest.fixture
def key(computer: Shell, tmp_path: Path) -> Path:
    """A new key file."""
    computer("keys", "new", tmp_path / "letter.key")
    return tmp_path / "letter.key"


@pytest.fixture
def lines(computer: Shell, tmp_path: Path) -> list[str]:
    """What three organisers were told to send."""
    return [computer("keys", "new", tmp_path / name).stdout for name in ("anna.key", "vera.key", "ivan.key")]


def secret_half(key: Path) -> str:
    return key.read_text().splitlines()[-1]


def public_half(key: Path) -> str:
    return public_key_of(secret_half(key))


def test_the_printed_line_fits_the_key_file(computer: Shell, tmp_path: Path) -> None:
    printed = computer("keys", "new", tmp_path / "letter.key").stdout
    assert printed == f'public_key = "{public_half(tmp_path / "letter.key")}"\n'
    assert read_key_file(tmp_path / "letter.key") == secret_half(tmp_path / "letter.key")


def test_the_secret_key_is_never_printed(computer: Shell, tmp_path: Path) -> None:
    result = computer("keys", "new", tmp_path / "letter.key")
    assert secret_half(tmp_path / "letter.key") not in result.output


def test_only_the_owner_can_read_a_key_file(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600


def test_two_keys_are_two(computer: Shell, key: Path, tmp_path: Path) -> None:
    computer("keys", "new", tmp_path / "other.key")
    assert secret_half(key) != secret_half(tmp_path / "other.key")


def test_a_key_is_never_overwritten(computer: Shell, key: Path) -> None:
    before = key.read_bytes()
    assert "never overwritten" in computer.refused("keys", "new", key)
    assert key.read_bytes() == before
    assert [path.name for path in key.parent.iterdir()] == [key.name]


def test_a_key_needs_a_folder(computer: Shell, tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in computer.refused("keys", "new", tmp_path / "nowhere" / "letter.key")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o777])
def test_a_key_file_that_others_can_read_is_refused_with_the_way_out(key: Path, bits: int) -> None:
    key.chmod(bits)
    with pytest.raises(NoKeyFile, match=f"chmod 600 {key}.*USB stick.*home folder"):
        read_key_file(key)


@pytest.mark.parametrize(
    "content", [b"", b"# only a comment\n", b"undersigned-secret-1:AAAA\n", b"\xff\xfe\x00", b"\n\n"], ids=repr
)
def test_a_file_without_a_secret_key_is_refused(key: Path, content: bytes) -> None:
    key.write_bytes(content)
    with pytest.raises(BadSecretKey, match="undersigned keys new"):
        read_key_file(key)


def test_a_key_copied_with_other_line_ends_works(key: Path) -> None:
    secret = secret_half(key)
    key.write_bytes(b"\r\n" + key.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert read_key_file(key) == secret


def test_a_key_file_of_an_earlier_version_without_a_fingerprint_works(key: Path) -> None:
    secret = secret_half(key)
    key.write_text(f"# A comment.\n{secret}\n")
    assert read_key_file(key) == secret


@pytest.mark.parametrize("place", [*range(41), *range(88, 127)])
def test_a_key_altered_by_a_bit_is_told_from_a_key_of_another_letter(key: Path, place: int) -> None:
    """Bytes 32 to 63 are left out: they matter for ciphertexts that are refused anyway (FIPS 203, section 7.3)."""
    content, secret = bytearray(key.read_bytes()), secret_half(key)
    content[content.index(secret.encode()) + len("undersigned-secret-1:") + place] ^= 8
    key.write_bytes(content)
    with pytest.raises((KeyAltered, BadSecretKey), match=r"was altered|is damaged"):
        read_key_file(key)


def test_an_altered_fingerprint_is_an_altered_file(key: Path, computer: Shell, tmp_path: Path) -> None:
    computer("keys", "new", tmp_path / "other.key")
    key.write_text(key.read_text().replace(secret_half(key), secret_half(tmp_path / "other.key")))
    with pytest.raises(KeyAltered, match="Use another copy"):
        read_key_file(key)


def test_three_organisers_keys_become_one_line_for_the_letter(
    computer: Shell, lines: list[str], tmp_path: Path
) -> None:
    printed = computer("keys", "combine", *lines).stdout
    assert printed.startswith(f'public_key = "{COMBINED_PREFIX}')
    combined = printed.removeprefix('public_key = "').removesuffix('"\n')
    assert set(members_of(combined)) == {public_half(tmp_path / f"{name}.key") for name in ("anna", "vera", "ivan")}


def test_keys_are_combined_from_lines_texts_or_files_alike(computer: Shell, lines: list[str], tmp_path: Path) -> None:
    first, second, third = lines
    (tmp_path / "second.txt").write_text(f"Good evening!\n\n{second}\nAnna\n")
    text = third.split('"')[1]
    expected = computer("keys", "combine", *lines).stdout
    assert computer("keys", "combine", text, tmp_path / "second.txt", first).stdout == expected
    (tmp_path / "all.txt").write_text("".join(lines))
    assert computer("keys", "combine", tmp_path / "all.txt").stdout == expected


def test_each_owner_can_recognise_their_key_by_its_fingerprint(computer: Shell, tmp_path: Path) -> None:
    made = [computer("keys", "new", tmp_path / f"{number}.key") for number in range(3)]
    told = [
        line.removeprefix("Fingerprint: ")
        for result in made
        for line in result.stderr.splitlines()
        if line.startswith("Fingerprint: ")
    ]
    shown = computer("keys", "combine", *(result.stdout for result in made)).stderr
    assert len(told) == 3
    assert all(fingerprint in shown for fingerprint in told)


def test_a_secret_key_file_given_to_combine_is_refused_loudly(
    computer: Shell, lines: list[str], tmp_path: Path
) -> None:
    secret = secret_half(tmp_path / "ivan.key")
    for given in (tmp_path / "ivan.key", secret):
        told = computer.refused("keys", "combine", *lines[:2], given)
        assert told.startswith("STOP: number 3 is a SECRET key")
        assert secret[30:60] not in told


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_of_three_needs_three_keys(computer: Shell, lines: list[str], count: int) -> None:
    assert f"here are {count}" in computer.refused("keys", "combine", *lines[:count])


def test_the_same_organiser_twice_is_refused(computer: Shell, lines: list[str]) -> None:
    assert "twice" in computer.refused("keys", "combine", *lines[:2], lines[0])


def test_combining_what_is_combined_is_refused(computer: Shell, lines: list[str]) -> None:
    combined = computer("keys", "combine", *lines).stdout
    assert "combined key already" in computer.refused("keys", "combine", *lines[:2], combined)


def test_a_cut_key_is_named_by_its_number(computer: Shell, lines: list[str]) -> None:
    assert "Number 2 is no usable" in computer.refused("keys", "combine", lines[0], lines[1][:900], lines[2])


def test_what_is_neither_a_key_nor_a_file_with_one_is_refused(
    computer: Shell, lines: list[str], tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("Good evening!")
    for given in ("nowhere.txt", tmp_path / "note.txt", tmp_path, "x" * 5000, ""):
        assert "is neither a public key nor a file with one" in computer.refused("keys", "combine", *lines[:2], given)
