"""Why a list of institutions or a report is not taken."""

from __future__ import annotations

from verification.errors import Refusal


class ListChanged(Refusal):
    """The list is not the one that was compared with: somebody else changed it meanwhile."""


class BadNumber(Refusal):
    """A number of signatures is a whole one, of at least 1."""


class NoFile(Refusal):
    """No file was chosen."""


class TooMuchAtOnce(Refusal):
    """The form, with its file or list, is larger than the page takes."""
