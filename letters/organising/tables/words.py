"""A refused table in the reader's language."""

from __future__ import annotations

from flask_babel import gettext

from letters.organising.tables.errors import SENTENCES, BadTable


def words(error: BadTable) -> str:
    """The sentence of the refusal, translated."""
    return gettext(SENTENCES[error.code], **error.values)
