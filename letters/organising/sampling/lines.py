"""One line of text as somebody typed it, for everybody to read."""

from __future__ import annotations

import unicodedata


def one_line(typed: str, longest: int) -> str:
    """The words with single spaces between them (NFC); empty where they are too long or hold what cannot be printed."""
    words = unicodedata.normalize("NFC", " ".join(typed.split()))
    return words if words.isprintable() and len(words) <= longest else ""
