"""Why a sample is not announced, drawn, opened or reported."""

from __future__ import annotations

from letters.organising.workspace.access import NotFound
from verification.errors import Refusal


class NoSuchSample(NotFound):
    """The letter has no sample of this number."""


class LetterDown(Refusal):
    """The host took the letter down, so nobody could read about a sample."""


class DaysOver(Refusal):
    """The days for changes are over, so nobody could take back that they agreed."""


class NoSignedHead(Refusal):
    """The letter's log has no signed head yet."""


class SampleOpen(Refusal):
    """Another sample of the letter is neither reported nor given up."""


class TooFewAgree(Refusal):
    """So few agreed to be asked that a sample would find many of them out."""


class FewerAgree(Refusal):
    """More are to be drawn than half of those who agreed: whoever opens them would know everybody who did."""


class NotNamed(Refusal):
    """A sample names its journalist and the outlet in public."""


class NoSource(Refusal):
    """A sample says where its beacon will come from."""


class BadWanted(Refusal):
    """The number of those to be drawn is a whole one between 1 and `MOST_DRAWN`."""


class BadBeacon(Refusal):
    """A beacon is one line of text."""


class NotCosigned(Refusal):
    """The named witness has cosigned no later head of the log yet."""


class NotAnnounced(Refusal):
    """The sample was drawn already, or has ended."""


class NotDrawn(Refusal):
    """The sample is not drawn yet, or has ended."""


class Ended(Refusal):
    """The sample was reported or given up already."""


class BadConfirmed(Refusal):
    """The number of those confirmed is a whole one, and no greater than that of those who could be asked."""


class NobodyLeft(Refusal):
    """None of those who were drawn still stands and agrees."""


class FrameStale(Refusal):
    """The log has grown since the frame was made."""
