"""Every part of a run has its place in a document, and every place a part."""

import re

from benchmarks.__main__ import DOCS, ELSEWHERE, PARTS


def test_every_part_has_its_place() -> None:
    found = {
        (name, part)
        for name in ("benchmarks.md", "scaling.md")
        for part in re.findall(r"<!-- measured ([a-z]+): begin -->\n", (DOCS / name).read_text())
    }
    assert found == {(ELSEWHERE.get(part, "benchmarks.md"), part) for part in PARTS}
