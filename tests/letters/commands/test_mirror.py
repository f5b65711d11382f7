"""`undersigned mirror` and `undersigned letter mirrors`: what they say, and how they end."""

from pathlib import Path

import pytest

from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.publishing.crowd import Crowd, open_crowd

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

MIRROR = "https://mirror.example/letters"


@pytest.fixture
def new(runtime: Runtime) -> Crowd:
    """A letter that no worker has looked at so far."""
    crowd = open_crowd(runtime)
    crowd.join()
    crowd.release()
    return crowd


@pytest.fixture
def crowd(new: Crowd) -> Crowd:
    """A letter with a signed list of addresses."""
    new.tend()
    return new


def test_a_mirror_is_written_and_brought_up_to_date(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    said = undersigned("mirror", folder, "--letter", crowd.slug, languages="en").stdout
    assert f"{crowd.slug}: edition 1\n{folder}: " in said
    assert "a copy of https://undersigned.example" in said
    undersigned("mirror", folder, languages="en")
    assert (folder / "en" / "letters" / crowd.slug / "index.html").exists()


def test_a_mirror_says_what_was_taken_down(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    named, whole = ("mirror", tmp_path / "named", "--letter", crowd.slug), ("mirror", tmp_path / "whole")
    for command in (named, whole):
        undersigned(*command, languages="en")
    undersigned("letter", "takedown", crowd.slug, "--reason", "Why.")
    for command in (named, whole, named):
        said = undersigned(*command, languages="en").stdout
        assert said.startswith(f"{crowd.slug}: taken down, and no longer in the copy\n")
    for folder in (tmp_path / "named", tmp_path / "whole"):
        assert not list(folder.rglob(f"*{crowd.slug}*"))


def test_what_the_host_has_put_there_stays_or_is_named(undersigned: Shell, crowd: Crowd, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    undersigned("mirror", folder, languages="en")
    (folder / "CNAME").write_text("mirror.example")
    undersigned("mirror", folder, languages="en")
    assert (folder / "CNAME").read_text() == "mirror.example"
    (folder / "ru").mkdir()
    said = undersigned.refused("mirror", folder, languages="en,ru")
    assert said == f"{folder} holds 'ru' in the mirror's way: move that elsewhere."


def test_what_cannot_be_is_refused_in_a_line(undersigned: Shell, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert "holds other files" in undersigned.refused("mirror", tmp_path)
    assert "Readers see no letter 'none' here" in undersigned.refused("mirror", tmp_path / "new", "--letter", "none")
    undersigned("mirror", status=2)


def test_mirrors_are_named_signed_and_shown(undersigned: Shell, new: Crowd) -> None:
    assert undersigned("letter", "mirrors", new.slug).stdout == f"{new.slug}: no list is signed so far.\n"
    said = undersigned("letter", "mirrors", new.slug, f"{MIRROR}/").stdout
    assert f"\nlist 1\n2026-12-01\nhttps://undersigned.example/letters/{new.slug}\n{MIRROR}\n\n— " in said.replace(
        said.split("\n")[2], "2026-12-01"
    )
    assert undersigned("letter", "mirrors", new.slug).stdout == said
    assert MIRROR not in undersigned("letter", "mirrors", new.slug, "--none").stdout


def test_what_is_no_address_is_refused(undersigned: Shell, crowd: Crowd) -> None:
    assert "cannot be an official address" in undersigned.refused("letter", "mirrors", crowd.slug, "mirror.example")
    undersigned("letter", "mirrors", crowd.slug, MIRROR, "--none", status=2)
