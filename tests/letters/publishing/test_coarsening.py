"""How finely a pseudonymous entry shows who it is: never more finely than enough others of its edition."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.publishing.coarsening import Pair, Traits, coarsen
from letters.vocabularies.professions import Level, Professions
from letters.vocabularies.regions import Regions

HEALTH = Professions.load("health")
REGIONS = Regions.load(["BY", "PL"])

SPECIALTIES = [key for key, entry in HEALTH.entries.items() if entry.level is Level.SPECIALTY]
CHOSEN = ["doctor", "nurse", "midwife", *SPECIALTIES[:4]]
PLACES = [*REGIONS.codes[:3], *REGIONS.codes[-3:]]

crowds = st.lists(st.builds(Traits, st.sampled_from(CHOSEN), st.sampled_from(PLACES)), max_size=40)
thresholds = st.integers(1, 12)


def printed(signers: Sequence[Traits], at_least: int) -> list[Pair]:
    return coarsen(signers, at_least, HEALTH.ancestors, REGIONS.ancestors)


@given(crowds, thresholds)
def test_every_printed_pair_is_shared_by_enough(signers: list[Traits], at_least: int) -> None:
    shared = Counter(printed(signers, at_least))
    assert all(count >= at_least for pair, count in shared.items() if pair != (None, None))


@given(crowds, thresholds)
def test_what_is_printed_is_true(signers: list[Traits], at_least: int) -> None:
    for signer, (profession, region) in zip(signers, printed(signers, at_least), strict=True):
        assert profession in (None, *HEALTH.ancestors(signer.profession))
        assert region in (None, *REGIONS.ancestors(signer.region))


@given(crowds)
def test_an_ordinary_letter_prints_everything(signers: list[Traits]) -> None:
    assert printed(signers, 1) == [(signer.profession, signer.region) for signer in signers]


@given(crowds, thresholds, st.randoms(use_true_random=False))
def test_the_order_of_signers_does_not_matter(signers: list[Traits], at_least: int, chance: Random) -> None:
    order = list(range(len(signers)))
    chance.shuffle(order)
    mixed = printed([signers[place] for place in order], at_least)
    assert mixed == [printed(signers, at_least)[place] for place in order]


@given(crowds, st.integers(2, 12))
def test_fewer_than_the_threshold_say_nothing(signers: list[Traits], at_least: int) -> None:
    few = signers[: at_least - 1]
    assert printed(few, at_least) == [(None, None)] * len(few)


@given(crowds, thresholds)
def test_signers_alike_are_printed_alike(signers: list[Traits], at_least: int) -> None:
    by_traits: dict[Traits, set[Pair]] = {}
    for signer, pair in zip(signers, printed(signers, at_least), strict=True):
        by_traits.setdefault(signer, set()).add(pair)
    assert all(len(pairs) == 1 for pairs in by_traits.values())


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([Traits("nurse", "BY-MI")] * 2, ("nurse", "BY-MI")),
        ([Traits("nurse", "BY-BR")] * 2, ("nurse", "BY")),
        ([Traits("nurse", "abroad")] * 2, ("nurse", None)),
        ([Traits("paramedic", "BY-MI")] * 2, ("health-worker", "BY-MI")),
        ([Traits("paramedic", "abroad")] * 2, ("health-worker", None)),
        ([], (None, None)),
    ],
)
def test_an_entry_steps_up_until_enough_others_stand_there(others: list[Traits], expected: Pair) -> None:
    assert printed([Traits("nurse", "BY-MI"), *others], 3)[0] == expected


def test_those_settled_finely_do_not_hide_a_lonely_one() -> None:
    """Subtracting the three nurses in Minsk from the nurses in Belarus would single the fourth out."""
    crowd = [Traits("nurse", "BY-MI")] * 3 + [Traits("nurse", "BY-BR")]
    assert printed(crowd, 3) == [("nurse", "BY-MI")] * 3 + [(None, None)]
