"""What a line of text in the form may hold. Pure; raises `BadLine` with the sentence for the signer."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

from verification.errors import Refusal

NAME = 100
"""Characters of a name."""
WORKPLACE = 120
"""Characters of a workplace."""

# A site's name has two letters before its dot, so that initials pass ("J.De Vries"); the shortest are named here.
_LINK = re.compile(
    r"://|\bwww\.|\b(?:t\.me|x\.com)\b|\w\.\w{2,}/"
    r"|\b[\w-]{2,}\.(?:com|org|net|info|by|ru|ua|pl|de|eu|io|me|xyz|top|su|рф|бел)\b",
    re.IGNORECASE,
)
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
# Letters, marks and symbols that print nothing (Unicode: Default_Ignorable_Code_Point), and the empty Braille pattern.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


class BadLine(Refusal):
    """A line of text is not accepted; the message says why in the reader's language."""


def clean_line(text: str, longest: int) -> str:
    """One line with its spaces tidied (NFC).

    Refuses control, zero-width and direction-changing characters, broken encodings, and more than `longest`
    characters.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    line = re.sub(r" {2,}", " ", line.replace("\t", " ").replace("\N{NO-BREAK SPACE}", " "))
    if _BLANK.search(line) or any(_is_hidden(letter) for letter in line):
        raise BadLine(_("This holds characters that cannot be seen. Please type it again by hand."))
    if len(line) > longest:
        raise BadLine(_("Please use at most %(number)s characters.", number=longest))
    return line


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _HIDDEN or letter == "\N{REPLACEMENT CHARACTER}"


def clean_name(text: str) -> str:
    """A person's name: any alphabet, one word or many, but no address of a site."""
    line = clean_line(text, NAME)
    if not line:
        raise BadLine(_("Please write your name."))
    if not any(letter.isalpha() for letter in line):
        raise BadLine(_("Please write your name in letters."))
    if _LINK.search(line):
        raise BadLine(_("Please write only your name, without a web address."))
    return line
