"""The root of every named outcome in the house.

Each room names its own exceptions below this one; the edge (a page or a command) decides the words and the status.
"""

from __future__ import annotations


class Refusal(Exception):
    """Something asked for is not done; the message is one sentence that says what was wrong and what to do."""
