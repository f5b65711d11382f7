"""For what the forms of this area are refused before any verb is called."""

from __future__ import annotations

from verification.errors import Refusal


class UnknownFilter(Refusal):
    """A filter asks for something that this letter does not have. It is never read as a wider one."""


class SearchesElsewhere(Refusal):
    """Others are searching among names in this process."""


class NothingTicked(Refusal):
    """An act on ticked signatures, and none is ticked."""


class NoReason(Refusal):
    """A voiding without a reason."""
