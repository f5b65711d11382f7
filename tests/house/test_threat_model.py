"""Every point of the threat model names tests that try to break it, and they exist."""

import re

from tests.house.sources import ROOT

DOCUMENT = ROOT / "docs" / "threat-model.md"
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def points() -> list[str]:
    """Each point of the document, with the lines that belong to it."""
    return re.findall(r"^\* .*?(?=^\* |^#|^$|\Z)", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def test_each_point_names_a_test() -> None:
    assert len(points()) > 20
    assert [point for point in points() if not TEST.search(point)] == []


def test_each_named_test_exists() -> None:
    named = TEST.findall(DOCUMENT.read_text())
    missing = [
        (file, test)
        for file, test in named
        if not (path := ROOT / "tests" / file).exists() or f"def {test}(" not in path.read_text()
    ]
    assert missing == []
