"""News for signers who asked for them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base


class UpdateState(StrEnum):
    """Where an update is: being written, being queued for its subscribers, stopped meanwhile, or queued for all."""

    DRAFT = "draft"
    SENDING = "sending"
    STOPPED = "stopped"
    SENT = "sent"


class UpdateRow(Base):
    """One update: by language a `subject` and a `body`. `cursor` is the last subscription that was queued.

    Of each letter one sends at a time. `version` grows with every save: who saves over an older one is told.
    """

    __tablename__ = "updates"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'sending', 'stopped', 'sent')", name="state"),
        CheckConstraint("queued >= 0 AND bounced >= 0 AND version > 0", name="counts"),
        Index(
            "uq_updates_one_sends",
            "letter_id",
            unique=True,
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)
    cursor: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    queued: Mapped[int] = mapped_column(Integer, default=0)
    bounced: Mapped[int] = mapped_column(Integer, default=0)
    sent_on: Mapped[date | None] = mapped_column(Date)
