"""What is on its way to an organiser: written down when it begins, as it goes on and when it ends, for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from letters.models.downloads import DownloadRow
from letters.organising.teams.trail import Act, Doing, record

STILL_AFTER = timedelta(minutes=5)
"""How long no row may move before a download counts as broken off: its process was ended, say."""


class Form(StrEnum):
    """What a download is: a table with names, or the export whose identities are still sealed."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    SEALED = "sealed"


class Content(StrEnum):
    """What was handed over, as the trail says it."""

    NAMES = "names"
    SEALED = "sealed"
    PROOFS = "proofs"


class Course(StrEnum):
    """How a download goes."""

    RUNNING = "running"
    FINISHED = "finished"
    BROKEN_OFF = "broken-off"


@dataclass(frozen=True)
class Download:
    """One download as its organiser sees it; `done` and `damaged` of `total` signatures have been taken up."""

    form: Form
    total: int
    done: int
    damaged: int
    course: Course


@dataclass
class Tally:
    """How many signatures were written so far, and how many could not be."""

    done: int = 0
    damaged: int = 0


def begin(session: Session, doing: Doing, id: bytes, form: Form, total: int) -> None:
    """Write down that an organiser takes so many signatures, here and in the trail."""
    assert doing.letter_id is not None, "what is handed over is a letter's"
    assert doing.account_id is not None, "somebody takes it"
    session.add(
        DownloadRow(
            id=id,
            letter_id=doing.letter_id,
            account_id=doing.account_id,
            form=form.value,
            total=total,
            moved_at=doing.now,
            expires_on=doing.now.date(),
        )
    )
    record(session, doing, Act.EXPORTED, count=total, reason=_content(form))


def move_on(session: Session, id: bytes, tally: Tally, now: datetime) -> None:
    """Write down how far it has come."""
    row = session.get(DownloadRow, id)
    if row is not None:
        row.done, row.damaged, row.moved_at = tally.done, tally.damaged, now


def end(session: Session, id: bytes, tally: Tally, *, finished: bool) -> None:
    """Write down that it has ended, whole or broken off."""
    row = session.get(DownloadRow, id)
    if row is not None:
        row.done, row.damaged, row.moved_at, row.finished = tally.done, tally.damaged, None, finished


def list_downloads(session: Session, letter_id: int, account_id: bytes, now: datetime) -> Sequence[Download]:
    """What one organiser has taken of a letter today (UTC), what is running first."""
    mine = DownloadRow.letter_id == letter_id, DownloadRow.account_id == account_id
    rows = session.scalars(select(DownloadRow).where(*mine, DownloadRow.expires_on >= now.date()))
    listed = [Download(Form(row.form), row.total, row.done, row.damaged, _course(row, now)) for row in rows]
    return sorted(listed, key=lambda one: (one.course is not Course.RUNNING, one.form, one.total, one.done))


def sweep_downloads(session: Session, now: datetime) -> None:
    """Forget what was taken on earlier days."""
    session.execute(delete(DownloadRow).where(DownloadRow.expires_on < now.date()))


def _course(row: DownloadRow, now: datetime) -> Course:
    if row.finished:
        return Course.FINISHED
    moves = row.moved_at is not None and now - row.moved_at < STILL_AFTER
    return Course.RUNNING if moves else Course.BROKEN_OFF


def _content(form: Form) -> Content:
    return Content.SEALED if form is Form.SEALED else Content.NAMES
