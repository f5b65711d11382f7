"""What others have put into a mirror's folder stays there, and nothing else does."""

import json
import os
from collections.abc import Collection
from pathlib import Path

import pytest

from letters.mirroring.folder import replacing
from letters.mirroring.keeping import InTheWay
from tests.letters.mirroring.serving import Maker, audited, file_server
from tests.letters.publishing.crowd import Crowd


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def write(folder: Path, *pages: str, own: Collection[str] | None = None) -> None:
    """Make a mirror of these pages that says that `own` is its own, or else what is."""
    said = {"format": "undersigned mirror 1", "root": "", "of": "https://undersigned.example", "made_on": "2026-12-01"}
    with replacing(folder) as fresh:
        for page in pages:
            fresh.write(page, b"ours")
        all_of_it = [*names(fresh.root), "mirror.json"] if own is None else list(own)
        fresh.write("mirror.json", json.dumps({**said, "letters": [], "own": all_of_it}).encode())


HOSTS = {".git", ".well-known", "CNAME"}


def own_of(folder: Path) -> list[str]:
    own: list[str] = json.loads((folder / "mirror.json").read_bytes())["own"]
    return own


@pytest.fixture
def hosted(tmp_path: Path) -> Path:
    """A mirror among the files of its host."""
    folder = tmp_path / "mirror"
    write(folder, "index.html", "be/index.html", "letters/one/index.html")
    (folder / "CNAME").write_text("mirror.example")
    (folder / ".git" / "hooks").mkdir(parents=True)
    (folder / ".git" / "hooks" / "post-commit").write_text("#!/bin/sh")
    (folder / ".git" / "hooks" / "post-commit").chmod(0o700)
    (folder / ".well-known").symlink_to("../elsewhere")
    (folder / "be" / "notes.txt").write_text("in a folder of the mirror's own")
    return folder


def is_kept(folder: Path) -> bool:
    hook = folder / ".git" / "hooks" / "post-commit"
    whole = (folder / "CNAME").read_text() == "mirror.example" and hook.stat().st_mode & 0o777 == 0o700
    return whole and (folder / ".well-known").readlink() == Path("../elsewhere")


def test_what_a_host_has_put_there_stays_and_no_old_page_does(hosted: Path) -> None:
    for _time in range(2):
        write(hosted, "index.html", "letters/two/index.html")
        assert is_kept(hosted)
        assert names(hosted) == {*HOSTS, "index.html", "letters", "mirror.json"}
        assert names(hosted / "letters") == {"two"}
    assert names(hosted.parent) == {"mirror"}


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_mirror_says_what_is_its_own(crowd: Crowd, maker: Maker, mirror: Path) -> None:
    assert set(own_of(mirror)) == set(own_of(mirror / "ru")) == names(mirror)
    (mirror / "CNAME").write_text("mirror.example")
    maker(mirror, crowd.slug)
    assert names(mirror) == {*own_of(mirror), "CNAME"}
    with file_server(mirror) as url:
        assert audited(url)[0] == 0


def test_what_is_in_the_way_is_named_and_all_stays_as_it_was(hosted: Path) -> None:
    (hosted / "audit.py").write_text("mine")
    with pytest.raises(InTheWay, match=r"'audit\.py'"):
        write(hosted, "index.html", "audit.py")
    assert (hosted / "audit.py").read_text() == "mine"
    assert (hosted / "letters/one/index.html").exists()
    assert is_kept(hosted)
    assert names(hosted.parent) == {"mirror"}


def test_a_mirror_that_does_not_say_what_is_its_own_is_replaced_where_it_holds_nothing_else(hosted: Path) -> None:
    said = json.loads((hosted / "mirror.json").read_bytes())
    del said["own"]
    (hosted / "mirror.json").write_text(json.dumps(said))
    with pytest.raises(InTheWay, match=r"'\.git', '\.well-known', 'CNAME'"):
        write(hosted, "index.html", "be/index.html", "letters/two/index.html")
    assert is_kept(hosted)
    (hosted / "CNAME").unlink()
    (hosted / ".well-known").unlink()
    (hosted / ".git").rename(hosted.parent / "git")
    write(hosted, "index.html", "be/index.html", "letters/two/index.html")
    assert names(hosted / "letters") == {"two"}


def test_what_cannot_be_copied_is_not_deleted(hosted: Path) -> None:
    (hosted / "broken").symlink_to("nowhere")
    write(hosted, "index.html")
    assert (hosted / "broken").is_symlink()
    os.mkfifo(hosted / "pipe")
    with pytest.raises(InTheWay, match="'pipe'"):
        write(hosted, "index.html")
    assert (hosted / "pipe").is_fifo()
    assert is_kept(hosted)


def test_a_run_that_was_killed_while_the_copy_took_its_place_loses_nothing(hosted: Path) -> None:
    hosted.rename(hosted.with_name(".mirror.old"))
    (hosted.with_name(".mirror.unfinished") / "letters").mkdir(parents=True)
    write(hosted, "index.html")
    assert is_kept(hosted)
    assert names(hosted) == {*HOSTS, "index.html", "mirror.json"}
    assert names(hosted.parent) == {"mirror"}


def test_what_a_mirror_says_leads_to_no_other_folder(hosted: Path) -> None:
    (hosted.parent / "thesis.txt").write_text("mine")
    write(hosted, "index.html", own=["..", "../thesis.txt", "index.html", "mirror.json"])
    write(hosted, "index.html")
    assert (hosted.parent / "thesis.txt").read_text() == "mine"
    assert is_kept(hosted)
