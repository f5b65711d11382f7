"""Every setting that is read is documented, and every documented one is read."""

import re

from letters.settings import Settings
from tests.house.sources import ROOT, python_files

NAME = re.compile(r"UNDERSIGNED_[A-Z][A-Z_]*[A-Z]")


class Asked(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.names.add(name)
        return default

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return False


def test_settings_and_their_documentation_are_the_same() -> None:
    asked = Asked()
    Settings.read(asked)
    named = {name for _, text, _ in python_files() for name in NAME.findall(text)}
    documented = set(NAME.findall((ROOT / "docs/settings.md").read_text()))
    assert asked.names | named == documented
