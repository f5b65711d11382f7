"""Lockdown hides every name, and only the codes of two organisers bring them back."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from secrets import token_bytes

import pytest
from sqlalchemy.orm import Session

from letters.models.finding import find_letter
from letters.models.letters import LetterRow, LetterState
from letters.organising.lifting import NoRequest, answer
from letters.organising.loading import LetterFrozen
from letters.organising.lockdown import (
    BadCode,
    BadOrganisers,
    IdentitiesGone,
    NobodyLifts,
    NothingToHide,
    NotLocked,
    UnderLockdown,
    check_exportable,
    check_organisers,
    lift,
    lock,
    organisers_of,
    requests_of,
)
from letters.publishing.editions import NotDue, lock_letter
from letters.runtime import Runtime
from tests.letters.organising.letter_files import Desk
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.parts.clock import Clock
from verification.identity.keypairs import PUBLIC_PREFIX
from verification.identity.sealing import new_key_pair
from verification.identity.two_of_three import combine

TODAY = date(2026, 12, 5)
PAIRS = [new_key_pair() for _ in range(3)]
ORGANISERS = tuple(pair.public for pair in PAIRS)

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@dataclass
class Locked:
    """A letter that can be locked, and its three organisers."""

    crowd: Crowd

    def settle(self, verb: object) -> object:
        def run(session: Session) -> object:
            return verb(lock_letter(session, self.crowd.slug))  # type: ignore[operator]

        return self.crowd.runtime.settle(run)

    def lock(self, *, for_good: bool = False) -> str:
        """Lock the letter, and return its requests as the host sends them."""

        def verb(letter: LetterRow) -> str:
            lock(letter, TODAY, token_bytes, for_good=for_good)
            return "\n".join(requests_of(letter))

        return str(self.settle(verb))

    def lift(self, *codes: str) -> None:
        self.settle(lambda letter: lift(letter, codes))

    @property
    def locked(self) -> bool:
        return self.crowd.letter.locked


@pytest.fixture
def letter(runtime: Runtime) -> Locked:
    return Locked(open_crowd(runtime, organisers=ORGANISERS))


def codes(requests: str) -> list[str]:
    return [answer(requests, pair.secret)[1] for pair in PAIRS]


def test_the_codes_of_any_two_organisers_lift_it(letter: Locked) -> None:
    for first, second in ((0, 1), (2, 0), (1, 2)):
        answers = codes(letter.lock())
        assert letter.locked
        letter.lift(answers[first], answers[second])
        assert not letter.locked


def test_a_code_may_be_typed_as_people_type(letter: Locked) -> None:
    first, second, _third = codes(letter.lock())
    letter.lift(f" {first.lower().replace('-', ' ')} ", second.replace("O", "0").replace("I", "1").replace("-", ""))
    assert not letter.locked


def test_one_organiser_alone_does_not_lift_it(letter: Locked) -> None:
    first, *_others = codes(letter.lock())
    for given in ((first,), (first, first), (first, first.lower())):
        with pytest.raises(BadCode, match="two different organisers"):
            letter.lift(*given)
    assert letter.locked


def test_a_wrong_code_beside_two_right_ones_does_not_lift_it(letter: Locked) -> None:
    answers = codes(letter.lock())
    for wrong in ("AAAA-AAAA-AAAA-AAAA", "", "код", answers[0][:-1], answers[0] + "A"):
        with pytest.raises(BadCode, match="number 3 does not belong to this lockdown"):
            letter.lift(*answers[:2], wrong)
    assert letter.locked


def test_the_codes_of_an_earlier_lockdown_are_of_no_use(letter: Locked) -> None:
    old = codes(letter.lock())
    letter.lift(*old[:2])
    letter.lock()
    with pytest.raises(BadCode, match="an earlier one"):
        letter.lift(*old[:2])
    assert letter.locked


def test_locking_again_hands_out_the_same_requests(letter: Locked) -> None:
    first, again = letter.lock(), letter.lock()
    assert first == again


def test_the_server_keeps_neither_codes_nor_anything_that_opens_them(letter: Locked) -> None:
    answers = codes(letter.lock())
    with letter.crowd.runtime.reading() as session:
        kept = json.dumps(session.query(LetterRow.lifts).scalar())
    for code in answers:
        assert code not in kept
        assert code.replace("-", "") not in kept


def test_a_key_that_is_no_organisers_finds_no_request(letter: Locked) -> None:
    with pytest.raises(NoRequest, match="is for this key"):
        answer(letter.lock(), new_key_pair().secret)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", '{"format": "undersigned-request-1"}', "[" * 100_000])
def test_a_file_without_requests_is_refused(letter: Locked, text: str) -> None:
    with pytest.raises(NoRequest):
        answer(text, PAIRS[0].secret)


@pytest.mark.parametrize(
    "change", [("letter", "another-letter"), ("sealed", "AAAA"), ("sealed", "%"), ("sealed", None)]
)
def test_an_altered_request_is_refused(letter: Locked, change: tuple[str, str | None]) -> None:
    lines = [json.dumps({**json.loads(line), change[0]: change[1]}) for line in letter.lock().splitlines()]
    with pytest.raises(NoRequest, match="damaged"):
        answer("\n".join(lines), PAIRS[0].secret)


def test_a_letter_without_two_organisers_is_locked_only_for_good(runtime: Runtime) -> None:
    letter = Locked(open_crowd(runtime))
    with pytest.raises(NobodyLifts, match="nobody could lift"):
        letter.lock()
    assert not letter.locked
    assert letter.lock(for_good=True) == ""
    assert letter.locked
    with pytest.raises(NobodyLifts):
        letter.lift("AAAA-AAAA-AAAA-AAAA")


def test_the_three_of_a_combined_key_are_its_organisers(runtime: Runtime) -> None:
    letter = Locked(open_crowd(runtime, public_key=combine(ORGANISERS)))
    assert set(letter.settle(organisers_of)) == set(ORGANISERS)  # type: ignore[call-overload]
    letter.lift(*codes(letter.lock())[:2])
    assert not letter.locked


def test_named_organisers_come_before_those_of_a_combined_key(runtime: Runtime) -> None:
    others = tuple(new_key_pair().public for _ in range(2))
    letter = Locked(open_crowd(runtime, public_key=combine(ORGANISERS), organisers=others))
    assert letter.settle(organisers_of) == others


def test_what_is_not_locked_cannot_be_lifted(letter: Locked) -> None:
    with pytest.raises(NotLocked):
        letter.lift("AAAA-AAAA-AAAA-AAAA")


def test_a_draft_has_nothing_to_hide(letter: Locked) -> None:
    def draft(row: LetterRow) -> None:
        row.state = LetterState.DRAFT.value

    letter.settle(draft)
    with pytest.raises(NothingToHide):
        letter.lock()


def test_nothing_is_released_and_nothing_exported_meanwhile(letter: Locked) -> None:
    letter.crowd.join(1, display="named")
    answers = codes(letter.lock())
    letter.crowd.tend()
    with pytest.raises(NotDue, match="lockdown"):
        letter.crowd.release()
    with pytest.raises(UnderLockdown):
        check_exportable(letter.crowd.letter)
    assert letter.crowd.letter.total == 0
    letter.lift(*answers[:2])
    check_exportable(letter.crowd.letter)
    assert letter.crowd.release().total == 1


def test_what_waited_when_the_letter_closed_is_released_once_it_is_lifted(runtime: Runtime, clock: Clock) -> None:
    letter = Locked(open_crowd(runtime, organisers=ORGANISERS, threshold=10, at_least=50))
    letter.crowd.join_many(range(2))
    first, second, _third = codes(letter.lock())
    clock.now = datetime.combine(TODAY, time(12), UTC)
    letter.crowd.enter(LetterState.CLOSED)
    letter.crowd.tend()
    assert letter.crowd.letter.number == 0
    letter.lift(first, second)
    letter.crowd.tend()
    assert letter.crowd.letter.total == 2


def test_where_identities_were_deleted_nothing_is_exported(letter: Locked) -> None:
    def erase(row: LetterRow) -> None:
        row.erased = True

    letter.settle(erase)
    with letter.crowd.runtime.reading() as session, pytest.raises(IdentitiesGone):
        check_exportable(find_letter(session, letter.crowd.slug))


def toml(keys: tuple[str, ...]) -> str:
    return json.dumps(list(keys))


def test_a_letter_names_two_organisers_or_more_or_none(desk: Desk) -> None:
    for keys in ((), ORGANISERS[:2], ORGANISERS):
        check_organisers(keys)
        desk.load(organisers=toml(keys) if keys else None)


@pytest.mark.parametrize(
    "keys",
    [
        ORGANISERS[:1],
        (ORGANISERS[0], ORGANISERS[0] + "\n"),
        (ORGANISERS[0], "somebody"),
        (ORGANISERS[0], PAIRS[1].secret),
        (ORGANISERS[0], combine(ORGANISERS)),
        (ORGANISERS[0], PUBLIC_PREFIX + "A" * 1624),
    ],
    ids=["one", "twice, with a line break", "a word", "a secret key", "a combined key", "zeros"],
)
def test_organisers_who_are_not_two_are_refused(desk: Desk, keys: tuple[str, ...]) -> None:
    with pytest.raises(BadOrganisers) as refusal:
        desk.load(organisers=toml(keys))
    assert "organisers" in str(refusal.value)
    assert PAIRS[1].secret not in str(refusal.value)
    assert desk.stored == 0


def test_organisers_cannot_change_once_the_letter_has_opened(desk: Desk) -> None:
    desk.load(organisers=toml(ORGANISERS))
    desk.open()
    with pytest.raises(LetterFrozen, match="organisers"):
        desk.load(organisers=toml(ORGANISERS[:2]))
