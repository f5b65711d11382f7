"""A filter as the query of an address: written and read again; what is unknown is refused."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.models.signatures import Display, SignatureState, Standing, Suspicion
from letters.organising.defending.filter_form import query_of, read_filter
from letters.organising.defending.filters import Filter
from letters.organising.defending.refusals import UnknownFilter
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from letters.vocabularies.spoken import Labels

LABELS = Labels(Professions.load("health"), Regions.load(["BY"]), ("en",))
NAMES = ("state", "held_for", "profession", "region", "standing", "display", "released")

PENDING = Filter(state=SignatureState.PENDING)


def maybe(codes: type[StrEnum]) -> st.SearchStrategy[StrEnum | None]:
    return st.none() | st.sampled_from(list(codes))


FILTERS = st.builds(
    Filter,
    state=maybe(SignatureState),
    held_for=maybe(Suspicion),
    profession=st.none() | st.sampled_from([code for code in LABELS.professions.entries if code in LABELS.professions]),
    region=st.none() | st.sampled_from(LABELS.regions.codes),
    standing=maybe(Standing),
    display=maybe(Display),
    released=st.none() | st.booleans(),
)


@given(FILTERS)
def test_what_an_address_carries_is_the_same_filter(chosen: Filter) -> None:
    read = read_filter(query_of(chosen), LABELS)
    assert read == (PENDING if chosen.state is SignatureState.PENDING else chosen)


@given(FILTERS)
def test_of_pending_ones_nothing_but_their_number_can_be_asked(chosen: Filter) -> None:
    """They have consented to nothing yet: by cells and minutes their number would be a list of visits."""
    assert read_filter({**query_of(chosen), "state": "pending"}, LABELS) == PENDING


@given(st.sampled_from(NAMES), st.text(min_size=1))
def test_a_value_is_one_of_the_list_or_refused(name: str, value: str) -> None:
    try:
        chosen = read_filter({name: value}, LABELS)
    except UnknownFilter:
        return
    assert query_of(chosen) == {name: value}


def test_the_root_of_the_professions_is_no_choice() -> None:
    root = next(code for code in LABELS.professions.entries if code not in LABELS.professions)
    with pytest.raises(UnknownFilter):
        read_filter({"profession": root}, LABELS)


def test_labels_of_what_no_vocabulary_knows_any_more_are_its_code() -> None:
    assert (LABELS.profession("alchemist"), LABELS.region("XX-1"), LABELS.region(None)) == ("alchemist", "XX-1", "")
