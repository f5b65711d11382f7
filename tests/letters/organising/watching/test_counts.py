"""What is counted from the last edition and the news is what a full count of the rows gives, whatever has happened."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from letters.models.batches import BatchRow
from letters.models.finding import find_letter
from letters.models.letters import LetterState
from letters.models.signatures import Display, SignatureRow, Suspicion
from letters.models.values import EditionRule, FigurePolicy
from letters.organising.loading import load, open_letter
from letters.organising.moderation import Selection, accept, void
from letters.organising.watching.counts import Counts, count_now
from letters.publishing.editions import NotDue, count_moving
from letters.publishing.voiding import BEFORE
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from tests.parts.campaign import demo_draft
from verification.errors import Refusal

VERBS = (
    "sign",
    "confirm",
    "join",
    "hold",
    "accept",
    "void held",
    "void",
    "throw out",
    "undo",
    "withdraw",
    "change",
    "release",
)
NUMBERS = count(1)


class Town:
    """Some people of one letter, each of whom can be chosen by a number."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.pending: list[Signer] = []
        self.joined: list[Signer] = []

    def do(self, verb: str, choice: int) -> None:
        """Do what the verb says with whoever is chosen, if they can do it as they stand."""
        if verb == "sign":
            self.pending.append(self.crowd.sign(next(NUMBERS)))
        elif verb == "confirm" and self.pending:
            self.joined.append(self.crowd.confirm(self.pending.pop(choice % len(self.pending))))
        elif verb == "join":
            self.joined += self.crowd.join_many(range(next(NUMBERS), next(NUMBERS) + 1))
        elif verb == "release":
            self._try(self.crowd.release)
        elif verb in ("accept", "void held"):
            self._decide(verb)
        elif self.joined:
            self._move(verb, self.joined[choice % len(self.joined)])

    def _move(self, verb: str, signer: Signer) -> None:
        row = self.crowd.row(signer)
        if verb == "withdraw":
            self._try(lambda: self.crowd.withdraw(signer))
            self.joined.remove(signer)
        elif row.state == "confirmed" and verb == "hold" and row.edition is None:
            self.crowd.hold(signer)
        elif row.state == "confirmed" and verb == "void":
            self.crowd.void(signer)
        elif row.state in ("confirmed", "held") and verb == "throw out":
            self._throw_out(row)
        elif row.batch is not None and verb == "undo":
            self.crowd.tamper(update(SignatureRow).where(SignatureRow.id == row.id).values(**BEFORE))
        elif row.state == "confirmed" and verb == "change":
            self.crowd.change(signer, profession="midwife")

    def _throw_out(self, row: SignatureRow) -> None:
        """As a batch of one, that is done or will go on."""
        number = next(NUMBERS)
        about = {"letter_id": row.letter_id, "reason": "burst", "rule": {}, "count": 1, "account_id": b"0" * 16}
        state = "done" if number % 2 else "running"
        self.crowd.tamper(
            insert(BatchRow).values(number=number, state=state, done=1, **about),
            update(SignatureRow).where(SignatureRow.id == row.id).values(state="voided", batch=number),
        )

    def _decide(self, verb: str) -> None:
        selection, today = Selection(self.crowd.slug), self.crowd.runtime.clock().date()
        decide: Callable[[Session], int] = (
            (lambda session: accept(session, selection, today))
            if verb == "accept"
            else (lambda session: void(session, selection, "A burst", today))
        )
        self._try(lambda: self.crowd.runtime.settle(decide))

    def _try(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except (NotDue, Refusal, ValueError):
            return


def one_more_letter(runtime: Runtime) -> Crowd:
    """A letter beside those of earlier examples, which must not be counted with it."""
    draft, _pair = demo_draft(
        rule=EditionRule(timedelta(minutes=1), 1), policy=FigurePolicy.usual(1, 1), displays=tuple(Display)
    )
    draft = replace(draft, slug=f"letter-{next(NUMBERS)}")
    runtime.settle(
        lambda session: open_letter(load(session, draft, (), runtime.clock()), runtime.keyring, runtime.clock())
    )
    return Crowd(runtime, draft.slug)


def counted(crowd: Crowd) -> Counts:
    with crowd.runtime.reading() as session:
        return count_now(session, find_letter(session, crowd.slug))


def count_all(crowd: Crowd) -> Counts:
    """The same from every row, one by one."""
    with crowd.runtime.reading() as session:
        rows = session.scalars(select(SignatureRow).where(SignatureRow.letter_id == crowd.letter.id)).all()
        running = session.scalars(select(BatchRow.number).where(BatchRow.state == "running")).all()
    states = Counter((row.state, row.edition is not None, row.removed_in is not None) for row in rows)
    standing = [row for row in rows if row.state == "confirmed" and row.edition is not None]
    return Counts(
        pending=states["pending", False, False],
        released=len(standing),
        waiting=states["confirmed", False, False],
        changed=sum(row.news for row in standing),
        held=Counter(Suspicion(row.held_for) for row in rows if row.state == "held"),
        withdrawn=states["withdrawn", True, False] + states["withdrawn", True, True],
        withdrawn_waiting=states["withdrawn", True, False],
        voided=states["voided", True, False] + states["voided", True, True],
        voided_waiting=states["voided", True, False],
        voided_in_hand=sum(row.batch in running and row.edition is not None for row in rows),
        voided_unreleased=states["voided", False, False],
    )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 99)), min_size=10, max_size=25))
