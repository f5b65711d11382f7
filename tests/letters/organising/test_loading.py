"""A letter's life: loaded, scheduled, opened, frozen, paused, closed, archived."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from letters.models.finding import NoSuchLetter
from letters.models.letters import LetterRow, LetterState
from letters.organising.loading import CustodyUnavailable, LetterFrozen, NoOpeningTime, WrongState
from letters.vocabularies.errors import MissingLabels, UnknownCountry, UnknownVocabulary
from tests.letters.organising.letter_files import FILES, Desk
from tests.letters.publishing.crowd import Crowd
from tests.parts.clock import Clock
from verification.identity.keyring import KeyMissing
from verification.identity.sealing import PUBLIC_PREFIX, BadPublicKey, new_key_pair

PAGE = "/en/letters/fair-shifts"
STATES = {"draft", "scheduled", "open", "paused", "closed", "archived"}
MOVES = {
    ("open", "paused"),
    ("paused", "open"),
    ("open", "closed"),
    ("paused", "closed"),
    ("closed", "archived"),
}
"""What an organiser may do with a letter that has opened, besides leaving it as it is."""

ANNA = '[{name = "Anna Example", title = "Surgeon"}]'

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


def test_a_loaded_letter_is_a_draft_that_nobody_sees(desk: Desk, client: FlaskClient) -> None:
    desk.load()
    assert desk.letter.stored_state is LetterState.DRAFT
    assert client.get(PAGE).status_code == 404
    assert "Fair shifts" not in client.get("/en/").text


def test_an_opened_letter_is_read_and_signed(desk: Desk, client: FlaskClient) -> None:
    desk.load()
    assert desk.open() is LetterState.OPEN
    page = client.get(PAGE).text
    assert "shifts that let us sleep" in page
    assert 'name="form_token"' in page


def test_loading_again_before_opening_brings_the_same_letter_up_to_date(desk: Desk) -> None:
    desk.load()
    first = desk.letter
    desk.load({"en.md": b"# Fairer shifts\n\nWe ask again.\n"}, goal="100", first_signatories=ANNA)
    again = desk.letter
    assert (again.id, again.texts["en"].title, again.goal, desk.stored) == (first.id, "Fairer shifts", 100, 1)
    assert [person.name["en"] for person in again.first_signatories] == ["Anna Example"]
    desk.load()
    assert (desk.letter.goal, desk.letter.first_signatories) == (None, [])


@sqlite_only
def test_script_in_a_text_never_reaches_a_reader(desk: Desk, client: FlaskClient) -> None:
    title = b"# Fair <script>alert(1)</script> shifts"
    body = b"<script>alert(2)</script>\n\n[x](javascript:alert(3)) ![y](//z)"
    desk.load({"en.md": title + b"\n\n" + body, "privacy.en.md": b"<img src=x onerror=alert(4)>\n"})
    desk.open()
    page = client.get(PAGE).text
    for made in ("<script>alert", "<img", 'href="javascript:', "onerror=alert(4)>\n<"):
        assert made not in page


FROZEN = {
    "text": ({"en.md": b"# Fair shifts\n\nWe demand shifts that let us sleep.\n"}, {}),
    "title": ({"en.md": b"# Fairer shifts\n\nWe ask for shifts that let us sleep.\n"}, {}),
    "addressee": ({}, {"addressee": '"The ministry"'}),
    "languages": ({}, {"languages": '["ru"]'}),
    "order of languages": ({}, {"languages": '["en", "ru"]'}),
    "key": ({}, {"public_key": f'"{new_key_pair().public}"'}),
    "no key": ({}, {"public_key": None}),
    "countries": ({}, {"countries": '["BY", "PL"]'}),
    "display": ({}, {"display": '["counted", "named"]'}),
    "custody": ({}, {"custody": '"team"'}),
    "interval": ({}, {"edition": '{every = "1m"}'}),
    "minimum": ({}, {"edition": "{at_least = 1}"}),
    "threshold": ({}, {"figures": "{threshold = 1, step = 1}"}),
    "figures' memory": ({}, {"figures": "{moves_after = 1}"}),
    "opening": ({}, {"opens": "2026-12-24T06:00:00Z"}),
}


@sqlite_only
@pytest.mark.parametrize(("files", "fields"), FROZEN.values(), ids=FROZEN)
def test_what_was_signed_is_frozen_and_the_way_out_is_named(
    desk: Desk, files: dict[str, bytes | None], fields: dict[str, str | None]
) -> None:
    desk.load()
    desk.open()
    before = desk.letter
    with pytest.raises(LetterFrozen, match=r"dated \[\[corrections\]\]") as refused:
        desk.load(files, **fields)
    assert "\n" not in str(refused.value)
    assert desk.letter == before


@sqlite_only
def test_the_day_on_which_identities_go_comes_no_later_than_promised(desk: Desk) -> None:
    closing = "2027-03-01T00:00:00Z"
    desk.load(closes=closing, identities_until="2027-04-01")
    desk.open()
    for later in ("2027-04-02", None):
        with pytest.raises(LetterFrozen, match="promised"):
            desk.load(closes=closing, identities_until=later)
    desk.load(closes=closing, identities_until="2027-03-15")
    assert desk.letter.identities_until == date(2027, 3, 15)


@sqlite_only
def test_a_later_closing_moves_no_day_that_was_promised(desk: Desk) -> None:
    desk.load(closes="2027-03-01T00:00:00Z")
    desk.open()
    promised = desk.letter.identities_until
    assert promised == date(2027, 5, 30)
    for later in ("2027-03-02T00:00:00Z", None):
        with pytest.raises(LetterFrozen, match="after 2027-05-30"):
            desk.load(closes=later)
    desk.load(closes="2027-04-01T00:00:00Z", identities_until="2027-05-30")
    assert desk.letter.identities_until == promised


@sqlite_only
def test_without_a_day_identities_go_ninety_days_after_closing(desk: Desk, clock: Clock) -> None:
    desk.load()
    desk.open()
    assert desk.letter.identities_until is None
    desk.move(LetterState.CLOSED)
    assert desk.letter.identities_until == clock().date() + timedelta(days=90)


@pytest.mark.parametrize("state", [LetterState.PAUSED, LetterState.CLOSED, LetterState.ARCHIVED])
@sqlite_only
def test_a_letter_stays_frozen_afterwards(desk: Desk, state: LetterState) -> None:
    desk.load()
    desk.open()
    if state is LetterState.ARCHIVED:
        desk.move(LetterState.CLOSED)
    desk.move(state)
    with pytest.raises(LetterFrozen):
        desk.load(addressee='"The ministry"')


def test_a_scheduled_letter_that_was_signed_is_frozen_before_a_worker_says_so(desk: Desk, clock: Clock) -> None:
    desk.load(opens="2026-12-01T10:00:00Z")
    desk.open()
    clock.advance(hours=1)
    Crowd(desk.runtime, "fair-shifts").join(1)
    with pytest.raises(LetterFrozen):
        desk.load(opens="2026-12-01T10:00:00Z", addressee='"The ministry"')


def test_what_may_follow_is_shown_on_the_page(desk: Desk, client: FlaskClient) -> None:
    desk.load()
    desk.open()
    desk.load(
        {"privacy.en.md": b"Your name is sealed, as before.\n"},
        corrections='[{on = 2026-12-05, text = "Twelve hours, not ten."}]',
        delivered='{on = 2026-12-10, answer = "We have read it with care."}',
        first_signatories=ANNA,
        responsible='{name = "Example Initiative", contact = "new@example.org"}',
        closes="2026-12-31T18:00:00Z",
        goal="5000",
    )
    page = client.get(PAGE).text
    for shown in (
        "Twelve hours, not ten.",
        "We have read it with care.",
        "Anna Example",
        "Surgeon",
        "new@example.org",
        "5,000",
        "as before",
        "30 January 2027",
    ):
        assert shown in page
    assert desk.letter.delivered_on == date(2026, 12, 10)
    assert desk.letter.closes_at == datetime(2026, 12, 31, 18, tzinfo=UTC)


UNUSABLE_KEYS = {
    "missing": None,
    "empty": '""',
    "zero": f'"{PUBLIC_PREFIX}{"A" * 1624}"',
    "of another kind": '"age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"',
    "not base64": f'"{PUBLIC_PREFIX}!!!!"',
    "too short": f'"{PUBLIC_PREFIX}AAAA"',
    "cut off": f'"{new_key_pair().public[:-8]}"',
    "a secret one": f'"{new_key_pair().secret}"',
}


@sqlite_only
@pytest.mark.parametrize("key", UNUSABLE_KEYS.values(), ids=UNUSABLE_KEYS)
def test_without_a_usable_key_no_letter_opens(desk: Desk, key: str | None) -> None:
    desk.load(public_key=key)
    with pytest.raises(BadPublicKey, match="undersigned keys new"):
        desk.open()
    assert desk.letter.stored_state is LetterState.DRAFT
    with pytest.raises(KeyMissing):
        desk.runtime.keyring.dedupe("fair-shifts")


@sqlite_only
def test_the_custody_of_a_team_is_refused_with_what_to_use_instead(desk: Desk) -> None:
    desk.load(custody='"team"')
    with pytest.raises(CustodyUnavailable, match='custody = "offline"'):
        desk.open()
    assert desk.letter.stored_state is LetterState.DRAFT


def test_a_letter_with_its_time_to_come_is_scheduled_and_opens_by_the_clock(
    desk: Desk, client: FlaskClient, clock: Clock
) -> None:
    desk.load(opens="2026-12-01T10:00:00Z")
    assert desk.open() is LetterState.SCHEDULED
    assert "shifts that let us sleep" not in client.get(PAGE).text
    clock.advance(hours=1)
    assert "shifts that let us sleep" in client.get(PAGE).text


@sqlite_only
def test_a_scheduled_letter_can_be_rewritten_and_moved(desk: Desk, clock: Clock) -> None:
    desk.load(opens="2026-12-01T10:00:00Z")
    desk.open()
    desk.load(opens="2026-12-02T10:00:00Z", addressee='"The ministry"')
    assert desk.letter.state_at(clock() + timedelta(hours=2)) is LetterState.SCHEDULED
    assert desk.letter.addressee["en"] == "The ministry"


@sqlite_only
@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"opens": None}, NoOpeningTime),
        ({"public_key": None}, BadPublicKey),
        ({"custody": '"team"'}, CustodyUnavailable),
    ],
    ids=["no opening time", "no key", "another custody"],
)
def test_a_scheduled_letter_stays_fit_to_open(
    desk: Desk, fields: dict[str, str | None], refusal: type[Exception]
) -> None:
    when = "2026-12-01T10:00:00Z"
    desk.load(opens=when)
    desk.open()
    before = desk.letter
    with pytest.raises(refusal):
        desk.load(**{"opens": when, **fields})
    assert desk.letter == before


@sqlite_only
def test_a_letter_whose_closing_time_has_passed_does_not_open(desk: Desk) -> None:
    desk.load(closes="2026-11-30T18:00:00Z")
    with pytest.raises(WrongState, match="`closes`"):
        desk.open()
    assert desk.letter.stored_state is LetterState.DRAFT


def test_a_paused_letter_shows_no_form_until_it_is_open_again(desk: Desk, client: FlaskClient) -> None:
    desk.load()
    desk.open()
    desk.move(LetterState.PAUSED)
    assert 'name="form_token"' not in client.get(PAGE).text
    desk.open()
    assert 'name="form_token"' in client.get(PAGE).text


def test_a_closed_letter_says_until_when_one_can_withdraw(desk: Desk, client: FlaskClient) -> None:
    desk.load()
    desk.open()
    desk.move(LetterState.CLOSED)
    page = client.get(PAGE).text
    assert 'name="form_token"' not in page
    assert "31 December 2026" in page


@sqlite_only
@pytest.mark.parametrize("start", sorted(STATES))
@pytest.mark.parametrize("end", ["open", "paused", "closed", "archived"])
def test_a_letter_moves_as_its_life_goes_and_no_other_way(desk: Desk, start: str, end: str) -> None:
    desk.load(opens="2026-12-01T10:00:00Z" if start == "scheduled" else None)
    if start != "draft":
        desk.open()
    for state in {"paused": ["paused"], "closed": ["closed"], "archived": ["closed", "archived"]}.get(start, []):
        desk.move(LetterState(state))
    early = start in ("draft", "scheduled") and end == "open"
    if (start, end) in MOVES or start == end or early:
        desk.move(LetterState(end))
        assert desk.letter.stored_state.value == end
    else:
        with pytest.raises(WrongState, match=f"is {start}; it cannot become {end}"):
            desk.move(LetterState(end))
        assert desk.letter.stored_state.value == start


@sqlite_only
def test_a_letter_moves_from_the_state_that_the_clock_has_brought(desk: Desk, clock: Clock) -> None:
    desk.load(opens="2026-12-01T10:00:00Z", closes="2026-12-01T12:00:00Z")
    desk.open()
    clock.advance(hours=1)
    desk.move(LetterState.PAUSED)
    clock.advance(hours=2)
    with pytest.raises(WrongState, match="is closed"):
        desk.open()


def test_a_letter_that_the_clock_has_closed_is_not_opened_by_a_later_closing_time(desk: Desk, clock: Clock) -> None:
    """No worker wrote down that it closed."""
    desk.load(closes="2026-12-01T12:00:00Z")
    desk.open()
    clock.advance(days=1)
    desk.load(closes="2026-12-31T12:00:00Z", identities_until="2027-02-01")
    letter = desk.letter
    assert (letter.stored_state, letter.closed_on) == (LetterState.CLOSED, date(2026, 12, 1))
    assert letter.state_at(clock()) is LetterState.CLOSED


@sqlite_only
def test_nor_does_it_lose_the_day_that_follows_from_its_closing(desk: Desk, clock: Clock) -> None:
    desk.load(closes="2026-12-01T12:00:00Z")
    desk.open()
    clock.advance(days=1)
    desk.load(closes=None)
    assert desk.letter.identities_until == date(2027, 3, 1)


@sqlite_only
def test_a_letter_that_the_clock_has_opened_is_frozen_before_anybody_signs(desk: Desk, clock: Clock) -> None:
    desk.load(opens="2026-12-01T10:00:00Z")
    desk.open()
    clock.advance(hours=2)
    with pytest.raises(LetterFrozen):
        desk.load(opens="2026-12-02T10:00:00Z")
    desk.load(opens="2026-12-01T10:00:00Z", goal="7")
    assert (desk.letter.stored_state, desk.letter.goal) == (LetterState.OPEN, 7)


@sqlite_only
def test_a_refused_loading_writes_no_state_down(desk: Desk, clock: Clock) -> None:
    desk.load(closes="2026-12-01T12:00:00Z")
    desk.open()
    clock.advance(days=1)
    with pytest.raises(LetterFrozen):
        desk.load(closes="2026-12-31T12:00:00Z", addressee='"The ministry"')
    assert desk.letter.stored_state is LetterState.OPEN


@sqlite_only
def test_a_closed_letter_does_not_get_its_destroyed_key_back(desk: Desk) -> None:
    desk.load()
    desk.open()
    desk.move(LetterState.CLOSED)
    desk.runtime.keyring.destroy_dedupe("fair-shifts")
    with pytest.raises(WrongState):
        desk.open()
    with pytest.raises(KeyMissing):
        desk.runtime.keyring.dedupe("fair-shifts")


@sqlite_only
@pytest.mark.parametrize("state", [LetterState.OPEN, LetterState.PAUSED])
def test_a_lost_key_is_not_made_anew_under_signatures(desk: Desk, state: LetterState) -> None:
    desk.load()
    desk.open()
    desk.move(state)
    desk.runtime.keyring.destroy_dedupe("fair-shifts")
    desk.open()
    with pytest.raises(KeyMissing):
        desk.runtime.keyring.dedupe("fair-shifts")


@sqlite_only
def test_nor_is_that_of_a_letter_that_opened_by_the_clock(desk: Desk, clock: Clock) -> None:
    """Without a worker nobody has written down that it is open, and people may have signed."""
    desk.load(opens="2026-12-01T10:00:00Z")
    desk.open()
    clock.advance(hours=2)
    desk.runtime.keyring.destroy_dedupe("fair-shifts")
    desk.runtime.keyring.destroy_identities("fair-shifts")
    assert desk.open() is LetterState.OPEN
    with pytest.raises(KeyMissing):
        desk.runtime.keyring.dedupe("fair-shifts")
    with pytest.raises(KeyMissing):
        desk.runtime.keyring.identities("fair-shifts")


@sqlite_only
@pytest.mark.parametrize(
    ("fields", "refusal", "words"),
    [
        ({"countries": '["AD"]', "languages": '["ru", "be", "en"]'}, MissingLabels, ["Andorra", '"be"', "leave out"]),
        ({"countries": '["XX"]'}, UnknownCountry, ['"XX"', "ISO 3166-1"]),
        ({"countries": '["by"]'}, UnknownCountry, ['"by"', "capital letters"]),
        ({"professions": '"astrology"'}, UnknownVocabulary, ['"astrology"', "health"]),
    ],
    ids=["a country without labels", "no country", "a country in small letters", "unknown professions"],
)
def test_a_vocabulary_is_refused_with_the_way_out(
    desk: Desk, fields: dict[str, str], refusal: type[Exception], words: list[str]
) -> None:
    belarusian = {"be.md": FILES["ru.md"], "privacy.be.md": FILES["privacy.ru.md"]}
    with pytest.raises(refusal) as refused:
        desk.load(belarusian, **{"addressee": '"The minister"', **fields})
    assert all(word in str(refused.value) for word in words)
    assert desk.stored == 0


@sqlite_only
def test_a_letter_that_is_not_there_cannot_be_moved(desk: Desk) -> None:
    with pytest.raises(NoSuchLetter, match="letter load"):
        desk.open()


def test_the_database_refuses_an_open_letter_without_a_key(desk: Desk) -> None:
    desk.load(public_key=None)
    with pytest.raises(IntegrityError, match="no_key_no_letter"), desk.runtime.engine.begin() as connection:
        connection.execute(LetterRow.__table__.update().values(state="open"))  # type: ignore[attr-defined]


def test_a_folder_under_another_name_with_the_same_slug_is_the_same_letter(desk: Desk, tmp_path: Path) -> None:
    desk.load()
    other = Desk(desk.runtime, tmp_path / "elsewhere", desk.pair)
    other.load(goal="7")
    assert (desk.stored, desk.letter.goal) == (1, 7)
    desk.open()
    with pytest.raises(LetterFrozen):
        other.load({"en.md": b"# Something else\n\nAltogether.\n"})
    with desk.runtime.reading() as session:
        assert session.scalars(select(LetterRow.slug)).all() == ["fair-shifts"]
