"""Filters: written down and read again, and what fits them."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from letters.models.signatures import Display, SignatureRow, SignatureState, Standing, Suspicion
from letters.organising.defending.filters import Filter, conditions
from letters.organising.defending.looking import count_fitting
from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd


def maybe(codes: type[StrEnum]) -> st.SearchStrategy[StrEnum | None]:
    return st.none() | st.sampled_from(list(codes))


FILTERS = st.builds(
    Filter,
    state=maybe(SignatureState),
    held_for=maybe(Suspicion),
    profession=st.none() | st.sampled_from(["nurse", "doctor"]),
    region=st.none() | st.sampled_from(["BY-MI", "abroad"]),
    standing=maybe(Standing),
    display=maybe(Display),
    released=st.none() | st.booleans(),
)


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """One pending, one held, one waiting, one released signature, and one of somebody who withdrew."""
    crowd = open_crowd(runtime)
    crowd.join(1, profession="doctor", display="named")
    gone = crowd.join(2, region="abroad")
    crowd.release()
    crowd.withdraw(gone)
    crowd.join(3, display="pseudonym", region="BY-BR")
    crowd.hold(crowd.join(4))
    crowd.sign(5)
    return crowd


def fitting(crowd: Crowd, **asked: object) -> int:
    with crowd.runtime.reading() as session:
        return count_fitting(session, crowd.letter.id, Filter(**asked))  # type: ignore[arg-type]


@given(FILTERS)
def test_a_filter_is_read_as_it_was_written_down(chosen: Filter) -> None:
    rule = chosen.as_rule()
    assert Filter.of_rule(rule) == chosen
    assert all(type(value) in (str, bool) or isinstance(value, StrEnum) for value in rule.values())


def test_each_part_of_a_filter_narrows_it(crowd: Crowd) -> None:
    assert fitting(crowd) == 4
    assert fitting(crowd, released=True) == 2
    assert fitting(crowd, released=False) == 2
    assert fitting(crowd, state=SignatureState.CONFIRMED) == 2
    assert fitting(crowd, state=SignatureState.CONFIRMED, released=False) == 1
    assert fitting(crowd, held_for=Suspicion.BURST) == 1
    assert fitting(crowd, held_for=Suspicion.DOMAIN) == 0
    assert fitting(crowd, profession="doctor") == 1
    assert fitting(crowd, region="BY-BR", display=Display.PSEUDONYM) == 1
    assert fitting(crowd, standing=Standing.VOUCHED) == 0
    assert fitting(crowd, state=SignatureState.WITHDRAWN) == 1


def test_a_pending_signature_fits_only_where_it_is_asked_for(crowd: Crowd) -> None:
    assert fitting(crowd, state=SignatureState.PENDING) == 1
    assert fitting(crowd, display=Display.COUNTED) == 2


def test_a_filter_stays_within_its_letter(crowd: Crowd, runtime: Runtime) -> None:
    other = open_crowd(runtime, demo="safe-staffing")
    assert (fitting(other), fitting(crowd)) == (0, 4)


@pytest.mark.parametrize("database", ["sqlite"])
def test_what_is_held_is_found_by_its_index(crowd: Crowd) -> None:
    which = conditions(crowd.letter.id, Filter(state=SignatureState.HELD))
    asked = select(SignatureRow.id).where(*which)
    query = asked.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with crowd.runtime.reading() as session:
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    assert any("ix_signatures_aside" in step.detail for step in plan)
