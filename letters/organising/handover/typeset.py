"""Typesets one paper in a process of its own: JSON from standard input, a PDF to standard output.

`paper.render` starts this file by its path, without the environment: typesetting takes seconds of a whole core and
memory that a longer-lived process would not give back, and here it holds no key and no database.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst


def typeset(template: Path, paper: str) -> bytes:
    """The PDF, tagged; it conforms to PDF/UA-1 (ISO 14289-1) where the built-in fonts hold every letter of it.

    A letter that none of them has is shown as a box, which PDF/UA-1 forbids. Better a box than no paper.
    """
    try:
        return _compile(template, paper, ["ua-1"])
    except typst.TypstError:
        return _compile(template, paper, [])


def _compile(template: Path, paper: str, standards: list[typst.PDFStandard]) -> bytes:
    return typst.compile(
        str(template),
        root=str(template.parent),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"paper": paper},
        pdf_standards=standards,
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(typeset(Path(sys.argv[1]), sys.stdin.buffer.read().decode()))
