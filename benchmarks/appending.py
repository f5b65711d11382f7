"""What appending an edition's leaves costs on top of a large log and of an empty one, in turns, on PostgreSQL.

Each append is a transaction of its own; beside it stands what hashing the leaves alone takes. The root that was made is
checked against the leaves.
"""

import secrets
from dataclasses import replace
from statistics import median
from time import perf_counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.installation import SLUG, installation
from letters.models.letters import LetterRow
from letters.models.log import LogHeadRow
from letters.organising.loading import load, open_letter
from letters.organising.log_signing import ensure_log
from letters.publishing.editions import lock_letter
from letters.publishing.log import append_entries, tile_reader
from letters.runtime import Runtime
from tests.parts.campaign import demo_draft
from verification.ledger.hashing import leaf_hash, root_of
from verification.ledger.leaves import Signature
from verification.ledger.trees import entries_between

THERE, NEW, AT_ONCE, ROUNDS, GOAL = 1_000_000, 10_000, 50_000, 7, 1.2


def measure() -> None:
    """Print the medians and their ratio."""
    with installation() as place:
        runtime = place.runtime
        large = _begin(runtime, SLUG)
        for _ in range(THERE // AT_ONCE):
            _append(runtime, large, AT_ONCE)
        turns = [
            (_append(runtime, large, NEW), _append(runtime, _begin(runtime, f"empty-{n}"), NEW)) for n in range(ROUNDS)
        ]
        hashing = _check(runtime, large)
    on_large, on_empty = (median(turn[side] for turn in turns) * 1000 for side in (0, 1))
    print("| work | on 1,000,000 leaves ms | on an empty log ms | ratio | goal | hashing alone ms |")
    print("|---|---|---|---|---|---|")
    ratio = f"{on_large / on_empty:.2f} | {GOAL}"
    print(f"| append {NEW:,} leaves | {on_large:.0f} | {on_empty:.0f} | {ratio} | {hashing * 1000:.0f} |")


def _begin(runtime: Runtime, slug: str) -> int:
    """A letter of that name with the beginning of a log."""
    draft, _pair = demo_draft(SLUG)

    def verb(session: Session) -> int:
        if slug != SLUG:
            open_letter(load(session, replace(draft, slug=slug), (), runtime.clock()), runtime.keyring, runtime.clock())
        letter = lock_letter(session, slug)
        ensure_log(session, runtime, letter)
        return letter.id

    return runtime.settle(verb)


def _append(runtime: Runtime, letter_id: int, count: int) -> float:
    """Append so many leaves; the seconds from the first statement to the end of the commit."""
    entries = [Signature(secrets.token_bytes(32)).encode() for _ in range(count)]
    started = perf_counter()
    runtime.settle(lambda session: append_entries(session, letter_id, entries))
    return perf_counter() - started


def _check(runtime: Runtime, letter_id: int) -> float:
    """The seconds that hashing the newest leaves takes; the log's root has to be that of all its leaves."""
    with runtime.reading() as session:
        slug = session.get_one(LetterRow, letter_id).slug
        heads = select(LogHeadRow).where(LogHeadRow.letter_id == letter_id).order_by(LogHeadRow.size.desc())
        head = session.scalars(heads.limit(1)).one()
        entries = entries_between(0, head.size, tile_reader(session, letter_id))
    assert head.size == 1 + THERE + ROUNDS * NEW, slug
    assert root_of([leaf_hash(entry) for entry in entries]) == head.root, slug
    started = perf_counter()
    root_of([leaf_hash(entry) for entry in entries[-NEW:]])
    return perf_counter() - started


if __name__ == "__main__":
    measure()
