"""A folder of pages: one process at a time, switched whole, and nothing of anybody else in it."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.laying.folder import GRACE, LaidFolder, NotAFolderOfPages
from letters.web.encodings import etag_of
from tests.letters.laying.setting import Hand, shown

PLACES = ("index", "letters/one", "letters/two")
FILES = st.dictionaries(st.sampled_from(("en.html", "en.html.br", "count/en.html")), st.binary(max_size=9), min_size=1)


def begun(root: Path, now: Hand) -> LaidFolder:
    folder = LaidFolder(root, now)
    assert folder.take()
    return folder


@given(st.lists(st.tuples(st.sampled_from(PLACES), FILES | st.none()), max_size=12))
def test_a_place_shows_what_was_laid_last_and_old_files_go(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, dict[str, bytes] | None]]
) -> None:
    root, now = tmp_path_factory.mktemp("pages"), Hand()
    folder = begun(root, now)
    expected: dict[str, bytes] = {}
    for place, files in steps:
        expected = {path: body for path, body in expected.items() if not path.startswith(f"{place}/")}
        if files is None:
            folder.remove(place)
        else:
            folder.lay(place, files)
            expected |= {f"{place}/{path}": body for path, body in files.items()}
        assert shown(root) == expected
    now.seconds += GRACE
    folder.sweep()
    kept = {path.name for path in (root / "versions").glob("*")}
    assert kept == {(root / place).resolve().name for place in PLACES if (root / place).exists()}
    folder.leave()
    assert [entry.name for entry in root.iterdir()] == ["lock"]


def test_a_request_under_way_still_finds_what_it_was_led_to(tmp_path: Path) -> None:
    now = Hand()
    folder = begun(tmp_path, now)
    folder.lay("index", {"en.html": b"old"})
    led_to = (tmp_path / "index" / "en.html").resolve()
    folder.lay("index", {"en.html": b"new"})
    folder.sweep()
    assert led_to.read_bytes() == b"old"
    now.seconds += GRACE
    folder.sweep()
    assert not led_to.exists()
    folder.leave()


def test_time_and_size_of_a_file_make_its_etag(tmp_path: Path) -> None:
    folder = begun(tmp_path, Hand())
    folder.lay("index", {"en.html": b"page"})
    status = (tmp_path / "index" / "en.html").stat()
    assert etag_of(b"page") == f'"{int(status.st_mtime):x}-{status.st_size:x}"'
    folder.leave()


def test_a_second_process_waits_until_the_first_has_ended(tmp_path: Path) -> None:
    first, second = begun(tmp_path, Hand()), LaidFolder(tmp_path, Hand())
    first.lay("index", {"en.html": b"page"})
    assert not second.take()
    assert shown(tmp_path) == {"index/en.html": b"page"}
    first.leave()
    assert second.take()
    second.leave()


def test_who_begins_finds_nothing_of_a_process_that_was_killed(tmp_path: Path) -> None:
    killed = begun(tmp_path, Hand())
    killed.lay("letters/one", {"en.html": b"stale"})
    assert killed._lock
    killed._lock.close()
    begun(tmp_path, Hand()).leave()
    assert shown(tmp_path) == {}


def test_what_cannot_be_shown_is_not_left_lying_about(tmp_path: Path) -> None:
    folder = begun(tmp_path, Hand())
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one").mkdir()  # a link cannot take the place of a folder
    with pytest.raises(OSError, match="one"):
        folder.lay("letters/one", {"en.html": b"page"})
    assert [path for path in (tmp_path / "versions").rglob("*") if path.is_file()] == []
    (tmp_path / "letters" / "one").rmdir()
    folder.lay("letters/one", {"en.html": b"page"})
    assert shown(tmp_path) == {"letters/one/en.html": b"page"}
    folder.leave()


@pytest.mark.parametrize("foreign", ["index.html", "photos"])
def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, foreign: str) -> None:
    (tmp_path / foreign).mkdir()
    with pytest.raises(NotAFolderOfPages):
        LaidFolder(tmp_path, Hand()).take()
    assert (tmp_path / foreign).exists()


def test_the_processs_mask_closes_nothing(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        folder = begun(tmp_path / "pages", Hand())
        folder.lay("letters/one", {"count/en.html": b"page"})
    finally:
        os.umask(before)
    paths = [path for path in (tmp_path / "pages").rglob("*") if path.name != "lock"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "pages", *paths)} == {0o755, 0o644}
    folder.leave()
