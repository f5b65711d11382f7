"""What paid once pays no more, whoever races, until it would have expired anyway."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.parts.clock import Clock
from verification.access.spent import AlreadySpent, SpentProofRow, spend_proof, sweep_spent

ID, OTHER = b"1" * 32, b"2" * 32
TODAY = Clock().now.date()


def test_a_proof_is_spent_once(session: Session) -> None:
    spend_proof(session, ID, TODAY)
    spend_proof(session, OTHER, TODAY)
    with pytest.raises(AlreadySpent):
        spend_proof(session, ID, TODAY)


def test_a_proof_is_kept_as_long_as_it_is_good(session: Session, clock: Clock) -> None:
    spend_proof(session, ID, TODAY)
    sweep_spent(session, clock())
    with pytest.raises(AlreadySpent):
        spend_proof(session, ID, TODAY)
    sweep_spent(session, clock() + timedelta(days=1))
    assert session.scalar(select(func.count()).select_from(SpentProofRow)) == 0


def test_a_proof_is_spent_only_with_what_it_paid_for(engine: Engine) -> None:
    with Session(engine) as session:
        spend_proof(session, ID, TODAY)
        session.rollback()
        spend_proof(session, ID, TODAY)


def test_of_two_that_race_one_pays(engine: Engine) -> None:
    start = Barrier(2)

    def spend(_number: int) -> bool:
        with Session(engine) as session:
            start.wait()
            try:
                spend_proof(session, ID, TODAY)
            except AlreadySpent:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(spend, range(2))) == [False, True]
