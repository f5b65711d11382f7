"""What must not stand in any file, and how migrations are named."""

import re

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.house.sources import ROOT, text_files

REGISTRY_HOST = re.compile(r"\b(?:pypi|pythonhosted|npmjs|debian|crates)\.(?:org|com|io|net)\b")
MACHINE_PATH = re.compile(r"(?<![\w.{}$-])/(?:work|root|home|Users|tmp)/\w")
NUMBERED = re.compile(r"\d{4}_[a-z0-9]+(?:_[a-z0-9]+)*\.py")


@pytest.mark.parametrize("forbidden", [REGISTRY_HOST, MACHINE_PATH], ids=["registry host", "path of a machine"])
def test_files_work_on_any_machine(forbidden: re.Pattern[str]) -> None:
    assert {name: found.group() for name, text in text_files().items() if (found := forbidden.search(text))} == {}


def test_requirements_name_no_place() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if not line.lstrip().startswith("#")]
        assert [line for line in lines if "://" in line or line.startswith("-") or "@" in line] == []


def test_migrations_are_numbered_and_in_one_row() -> None:
    names = sorted(path.name for path in (ROOT / "migrations/versions").glob("*.py"))
    assert [name for name in names if not NUMBERED.fullmatch(name)] == []
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    history = [revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(reversed(history)) == [name[:4] for name in names]
