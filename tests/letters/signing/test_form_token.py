"""The form's token: one for all readers of an edition, good until 7 days after the next, kept from nobody's past."""

import pytest

from letters.models.editions import EditionRow
from letters.organising.loading import load, open_letter
from tests.letters.signing.asking import change_letter, one_database, send, show, stored
from tests.parts.campaign import TOKEN, Campaign, demo_draft
from tests.parts.clock import Clock
from verification.mailbox.tokens import Purpose

pytestmark = one_database

TYPED = {"name": "Вера Example", "email": "vera+x@example.org", "workplace": "Ward 3", "display": "named"}


def token_of_the_page(campaign: Campaign) -> str:
    found = TOKEN.search(campaign.client.get(f"/en/letters/{campaign.slug}").text)
    return found[1]


def bad_tokens(campaign: Campaign) -> dict[str, object]:
    good, tokens = token_of_the_page(campaign), campaign.runtime.tokens
    return {
        "missing": None,
        "empty": "",
        "huge": "x" * 10_000,
        "altered in its last character": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "not ASCII": "ж",
        "NUL": "\x00",
        "sent twice as another": ["x", good],
        "another letter's": tokens.mint(Purpose.FORM, b"another-letter 0"),
        "another purpose's": tokens.mint(Purpose.MANAGE, f"{campaign.slug} 0".encode()),
        "without a number": tokens.mint(Purpose.FORM, campaign.slug.encode()),
        "with a word for a number": tokens.mint(Purpose.FORM, f"{campaign.slug} first".encode()),
    }


@pytest.mark.parametrize(
    "which",
    [
        "missing",
        "empty",
        "huge",
        "altered in its last character",
        "not ASCII",
        "NUL",
        "sent twice as another",
        "another letter's",
        "another purpose's",
        "without a number",
        "with a word for a number",
    ],
)
def test_a_form_without_a_good_token_comes_back_as_it_was_typed(campaign: Campaign, which: str) -> None:
    answer = send(campaign, {**TYPED, "form_token": bad_tokens(campaign)[which]})
    shown = show(answer)
    assert answer.status_code == 422
    assert shown.errors == {}
    assert "Nothing is lost" in shown.text
    assert {name: shown.fields[name] for name in TYPED} == TYPED
    assert stored(campaign.runtime) == 0


def test_sending_the_returned_form_again_signs(campaign: Campaign) -> None:
    returned = show(send(campaign, {**TYPED, "form_token": "stale"})).fields
    assert send(campaign, returned).status_code == 303
    assert stored(campaign.runtime) == 2


def test_a_form_with_mistakes_comes_back_with_a_token_that_works(campaign: Campaign) -> None:
    returned = show(send(campaign, {"name": ""})).fields
    assert send(campaign, {**returned, "name": "Vera"}).status_code == 303


def test_the_token_of_a_real_other_letter_is_foreign(campaign: Campaign) -> None:
    draft, _pair = demo_draft("safe-staffing")

    def verb(session: object) -> None:
        runtime = campaign.runtime
        row = load(session, draft, runtime.settings.vocabularies, runtime.clock())  # type: ignore[arg-type]
        open_letter(row, runtime.keyring, runtime.clock())

    campaign.runtime.settle(verb)
    other = TOKEN.search(campaign.client.get("/en/letters/safe-staffing").text)
    assert send(campaign, {"form_token": other[1]}).status_code == 422


def test_every_reader_of_an_edition_gets_the_same_token(campaign: Campaign) -> None:
    assert token_of_the_page(campaign) == token_of_the_page(campaign)
    before = token_of_the_page(campaign)
    campaign.join()
    campaign.release()
    assert token_of_the_page(campaign) != before


def test_a_token_is_good_until_seven_days_after_the_next_edition(campaign: Campaign, clock: Clock) -> None:
    token = token_of_the_page(campaign)
    clock.advance(days=200)
    assert send(campaign, {"form_token": token, "email": "first@example.org"}).status_code == 303
    campaign.join()
    campaign.release()
    clock.advance(days=7)
    assert send(campaign, {"form_token": token, "email": "second@example.org"}).status_code == 303
    clock.advance(seconds=1)
    assert send(campaign, {"form_token": token, "email": "third@example.org"}).status_code == 422


def test_editions_after_the_next_neither_shorten_nor_lengthen_a_tokens_life(campaign: Campaign, clock: Clock) -> None:
    token = token_of_the_page(campaign)
    for number in range(1, 4):
        campaign.join(number)
        campaign.release()
        clock.advance(days=3)
    assert send(campaign, {"form_token": token}).status_code == 422
    assert send(campaign, {}).status_code == 303


def test_a_process_that_has_not_heard_of_an_edition_takes_its_token(campaign: Campaign) -> None:
    token = campaign.runtime.tokens.mint(Purpose.FORM, f"{campaign.slug} 5".encode())
    assert send(campaign, {"form_token": token}).status_code == 303


def test_a_token_does_not_go_stale_when_the_letter_changes(campaign: Campaign) -> None:
    token = token_of_the_page(campaign)
    change_letter(campaign, goal=77)
    assert send(campaign, {"form_token": token}).status_code == 303
    with campaign.runtime.reading() as session:
        assert session.query(EditionRow).count() == 0
