"""Lists of institutions are compared, replaced as a whole, and shortened; every change is traced by its number."""

import io
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.standing.errors import ListChanged
from letters.organising.standing.lists import Difference, as_csv, compare, remove_institution, replace_list
from letters.organising.tables.institutions import Institution, read_institutions
from letters.organising.teams.trail import Act, Doing, read_trail
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser

CLINIC = Institution("clinic.example.org", "Example Clinic", "BY-MI")
SCHOOL = Institution("school.example.org", "Example School", "")

names = st.text(string.ascii_letters + " \",;'Жё", min_size=1, max_size=40).map(lambda text: " ".join(text.split()))
institutions = st.builds(
    Institution,
    st.from_regex(r"[a-z]{1,20}\.example\.org", fullmatch=True),
    names.filter(bool),
    st.sampled_from(["", "BY-MI", "abroad"]),
)


def doing(organiser: Organiser, ours: Campaign) -> Doing:
    return Doing(organiser.team_id, organiser.account_id, ours.runtime.clock(), ours.letter.id)


def compared(ours: Campaign, *wanted: Institution) -> Difference:
    with ours.runtime.reading() as session:
        return compare(session, ours.letter.id, wanted)


def put(organiser: Organiser, ours: Campaign, *wanted: Institution) -> None:
    known, who = compared(ours).known, doing(organiser, ours)
    ours.runtime.settle(lambda session: replace_list(session, who, ours.slug, wanted, known))


def traced(organiser: Organiser) -> list[int | None]:
    """How many institutions there were after each change, the latest first."""
    with organiser.runtime.reading() as session:
        lines = read_trail(session, organiser.team_id)
    return [line.count for line in lines if line.act is Act.INSTITUTIONS_CHANGED]


@given(st.lists(institutions, unique_by=lambda one: one.domain))
def test_a_list_that_travels_in_a_form_comes_back_the_same(wanted: list[Institution]) -> None:
    assert read_institutions(io.BytesIO(as_csv(wanted).encode()), ["BY-MI", "abroad"]) == wanted


def test_a_list_is_replaced_as_a_whole(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC)
    put(organiser, ours, SCHOOL)
    assert ours.letter.institutions == {"school.example.org"}
    assert traced(organiser) == [1, 1]


def test_the_difference_tells_what_is_new_changed_and_gone(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC, SCHOOL)
    new = Institution("new.example.org", "New Example", "")
    found = compared(ours, replace(CLINIC, name="Another Example"), new)
    assert (found.listed, found.new, found.changed, found.gone) == (2, 1, 1, 1)


def test_whoever_looked_at_an_older_list_is_told_and_changes_nothing(organiser: Organiser, ours: Campaign) -> None:
    known, who = compared(ours).known, doing(organiser, ours)
    put(organiser, ours, CLINIC)
    with pytest.raises(ListChanged):
        ours.runtime.settle(lambda session: replace_list(session, who, ours.slug, [SCHOOL], known))
    assert ours.letter.institutions == {"clinic.example.org"}


def test_the_same_list_again_changes_nothing(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC, SCHOOL)
    revision = ours.letter.revision
    put(organiser, ours, SCHOOL, CLINIC)
    assert (ours.letter.revision, traced(organiser)) == (revision, [2])


def test_one_institution_is_removed_once(organiser: Organiser, ours: Campaign) -> None:
    put(organiser, ours, CLINIC, SCHOOL)
    who = doing(organiser, ours)
    for _ in range(2):
        ours.runtime.settle(lambda session: remove_institution(session, who, ours.slug, CLINIC.domain))
    assert ours.letter.institutions == {"school.example.org"}
    assert traced(organiser) == [1, 2]
