"""Looking at signatures: page by page, and who they are for whoever holds the key."""

import pytest
from sqlalchemy import update

from letters.models.letters import LetterRow
from letters.models.signatures import Display, SignatureRow, SignatureState, Standing, Suspicion
from letters.organising.defending.filters import Filter
from letters.organising.defending.looking import Found, list_signatures, open_lines, search_names
from letters.organising.lockdown import IdentitiesGone, UnderLockdown
from letters.runtime import Runtime
from letters.signing.pending import Identity
from tests.letters.publishing.crowd import Crowd, Signer, open_crowd
from verification.identity.custody import OneKey
from verification.identity.sealing import KeyPair, new_key_pair

PAIR = new_key_pair()
ALL = Filter()


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    return open_crowd(runtime, public_key=PAIR.public)


def ids(signers: list[Signer]) -> list[bytes]:
    return sorted(signer.signature for signer in signers)


def search(crowd: Crowd, words: str, after: bytes | None = None, at_most: int = 100, pair: KeyPair = PAIR) -> Found:
    keyring, opener = crowd.runtime.keyring, OneKey(pair.secret)
    with crowd.runtime.reading() as session:
        return search_names(session, crowd.letter, keyring, opener, ALL, words, after, at_most)


def opened(crowd: Crowd, signers: list[Signer], pair: KeyPair = PAIR) -> dict[bytes, Identity | None]:
    keyring, opener = crowd.runtime.keyring, OneKey(pair.secret)
    with crowd.runtime.reading() as session:
        return dict(open_lines(session, crowd.letter, keyring, opener, [signer.signature for signer in signers]))


def test_pages_follow_each_other_in_the_order_of_the_ids(crowd: Crowd) -> None:
    signers = crowd.join_many(range(7))
    with crowd.runtime.reading() as session:
        first = list_signatures(session, crowd.letter.id, ALL, limit=4)
        second = list_signatures(session, crowd.letter.id, ALL, first.next, limit=4)
    assert [line.id for line in (*first.lines, *second.lines)] == ids(signers)
    assert (first.next, second.next) == (first.lines[-1].id, None)


def test_a_page_that_is_just_full_is_the_last(crowd: Crowd) -> None:
    crowd.join_many(range(4))
    with crowd.runtime.reading() as session:
        assert list_signatures(session, crowd.letter.id, ALL, limit=4).next is None


def test_a_line_says_what_the_database_knows(crowd: Crowd) -> None:
    crowd.join(1, display="pseudonym", profession="doctor", region="abroad")
    crowd.release()
    held = crowd.join(2)
    crowd.hold(held)
    with crowd.runtime.reading() as session:
        lines = {line.id: line for line in list_signatures(session, crowd.letter.id, ALL).lines}
    waits = lines.pop(held.signature)
    (released,) = lines.values()
    assert (waits.state, waits.held_for, waits.released) == (SignatureState.HELD, Suspicion.BURST, None)
    assert (released.state, released.display, released.standing) == ("confirmed", Display.PSEUDONYM, Standing.MAILBOX)
    assert (released.profession, released.region, released.released) == ("doctor", "abroad", 1)


@pytest.mark.parametrize("database", ["sqlite"])
def test_pending_signatures_are_neither_listed_nor_opened_nor_found(crowd: Crowd) -> None:
    pending = crowd.sign(1)
    with crowd.runtime.reading() as session:
        assert list_signatures(session, crowd.letter.id, ALL).lines == []
        assert list_signatures(session, crowd.letter.id, Filter(state=SignatureState.PENDING)).lines == []
    assert opened(crowd, [pending]) == {}
    assert search(crowd, "signer").lines == []


def test_names_open_with_the_key_and_with_no_other(crowd: Crowd) -> None:
    signers = crowd.join_many(range(2))
    assert set(opened(crowd, signers).values()) == {
        Identity(f"Signer Example {number}", f"signer{number}@example.org", "") for number in range(2)
    }
    assert set(opened(crowd, signers, new_key_pair()).values()) == {None}


@pytest.mark.parametrize("database", ["sqlite"])
def test_one_damaged_identity_is_marked_and_harms_no_other(crowd: Crowd) -> None:
    broken, whole = crowd.join_many(range(2))
    crowd.tamper(update(SignatureRow).where(SignatureRow.id == broken.signature).values(sealed=b"damaged"))
    names = opened(crowd, [broken, whole])
    assert names[broken.signature] is None
    assert names[whole.signature] is not None
    assert (len(search(crowd, "example").lines), search(crowd, "example").looked) == (1, 2)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_signature_of_another_letter_is_not_opened(crowd: Crowd, runtime: Runtime) -> None:
    other = open_crowd(runtime, demo="safe-staffing", public_key=PAIR.public)
    assert opened(crowd, [other.join(1)]) == {}


def test_a_search_looks_at_name_and_address_without_case_and_accents_on_ye(crowd: Crowd) -> None:
    wanted = crowd.join(1, name="Алёна Пример")
    crowd.join(2)
    for words in ("АЛЕНА", "  алёна   пример ", "signer1@"):
        found = search(crowd, words)
        assert [line.id for line in found.lines] == [wanted.signature]
        assert [identity.name for identity in found.identities.values() if identity] == ["Алёна Пример"]
    assert search(crowd, "nobody").lines == []


def test_a_search_stops_after_so_many_and_goes_on_there(crowd: Crowd) -> None:
    signers = crowd.join_many(range(5))
    first = search(crowd, "example", at_most=3)
    rest = search(crowd, "example", first.next, at_most=3)
    assert [line.id for line in (*first.lines, *rest.lines)] == ids(signers)
    assert (first.looked, rest.looked, rest.next) == (3, 2, None)


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_search_stops_when_a_page_is_full(crowd: Crowd) -> None:
    signers = crowd.join_many(range(52))
    first = search(crowd, "example")
    assert (len(first.lines), first.looked, first.next) == (50, 50, ids(signers)[49])


@pytest.mark.parametrize("database", ["sqlite"])
def test_under_lockdown_and_after_their_day_no_name_opens(crowd: Crowd) -> None:
    signer, today = crowd.join(1), crowd.runtime.clock().date()
    locked, erased = {"locked_on": today}, {"locked_on": None, "erased": True}
    for change, refusal in ((locked, UnderLockdown), (erased, IdentitiesGone)):
        crowd.tamper(update(LetterRow).values(**change))
        with pytest.raises(refusal):
            opened(crowd, [signer])
        with pytest.raises(refusal):
            search(crowd, "example")
