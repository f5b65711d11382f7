"""Private files: for their owner alone, whole or not at all, and never over another by accident."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from verification.private_files import others_can_read, private_file


@pytest.fixture(params=["with hard links", "without hard links"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder; also as it is on a USB stick, where the system refuses hard links as Linux does on FAT."""

    def refuse(*names: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "without hard links":
        monkeypatch.setattr(os, "link", refuse)
    return tmp_path


@pytest.fixture(autouse=True)
def open_hands() -> Iterator[None]:
    """A umask that would let everybody read."""
    before = os.umask(0)
    yield
    os.umask(before)


def write(path: Path, content: bytes, *, replace: bool = False) -> None:
    with private_file(path, replace=replace) as file:
        file.write(content)


def test_a_private_file_is_whole_and_its_owners(folder: Path) -> None:
    write(folder / "table", b"names")
    assert (folder / "table").read_bytes() == b"names"
    assert stat.S_IMODE((folder / "table").stat().st_mode) == 0o600
    assert not others_can_read(folder / "table")
    assert [path.name for path in folder.iterdir()] == ["table"]


def test_another_file_is_never_replaced_unasked(folder: Path) -> None:
    (folder / "table").write_bytes(b"before")
    with pytest.raises(FileExistsError):
        write(folder / "table", b"names")
    assert (folder / "table").read_bytes() == b"before"


def test_a_file_that_comes_meanwhile_is_not_replaced_either(folder: Path) -> None:
    writing = private_file(folder / "table")
    writing.__enter__().write(b"names")
    (folder / "table").write_bytes(b"meanwhile")
    with pytest.raises(FileExistsError):
        writing.__exit__(None, None, None)
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("table", b"meanwhile")]


def test_replacing_writes_a_new_file_and_not_through_one_that_others_read(folder: Path) -> None:
    (folder / "table").write_bytes(b"before")
    with (folder / "table").open("rb") as watched:
        write(folder / "table", b"names", replace=True)
        assert watched.read() == b"before"
    assert stat.S_IMODE((folder / "table").stat().st_mode) == 0o600


@pytest.mark.parametrize("replace", [False, True])
def test_what_breaks_off_leaves_nothing_behind(folder: Path, *, replace: bool) -> None:
    with suppress(ZeroDivisionError), private_file(folder / "table", replace=replace) as file:
        file.write(b"names")
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []


def test_until_it_is_whole_its_name_says_that_it_is_not(folder: Path) -> None:
    with private_file(folder / "table") as file:
        file.write(b"names")
        (unfinished,) = folder.iterdir()
        assert (unfinished.name[:6], unfinished.suffix) == ("table.", ".unfinished")
        assert stat.S_IMODE(unfinished.stat().st_mode) == 0o600


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o777])
def test_a_file_that_others_can_reach_is_told_from_a_private_one(tmp_path: Path, bits: int) -> None:
    (tmp_path / "key").touch(mode=bits)
    assert others_can_read(tmp_path / "key")
