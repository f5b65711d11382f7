"""The auditor as a newsroom has it: one file, and Python with nothing but `cryptography`."""

import importlib.metadata
import json
import subprocess
import time
import urllib.request
import venv
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.make_audit import TARGET, bundle
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.server import free_port, running_web
from tests.verification.ledger.auditing.letter_site import serving_letter

NEEDED = ("cryptography", "cffi", "pycparser")
"""What `pip install cryptography` brings."""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that sees the package and what it needs, and nothing else of this one."""
    folder = tmp_path_factory.mktemp("newsroom")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in NEEDED:
        package = importlib.metadata.distribution(name)
        tops = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
        for top in tops:
            (packages / top).symlink_to(Path(str(package.locate_file(top))).resolve())
    return folder / "bin" / "python"


def run_auditor(python: Path, folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of the file far from everything else."""
    copy = folder / "audit.py"
    copy.write_bytes(TARGET.read_bytes())
    command = [python, "-I", "-W", "error", copy, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_the_file_is_made_of_the_modules_as_they_are() -> None:
    assert TARGET.read_text() == bundle(), "run `make auditor`"


def test_the_environment_has_nothing_else(python: Path) -> None:
    for package in ("sqlalchemy", "flask", "letters", "verification"):
        tried = subprocess.run([python, "-I", "-c", f"import {package}"], capture_output=True, check=False)
        assert tried.returncode == 1


def test_it_audits_a_letter_and_remembers_it(python: Path, tmp_path: Path) -> None:
    with serving_letter() as site:
        site.release(300, withdrawn=2)
        first = run_auditor(python, tmp_path, site.url, "--state", tmp_path / "letter.state")
        assert (first.returncode, first.stderr) == (0, "")
        assert "NOTHING WRONG was found." in first.stdout
        assert "trusted because it is the first one seen" in first.stdout
        site.entries[7] = b"S" + bytes(32)
        second = run_auditor(python, tmp_path, site.url, "--state", tmp_path / "letter.state")
        assert second.returncode == 1
        assert "log-forked: " in second.stdout


def test_it_checks_a_receipt_offline(python: Path, tmp_path: Path) -> None:
    with serving_letter() as site:
        site.release(20)
        (tmp_path / "mine.tlog-proof").write_text(site.receipt(4).encode())
        key = site.key
    checked = run_auditor(python, tmp_path, "--receipt", tmp_path / "mine.tlog-proof", "--key", key)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("The receipt holds: leaf 5 of 22 ")


def test_it_says_what_it_needs_to_know(python: Path, tmp_path: Path) -> None:
    nothing = run_auditor(python, tmp_path)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.startswith("Error: Nothing to audit")


def test_a_site_that_is_not_there(python: Path, tmp_path: Path) -> None:
    silent = run_auditor(python, tmp_path, f"http://127.0.0.1:{free_port()}/letters/name")
    assert silent.returncode == 1
    (line,) = silent.stdout.splitlines()
    assert "cannot be reached" in line


@pytest.fixture
def released(runtime: Runtime) -> Crowd:
    """A letter that hides small cells, after three editions with all that can be in one."""
    crowd = open_crowd(runtime, threshold=3, every=timedelta(minutes=1))
    first = crowd.join_many(range(12))
    crowd.join_many(range(20, 24), profession="doctor", region="BY-BR", display="named")
    crowd.release()
    crowd.withdraw(first[0])
    crowd.void(first[1])
    crowd.join_many(range(30, 34))
    crowd.release()
    crowd.join_many(range(50, 52))
    crowd.release()
    crowd.tend()
    return crowd


@pytest.mark.parametrize("database", ["sqlite"])
def test_it_audits_a_real_installation(
    python: Path, released: Crowd, environment: dict[str, str], tmp_path: Path
) -> None:
    with running_web(environment, tmp_path) as (url, _process):
        letter = f"{url}/letters/{released.slug}"
        found = run_auditor(python, tmp_path, letter, "--state", tmp_path / "letter.state")
        assert (found.returncode, found.stderr) == (0, ""), found.stdout
        assert f"3 editions, total {released.letter.total}." in found.stdout
        released.join_many(range(60, 62))
        released.release()
        await_edition(f"{url}/api/v1/letters/{released.slug}/count", 4)
        again = run_auditor(python, tmp_path, f"{letter}/count", "--state", tmp_path / "letter.state")
        assert again.returncode == 0, again.stdout
        assert "4 editions, total 22." in again.stdout


def await_edition(url: str, number: int) -> None:
    """Return once the site shows the edition: its shelf looks for news about once a second."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with urllib.request.urlopen(url, timeout=5) as answer:
            if json.load(answer)["edition"] == number:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} never showed edition {number}")
