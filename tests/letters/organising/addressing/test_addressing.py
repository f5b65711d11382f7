"""The list of official addresses is signed once it is committed, and its number only grows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from letters.models.addresses import Addresses, AddressListRow, find_list
from letters.models.letters import LetterRow, LetterState
from letters.models.log import LogHeadRow
from letters.organising.addressing.mirrors import (
    NoListYet,
    TooManyMirrors,
    put_mirrors,
    read_mirrors,
)
from letters.organising.addressing.signing import sign_list
from letters.organising.log_signing import OtherKey
from letters.organising.releasing import tend_letters
from letters.publishing.editions import lock_letter
from letters.runtime import Runtime
from tests.parts.campaign import Campaign
from verification.ledger.notes import VerifierKey
from verification.ledger.official import AddressList, open_addresses

T = TypeVar("T")

MIRROR, ONION = "https://mirror.example/letters", "http://abc.onion/x"


def stored(campaign: Campaign) -> Addresses:
    with campaign.runtime.reading() as session:
        found = find_list(session, campaign.letter.id)
    assert found is not None
    return found


def opened(campaign: Campaign) -> AddressList:
    """The list by the key of the log."""
    head = campaign.letter.head
    assert head is not None
    return open_addresses(stored(campaign).note, VerifierKey.parse(head.verifier))


def name(campaign: Campaign, *mirrors: str) -> None:
    campaign.runtime.settle(lambda session: put_mirrors(session, lock_letter(session, campaign.slug), mirrors))


def test_the_first_list_has_the_sites_own_address(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    own = f"https://undersigned.example/letters/{campaign.slug}"
    assert (opened(campaign).number, opened(campaign).addresses) == (1, (own,))
    assert opened(campaign).day == campaign.runtime.clock().date()


def test_each_change_is_signed_under_the_next_number_and_pages_know(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    before = campaign.letter.revision
    name(campaign, MIRROR, ONION)
    assert stored(campaign).note == ""
    tend_letters(campaign.runtime)
    assert (opened(campaign).number, opened(campaign).addresses[1:]) == (2, (MIRROR, ONION))
    name(campaign, MIRROR, ONION)
    tend_letters(campaign.runtime)
    assert opened(campaign).number == 2
    assert campaign.letter.revision == before + 2


def test_whatever_becomes_of_the_log_the_list_is_signed(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    head = campaign.letter.head
    assert head is not None
    name(campaign, MIRROR)
    campaign.runtime.settle(lambda session: session.execute(update(LogHeadRow).values(note=None, root=b"x" * 32)))
    with pytest.raises(ExceptionGroup):
        tend_letters(campaign.runtime)
    assert open_addresses(stored(campaign).note, VerifierKey.parse(head.verifier)).addresses[1:] == (MIRROR,)


def test_a_database_that_was_set_back_gives_no_number_twice(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    name(campaign, MIRROR)
    tend_letters(campaign.runtime)
    older = update(AddressListRow).values(number=1, mirrors=[ONION], note=None)
    campaign.runtime.settle(lambda session: session.execute(older))
    tend_letters(campaign.runtime)
    assert (opened(campaign).number, opened(campaign).addresses[1:]) == (3, (ONION,))


def test_whoever_comes_after_a_killed_worker_signs_the_same(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    signed = stored(campaign)
    campaign.runtime.settle(lambda session: session.execute(update(AddressListRow).values(note=None)))
    assert sign_list(campaign.runtime, campaign.slug)
    assert stored(campaign) == signed
    assert not sign_list(campaign.runtime, campaign.slug)


@dataclass(frozen=True)
class Overtaken(Runtime):
    """One beside which others act before each of its transactions."""

    before: Callable[[], object] = lambda: None

    def settle(self, verb: Callable[[Session], T]) -> T:
        self.before()
        return super().settle(verb)


def test_a_list_that_another_process_has_just_signed_stays(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    name(campaign, MIRROR)
    runtime = campaign.runtime
    another = partial(sign_list, runtime, campaign.slug)
    assert not sign_list(Overtaken(runtime.settings, runtime.engine, runtime.clock, before=another), campaign.slug)
    assert opened(campaign).number == 2


def test_a_site_that_moves_signs_its_new_address(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    settings = replace(campaign.runtime.settings, base_url="https://Elsewhere.example:443")
    moved = replace(campaign.runtime, settings=settings)
    assert sign_list(moved, campaign.slug)
    assert (opened(campaign).number, opened(campaign).addresses) == (
        2,
        (f"https://elsewhere.example/letters/{campaign.slug}",),
    )
    assert not sign_list(moved, campaign.slug)


def test_a_site_that_moves_to_one_of_its_mirrors_takes_the_old_address_off_the_list(campaign: Campaign) -> None:
    new = f"https://elsewhere.example/letters/{campaign.slug}"
    name(campaign, MIRROR, new)
    tend_letters(campaign.runtime)
    moved = replace(campaign.runtime, settings=replace(campaign.runtime.settings, base_url="https://elsewhere.example"))
    assert sign_list(moved, campaign.slug)
    assert opened(campaign).addresses == (new, MIRROR)
    assert not sign_list(moved, campaign.slug)


def test_another_key_signs_nothing(campaign: Campaign) -> None:
    tend_letters(campaign.runtime)
    name(campaign, MIRROR)
    file = campaign.runtime.keyring.signed_heads / f"{campaign.slug}.key"
    file.write_text("05" * 32 + "\n")
    with pytest.raises(OtherKey):
        sign_list(campaign.runtime, campaign.slug)


def test_a_letter_without_a_log_has_no_list(campaign: Campaign) -> None:
    assert not sign_list(campaign.runtime, campaign.slug)
    campaign.runtime.settle(lambda session: session.execute(update(LetterRow).values(state=LetterState.DRAFT.value)))
    with pytest.raises(NoListYet):
        name(campaign, MIRROR)


def test_mirrors_are_read_a_line_each_and_once_without_the_sites_own() -> None:
    own = "https://undersigned.example/letters/a"
    assert read_mirrors(f" {MIRROR}/ \n\n{own}\n{ONION}\n{MIRROR}\n", own) == (MIRROR, ONION)
    with pytest.raises(TooManyMirrors):
        read_mirrors("\n".join(f"https://m{number}.example" for number in range(21)), own)
