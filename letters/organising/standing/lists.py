"""A letter's list of institutions: compared with what is listed, replaced as a whole, shortened by one."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from letters.models.standing import InstitutionRow
from letters.organising.standing.errors import ListChanged
from letters.organising.tables.institutions import Institution
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from verification.database import table_of


@dataclass(frozen=True)
class Difference:
    """What replacing the list would do; `known` stands for the list as it is now."""

    listed: int
    new: int
    changed: int
    gone: int
    known: str


def compare(session: Session, letter_id: int, wanted: Sequence[Institution]) -> Difference:
    """The difference between a letter's list and the wanted one, by domain."""
    listed = _listed(session, letter_id)
    after = {one.domain: one for one in wanted}
    return Difference(
        listed=len(after),
        new=len(after.keys() - listed.keys()),
        changed=sum(after[domain] != listed[domain] for domain in after.keys() & listed.keys()),
        gone=len(listed.keys() - after.keys()),
        known=_fingerprint(listed.values()),
    )


def replace_list(session: Session, doing: Doing, slug: str, wanted: Sequence[Institution], known: str) -> None:
    """Put the wanted list in the place of the `known` one. Raises `ListChanged`."""
    letter = lock_letter(session, slug)
    listed = list(_listed(session, letter.id).values())
    if _fingerprint(listed) != known:
        raise ListChanged("Somebody has changed the list meanwhile. Look at the difference again.")
    if set(listed) == set(wanted):
        return
    session.execute(delete(InstitutionRow).where(InstitutionRow.letter_id == letter.id))
    rows = [{"letter_id": letter.id, **vars(one), "region": one.region or None} for one in wanted]
    if rows:
        session.execute(insert(table_of(InstitutionRow)), rows)
    letter.revision += 1
    record(session, doing, Act.INSTITUTIONS_CHANGED, count=len(rows))


def remove_institution(session: Session, doing: Doing, slug: str, domain: str) -> None:
    """Take one institution off the list, if it is there."""
    letter = lock_letter(session, slug)
    row = session.get(InstitutionRow, (letter.id, domain))
    if row is None:
        return
    session.delete(row)
    session.flush()
    left = session.scalar(select(func.count()).where(InstitutionRow.letter_id == letter.id)) or 0
    letter.revision += 1
    record(session, doing, Act.INSTITUTIONS_CHANGED, count=left)


def as_csv(institutions: Sequence[Institution]) -> str:
    """A list as a table that `read_institutions` reads back."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(("domain", "name", "region"))
    lines.writerows((one.domain, one.name, one.region) for one in institutions)
    return text.getvalue()


def _listed(session: Session, letter_id: int) -> dict[str, Institution]:
    rows = session.scalars(select(InstitutionRow).where(InstitutionRow.letter_id == letter_id))
    return {row.domain: Institution(row.domain, row.name, row.region or "") for row in rows}


def _fingerprint(institutions: Iterable[Institution]) -> str:
    ordered = sorted(institutions, key=lambda one: one.domain)
    return hashlib.sha256(as_csv(ordered).encode()).hexdigest()
