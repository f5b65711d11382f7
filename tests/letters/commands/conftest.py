"""Commands as a host types them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from letters.cli import main
from letters.runtime import Runtime
from tests.letters.organising.letter_files import write_letter
from verification.identity.sealing import KeyPair, new_key_pair


@dataclass(frozen=True)
class Shell:
    """Runs `undersigned …` in this process, on the installation of `environment`."""

    environment: Mapping[str, str]

    def __call__(self, *arguments: str | Path, status: int = 0, **settings: str) -> Result:
        """Run a command, and check its exit status; keywords replace settings."""
        changed = {f"UNDERSIGNED_{name.upper()}": value for name, value in settings.items()}
        runner = CliRunner(env={**self.environment, **changed})
        result = runner.invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result

    def refused(self, *arguments: str | Path, **settings: str) -> str:
        """Run a command that refuses, and return its sentence: one line, and nothing else."""
        result = self(*arguments, status=1, **settings)
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith("Error: ")
        return line.removeprefix("Error: ")


@pytest.fixture
def undersigned(runtime: Runtime, environment: dict[str, str]) -> Shell:
    """An installation that is set up, with server keys and without letters."""
    return Shell(environment)


@pytest.fixture
def computer() -> Shell:
    """A computer without an installation; a setting that cannot be used shows that none is asked for."""
    return Shell({"UNDERSIGNED_BASE_URL": "no address"})


@pytest.fixture(scope="session")
def pair() -> KeyPair:
    """The key of the letter."""
    return new_key_pair()


@pytest.fixture
def folder(tmp_path: Path, pair: KeyPair) -> Path:
    """A letter's folder, ready to be opened."""
    return write_letter(tmp_path / "letter", public_key=f'"{pair.public}"')
