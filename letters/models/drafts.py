"""Letters being written: the folder's files as they stand, finished or not."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class DraftRow(Base):
    """A letter that a team writes. `version` grows with every save: who saves over an older one is told.

    `content` is `toml` (as letter.toml), `texts` and `privacy` (by language). `preview` is the handle of the secret
    link under embargo, and `letter_id` the letter that it became.
    """

    __tablename__ = "drafts"
    __table_args__ = (CheckConstraint("version > 0", name="version"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[bytes] = mapped_column(LargeBinary(16))
    changed_on: Mapped[date] = mapped_column(Date)
    preview: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"), unique=True)
