"""What the auditor can find, each lie under a code of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What is wrong. Codes never change their meaning, so that scripts can look for them."""

    UNREADABLE_CHECKPOINT = "unreadable-checkpoint"
    NO_LOG = "no-log"
    UNKNOWN_KEY = "unknown-key"
    WRONG_SIGNATURE = "wrong-signature"
    OTHER_KEY = "other-key"
    OTHER_ORIGIN = "other-origin"
    WRONG_COSIGNATURE = "wrong-cosignature"
    NO_QUORUM = "no-quorum"
    LOG_SHRANK = "log-shrank"
    LOG_FORKED = "log-forked"
    LOG_REWRITTEN = "log-rewritten"
    LOG_TOO_LARGE = "log-too-large"
    BAD_BUNDLE = "bad-bundle"
    WRONG_ROOT = "wrong-root"
    BAD_LEAF = "bad-leaf"
    NO_BEGINNING = "no-beginning"
    SECOND_BEGINNING = "second-beginning"
    BAD_BEGINNING = "bad-beginning"
    REPEATED_COMMITMENT = "repeated-commitment"
    REPEATED_NULLIFIER = "repeated-nullifier"
    BAD_TALLY = "bad-tally"
    EDITION_ORDER = "edition-order"
    EDITION_WITHOUT_TALLY = "edition-without-tally"
    TIME_RUNS_BACK = "time-runs-back"
    WRONG_SUM = "wrong-sum"
    WRONG_TOTAL = "wrong-total"
    CELL_TOO_SMALL = "cell-too-small"
    CELL_NOT_ROUNDED = "cell-not-rounded"
    CELL_ALONE = "cell-alone"
    CELLS_TOO_MANY = "cells-too-many"
    CELLS_TOO_LARGE = "cells-too-large"
    WRONG_REST = "wrong-rest"
    UNREADABLE_API = "unreadable-api"
    WRONG_EDITIONS = "wrong-editions"
    PRINTED_FIGURE = "printed-figure"
    PRINTED_CELLS = "printed-cells"
    PRINTED_REASONS = "printed-reasons"
    PRINTED_CHANGES = "printed-changes"
    PRINTED_HEAD = "printed-head"
    PRINTED_RULES = "printed-rules"
    UNREADABLE_PAGE = "unreadable-page"
    TAKEN_DOWN = "taken-down"
    PAGE_TOTAL = "page-total"
    PAGE_EDITION = "page-edition"
    PAGE_TEXT = "page-text"
    API_TEXT = "api-text"
    IMPOSTOR = "impostor"
    NO_ADDRESSES = "no-addresses"
    UNREADABLE_ADDRESSES = "unreadable-addresses"
    WRONG_ADDRESSES = "wrong-addresses"
    OLD_ADDRESSES = "old-addresses"
    FORKED_ADDRESSES = "forked-addresses"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its code, and one sentence with where, what was expected and what was found."""

    code: Code
    sentence: str


def in_short(value: object, longest: int = 80) -> str:
    """Something that a stranger wrote, as ASCII in quotes and not long."""
    text = ascii(value)
    return text if len(text) <= longest else f"{text[:longest]}…"
