"""Reading a PDF as its readers' programs do (poppler)."""

import subprocess
from collections.abc import Mapping


def text_of(pdf: bytes) -> str:
    """Everything that the pages say, in reading order, with single spaces."""
    return " ".join(poppler("pdftotext", pdf, "-", "-").split())


def facts_of(pdf: bytes) -> Mapping[str, str]:
    """Title, dates, pages, and so on."""
    lines = [line.partition(":") for line in poppler("pdfinfo", pdf, "-isodates", "-").splitlines()]
    return {name: value.strip() for name, _, value in lines}


def metadata_of(pdf: bytes) -> str:
    """The XMP metadata."""
    return poppler("pdfinfo", pdf, "-meta", "-")


def structure_of(pdf: bytes) -> str:
    """The tags, as a tree."""
    return poppler("pdfinfo", pdf, "-struct", "-")


def widest_of(pdf: bytes) -> tuple[float, float]:
    """How far left and how far right any word reaches, in points."""
    words = _words(pdf)
    return min(float(word[1]) for word in words), max(float(word[5]) for word in words)


def starts_of(pdf: bytes) -> Mapping[str, float]:
    """How far from the left edge each word begins, in points."""
    return {word[8].removeprefix(">").partition("<")[0]: float(word[1]) for word in _words(pdf)}


def _words(pdf: bytes) -> list[list[str]]:
    return [line.split('"') for line in poppler("pdftotext", pdf, "-bbox", "-", "-").splitlines() if "<word" in line]


def poppler(program: str, pdf: bytes, *arguments: str) -> str:
    """What one of its programs prints. Bookmarks come in UTF-16 amid UTF-8."""
    done = subprocess.run([program, *arguments], input=pdf, capture_output=True, check=True)
    return done.stdout.decode(errors="replace")
