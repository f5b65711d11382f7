"""`undersigned pages`, before it begins."""

from pathlib import Path

import pytest

from letters.laying.folder import LaidFolder
from letters.runtime import Runtime
from tests.letters.laying.setting import Hand, shown
from tests.parts.server import run_command

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def test_without_its_setting_it_says_which_one_in_one_line(
    runtime: Runtime, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run_command("pages", environment=environment, folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "UNDERSIGNED_PAGES" in done.stderr


def test_a_folder_with_other_files_is_left_alone(runtime: Runtime, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "photos" / "letters-of-mine").mkdir(parents=True)
    settings = {**environment, "UNDERSIGNED_PAGES": str(tmp_path / "photos")}
    done = run_command("pages", environment=settings, folder=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "holds other files" in done.stderr
    assert [entry.name for entry in (tmp_path / "photos").iterdir()] == ["letters-of-mine"]


@pytest.mark.parametrize("command", [("pages",), ("serve", "--port", "1")])
def test_what_a_killed_one_left_goes_though_nothing_can_be_started(
    runtime: Runtime, environment: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    root = tmp_path / "pages"
    killed = LaidFolder(root, Hand())
    assert killed.take()
    killed.lay("letters/one", {"signatories/en.html": b"a name that was taken away since"})
    assert killed._lock
    killed._lock.close()
    away = {
        "UNDERSIGNED_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        "UNDERSIGNED_PAGES": str(root),
    }
    done = run_command(*command, environment={**environment, **away}, folder=tmp_path)
    assert (done.returncode, shown(root)) == (1, {})