def test_the_quick_count_is_the_full_count(runtime: Runtime, steps: list[tuple[str, int]]) -> None:
    town = Town(one_more_letter(runtime))
    for verb, choice in steps:
        town.do(verb, choice)
        counts = counted(town.crowd)
        assert counts == count_all(town.crowd)
        with runtime.reading() as session:
            assert counts.moving == count_moving(session, town.crowd.letter.id)


def test_closing_and_releasing_leave_nothing_waiting(runtime: Runtime) -> None:
    town = Town(open_crowd(runtime))
    for verb in ("join", "join", "join", "release", "withdraw", "join", "join"):
        town.do(verb, 0)
    town.crowd.enter(LetterState.CLOSED)
    town.crowd.tend()
    counts = counted(town.crowd)
    assert (counts, counts.moving, counts.confirmed) == (count_all(town.crowd), 0, 9)


def test_a_letter_that_nobody_signed_counts_nothing(runtime: Runtime) -> None:
    assert counted(open_crowd(runtime)) == Counts(0, 0, 0, 0, {}, 0, 0, 0, 0, 0, 0)


MANY = """
    INSERT INTO signatures SELECT (jsonb_populate_record(one, jsonb_build_object(
        'id', '\\x' || md5(number::text), 'address_index', '\\x' || md5('address' || number)
    ))).* FROM signatures AS one, generate_series(1, 3000) AS number
"""


def test_every_count_is_found_by_an_index(runtime: Runtime) -> None:
    """None goes through all signatures: each statement has a partial index, on either database."""
    crowd = open_crowd(runtime)
    crowd.join()
    crowd.release()
    asked: list[tuple[str, Any]] = []
    event.listen(runtime.engine, "before_cursor_execute", lambda *a: asked.append((a[2], a[3])))
    letter = crowd.letter
    asked.clear()
    with runtime.reading() as session:
        count_now(session, letter)
    about_rows = [(statement, values) for statement, values in list(asked) if "FROM signatures" in statement]
    explain = "EXPLAIN QUERY PLAN " if runtime.engine.dialect.name == "sqlite" else "EXPLAIN "
    with runtime.engine.connect() as connection:
        if explain == "EXPLAIN ":
            connection.exec_driver_sql(MANY)
            connection.exec_driver_sql("ANALYZE signatures")
        plans = [str(connection.exec_driver_sql(explain + statement, values).all()) for statement, values in about_rows]
    assert len(plans) == 5
    assert all(any(f"ix_signatures_{name}" in plan for name in ("news", "aside", "expiring")) for plan in plans), plans
