"""A letter's log: its tiles, its heads as they are signed, and who cosigned them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from verification.database import Base, Moment


class LogRow(Base):
    """The log of one letter: its `origin`, and the key that signs it as a C2SP verifier key."""

    __tablename__ = "logs"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(Text, unique=True)
    verifier: Mapped[str] = mapped_column(Text)


class LogHeadRow(Base):
    """The log as it stood at its beginning or after one edition.

    `note` is the signed checkpoint, None for the moment between an edition's transaction and its signature.
    """

    __tablename__ = "log_heads"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("length(root) = 32", name="root_length"),
        Index(
            "ix_log_heads_unsigned",
            "letter_id",
            sqlite_where=text("note IS NULL"),
            postgresql_where=text("note IS NULL"),
        ),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("logs.letter_id"), primary_key=True)
    size: Mapped[int] = mapped_column(Integer, primary_key=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str | None] = mapped_column(Text)


class LogTileRow(Base):
    """One tile, as wide as the log is: it grows in place until it is full. Level -1 holds the entries themselves."""

    __tablename__ = "log_tiles"
    __table_args__ = (CheckConstraint("level >= -1 AND number >= 0", name="place"),)

    letter_id: Mapped[int] = mapped_column(ForeignKey("logs.letter_id"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class CosignatureRow(Base):
    """What a witness signed about one head: its line of a note with the newline, and the moment that it names."""

    __tablename__ = "cosignatures"
    __table_args__ = (ForeignKeyConstraint(["letter_id", "size"], ["log_heads.letter_id", "log_heads.size"]),)

    letter_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    size: Mapped[int] = mapped_column(Integer, primary_key=True)
    witness: Mapped[str] = mapped_column(String(255), primary_key=True)
    cosigned_at: Mapped[datetime] = mapped_column(Moment)
    line: Mapped[str] = mapped_column(Text)
