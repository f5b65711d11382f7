"""For a visitor who waits: written together or not at all, within a few seconds, and never twice."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import TypeVar

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from letters.models.signatures import Display, SignatureRow
from letters.organising.releasing import release_letter
from letters.runtime import Busy, Runtime, Unsure
from letters.signing.form import Filled
from letters.signing.pending import NewSignature, keep, keep_paid, prepare
from tests.faults.processes import await_that
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.signing.asking import everything
from verification.access.proof import Payment
from verification.access.spent import AlreadySpent
from verification.database import SOON
from verification.identity.addresses import parse_address

T = TypeVar("T")

postgresql_only = pytest.mark.parametrize("database", ["postgresql"])
PAYMENT = Payment(b"p" * 32, date(2026, 12, 1))


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime)


def new(crowd: Crowd, number: int, *, updates: bool = False) -> NewSignature:
    """The form of one person, ready to be written."""
    address = parse_address(f"signer{number}@example.org")
    filled = Filled(f"Signer Example {number}", address, "nurse", "BY-MI", "", Display.COUNTED, updates)
    runtime = crowd.runtime
    return prepare(crowd.letter, filled, "en", runtime.keyring, runtime.clock(), runtime.chance.token)


def broken(crowd: Crowd, number: int) -> NewSignature:
    """One that no table takes."""
    signature = new(crowd, number)
    return replace(signature, row={**signature.row, "display": "nonsense"})


def stored(runtime: Runtime) -> set[bytes]:
    with runtime.reading() as session:
        return set(session.scalars(select(SignatureRow.id)))


def at_once(runtime: Runtime, items: Sequence[NewSignature]) -> list[bool]:
    """Write them from as many threads; returns which were taken."""

    def write(item: NewSignature) -> bool:
        try:
            runtime.settle_together(keep, item)
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(write, items))


def waiting_for_locks(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))


def test_any_mix_of_good_and_failing_forms_is_stored_as_if_each_had_come_alone(
    crowd: Crowd, repetitions: Callable[[int, int], int]
) -> None:
    expected: set[bytes] = set()
    for turn in range(repetitions(4, 30)):
        good = [random.random() < 0.75 for _ in range(6)]
        items = [
            new(crowd, 10 * turn + place, updates=place % 2 == 0) if fine else broken(crowd, 10 * turn + place)
            for place, fine in enumerate(good)
        ]
        assert at_once(crowd.runtime, items) == good
        expected |= {bytes(item.row["id"]) for item, fine in zip(items, good, strict=True) if fine}  # type: ignore[call-overload]
        kept = everything(crowd.runtime)
        assert stored(crowd.runtime) == expected
        assert len(kept["outbox"]) == len(expected)


def test_a_run_that_finds_itself_committed_writes_nothing_again(crowd: Crowd) -> None:
    """As after a connection that was lost once the commit was on its way."""
    signatures = [new(crowd, number, updates=True) for number in range(3)]
    assert crowd.runtime.settle(lambda session: keep(session, signatures))
    before = everything(crowd.runtime)
    assert not crowd.runtime.settle(lambda session: keep(session, signatures))
    assert everything(crowd.runtime) == before


def test_a_payment_is_spent_once_but_not_by_its_own_second_run(crowd: Crowd) -> None:
    paid, other = new(crowd, 1), new(crowd, 2)
    for _ in range(2):
        crowd.runtime.settle_soon(lambda session: keep_paid(session, paid, PAYMENT))
    with pytest.raises(AlreadySpent):
        crowd.runtime.settle_soon(lambda session: keep_paid(session, other, PAYMENT))
    assert stored(crowd.runtime) == {paid.row["id"]}


def read(runtime: Runtime, _signature: NewSignature) -> None:
    with runtime.reading_soon() as session:
        session.execute(select(SignatureRow.id))


WAYS: Mapping[str, Callable[[Runtime, NewSignature], object]] = {
    "together": lambda runtime, signature: runtime.settle_together(keep, signature),
    "alone": lambda runtime, signature: runtime.settle_soon(lambda session: keep(session, [signature])),
    "reading": read,
}


@postgresql_only
@pytest.mark.parametrize("how", WAYS)
def test_a_database_that_does_not_answer_is_given_up_soon_and_nothing_is_stored(crowd: Crowd, how: str) -> None:
    runtime, signature = crowd.runtime, new(crowd, 1)
    with Session(runtime.engine) as session:
        session.execute(text("LOCK TABLE signatures"))
        begun = time.monotonic()
        with pytest.raises((Busy, OperationalError)) as caught:
            WAYS[how](runtime, signature)
        waited = time.monotonic() - begun
        await_that(lambda: waiting_for_locks(session) == 0, 2, lambda: "the statement was not called off")
    assert type(caught.value) is (OperationalError if how == "reading" else Busy)
    assert SOON["postgresql"] <= waited < SOON["postgresql"] + 1.5
    assert stored(runtime) == set()
    runtime.settle_together(keep, signature)
    assert stored(runtime) == {signature.row["id"]}


@postgresql_only
def test_a_connection_that_is_lost_at_every_commit_leaves_one_unsure(crowd: Crowd) -> None:
    runtime = crowd.runtime
    _cut_at_commit(runtime.engine)
    with pytest.raises(Unsure):
        runtime.settle_together(keep, new(crowd, 1))


@postgresql_only
def test_who_finds_no_connection_after_a_lost_commit_is_unsure_too(crowd: Crowd) -> None:
    """What was told to the first connection may have been kept."""
    runtime, runs = crowd.runtime, list[int]()
    _cut_at_commit(runtime.engine)

    def verb(session: Session) -> None:
        runs.append(1)
        if len(runs) == 2:
            raise PoolTimeout
        keep(session, [new(crowd, 1)])

    with pytest.raises(Unsure):
        runtime.settle_soon(verb)
    assert len(runs) == 2


def _cut_at_commit(engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(
            text(
                "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
            )
        )
        session.execute(
            text(
                "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON signatures DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION cut()"
            )
        )
        session.commit()


@postgresql_only
def test_a_confirmation_does_not_wait_for_an_edition_that_is_being_released(crowd: Crowd) -> None:
    crowd.join_many(range(3))
    late = crowd.sign(3)
    with Session(crowd.runtime.engine) as session, ThreadPoolExecutor(1) as pool:
        session.execute(text("LOCK TABLE editions IN SHARE MODE"))  # so that the release stays in its transaction
        releasing = pool.submit(release_letter, crowd.runtime, crowd.slug, at_once=True)
        await_that(lambda: waiting_for_locks(session) > 0, 10, lambda: "the release waits for nothing")
        confirmed = pool_of_one(lambda: crowd.confirm(late))
        assert confirmed.private is not None
        assert not releasing.done()
        session.rollback()
        assert releasing.result(10).total == 3
    assert crowd.release().total == 4


def pool_of_one(do: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do).result(3)
