"""The workspace's pages about updates: writing, trying out, sending, stopping; who may, and what is never shown."""

import pytest

from letters.models.teams import Role, TrailRow
from letters.models.updates import UpdateState
from letters.organising.updating.feeding import AT_ONCE, feed_outbox
from tests.letters.organising.updating.subscribing import Post, outbox, subscribe, update_row
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

WRITTEN = {"subject-en": "A word", "body-en": "Thank you.", "body-ru": "Спасибо."}


@pytest.fixture
def campaign(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """The team's letter; its first invitation is out of the way."""
    campaign = organiser.campaign(mail_server)
    campaign.send_mail()
    mail_server.accepted.clear()
    return campaign


@pytest.fixture
def updates(campaign: Campaign) -> str:
    return f"/workspace/letters/{campaign.slug}/updates"


def begin(organiser: Organiser, updates: str, **form: str) -> str:
    """A new draft with these texts; returns its path."""
    path: str = organiser.post(updates).location
    assert organiser.post(path, version="1", **(form or WRITTEN)).status_code == 303
    return path


def acts(campaign: Campaign) -> list[tuple[str, int | None]]:
    with campaign.runtime.reading() as session:
        rows = session.query(TrailRow).order_by(TrailRow.id)
        return [(row.act, row.count) for row in rows if row.act.startswith("update")]


def test_the_list_shows_a_number_and_no_address(organiser: Organiser, campaign: Campaign, updates: str) -> None:
    subscribe(campaign, 1, 2, 3)
    page = organiser.get(updates).text
    assert "<dd>3</dd>" in page
    assert "signer1" not in page
    assert "No updates yet." in page


def test_what_is_written_comes_back_beside_its_mail(organiser: Organiser, updates: str) -> None:
    path = begin(organiser, updates)
    page = organiser.get(path).text
    assert 'value="A word"' in page
    assert "Thank you.\n\n-- \nYou asked for this mail." in page
    assert "https://undersigned.example/unsubscribe/…" in page
    assert "The news that you asked for" not in page.partition("Беларуская")[2].partition("<pre>")[0]


def test_an_empty_subject_is_shown_as_the_neutral_one(organiser: Organiser, updates: str) -> None:
    path = begin(organiser, updates, **{"body-en": "Thank you."})
    assert "<strong>The news that you asked for</strong>" in organiser.get(path).text


def test_markup_in_a_text_is_shown_and_not_obeyed(organiser: Organiser, updates: str) -> None:
    path = begin(organiser, updates, **{"body-en": "<script>alert(1)</script></pre></textarea>"})
    assert "<script>alert" not in organiser.get(path).text


def test_the_second_of_two_editors_is_told_and_loses_nothing(organiser: Organiser, updates: str) -> None:
    colleague, path = organiser.colleague(Role.EDITOR), begin(organiser, updates)
    assert organiser.post(path, version="2", **{"body-en": "first"}).status_code == 303
    told = colleague.post(path, version="2", **{"body-en": "second"})
    assert told.status_code == 409
    assert "\nsecond</textarea>" in told.text
    assert "<pre>first" in told.text
    assert 'name="version" value="3"' in told.text
    assert colleague.post(path, version="3", **{"body-en": "both"}).status_code == 303


@pytest.mark.parametrize(
    ("field", "text"), [("body-en", "back\u202ewards"), ("subject-en", "x" * 200), ("body-ru", "я" * 10_001)]
)
def test_a_text_that_cannot_be_mailed_comes_back_with_a_word_at_its_field(
    organiser: Organiser, updates: str, field: str, text: str
) -> None:
    path = begin(organiser, updates)
    answer = organiser.post(path, version="2", **{field: text})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert text in answer.text


def test_a_test_goes_to_the_organisers_own_address(organiser: Organiser, campaign: Campaign, updates: str) -> None:
    subscribe(campaign, 1)
    path: str = organiser.post(updates).location
    answer = organiser.post(path, version="1", test="en", **WRITTEN)
    assert "on its way to your own address" in organiser.get(answer.location).text
    campaign.send_mail()
    (accepted,) = campaign.mail_server.accepted
    assert accepted.recipients == (organiser.address,)
    assert accepted.message["Subject"] == "Test: A word"


def test_an_empty_language_cannot_be_tried_out(organiser: Organiser, campaign: Campaign, updates: str) -> None:
    path: str = organiser.post(updates).location
    answer = organiser.post(path, version="1", test="be", **WRITTEN)
    assert (answer.status_code, outbox(campaign.runtime)) == (422, [])
    assert "Write something in this language first" in answer.text
    assert "Thank you." in answer.text


def test_an_update_is_sent_stopped_and_sent_on(organiser: Organiser, campaign: Campaign, updates: str) -> None:
    subscribe(campaign, *range(24))
    subscribe(campaign, 24, language="ru")
    path = begin(organiser, updates)
    assert organiser.post(path, version="2", send="1", **WRITTEN).location == f"{path}/send"
    page = organiser.get(f"{path}/send").text
    assert "Send to 25 subscribers" in page
    assert "20 subscribers or a few more" in page
    assert "few subscribers" in page
    assert organiser.post(f"{path}/send", version="3").location == path
    feed_outbox(campaign.runtime)
    assert "Waiting for the mail server" in organiser.get(path).text
    assert organiser.post(f"{path}/stop").location == path
    assert update_row(campaign, 1).state == UpdateState.STOPPED.value
    assert "Go on sending" in organiser.get(path).text
    assert organiser.post(f"{path}/send", version="5").location == path
    Post.of(campaign).deliver()
    assert len({mail.recipients for mail in campaign.mail_server.accepted}) == 25
    assert acts(campaign) == [("update-sent", 25), ("update-stopped", AT_ONCE), ("update-sent", 25)]


def test_a_missing_language_is_on_the_check_list_and_keeps_it_back(
    organiser: Organiser, campaign: Campaign, updates: str
) -> None:
    subscribe(campaign, 1, language="be")
    path = begin(organiser, updates)
    page = organiser.get(f"{path}/send").text
    assert "a text is missing" in page
    assert "Send to" not in page
    assert organiser.post(f"{path}/send", version="2").status_code == 409
    assert update_row(campaign, 1).state == UpdateState.DRAFT.value


def test_sending_asks_again_who_it_is(organiser: Organiser, campaign: Campaign, updates: str) -> None:
    subscribe(campaign, 1)
    path = begin(organiser, updates)
    organiser.runtime.clock.advance(minutes=11)  # type: ignore[attr-defined]
    assert "Is it you?" in organiser.get(f"{path}/send").text
    assert "Is it you?" in organiser.post(f"{path}/send", version="2").text
    assert update_row(campaign, 1).state == UpdateState.DRAFT.value
    assert organiser.post(f"{path}/send", version="2", **organiser.again()).status_code == 303
    assert update_row(campaign, 1).state == UpdateState.SENDING.value


def test_reviewers_neither_see_nor_send_updates(organiser: Organiser, updates: str) -> None:
    path, reviewer = begin(organiser, updates), organiser.colleague(Role.REVIEWER)
    for method, address in (
        ("get", updates),
        ("post", updates),
        ("get", path),
        ("post", path),
        ("get", f"{path}/send"),
        ("post", f"{path}/send"),
        ("post", f"{path}/stop"),
        ("post", f"{path}/delete"),
    ):
        assert getattr(reviewer, method)(address).status_code == 403, (method, address)


def test_an_update_that_is_not_there_has_no_page(organiser: Organiser, updates: str) -> None:
    begin(organiser, updates)
    assert organiser.get(f"{updates}/2").status_code == 404
    assert organiser.get(f"{updates}/2/send").status_code == 404
    for what in ("", "/send", "/delete"):
        assert organiser.post(f"{updates}/2{what}", version="1").status_code == 404
    assert organiser.post(f"{updates}/2/stop").status_code == 409


def test_a_draft_is_thrown_away_only_as_it_was_seen(organiser: Organiser, updates: str) -> None:
    path = begin(organiser, updates)
    assert organiser.post(f"{path}/delete", version="1").status_code == 409
    assert organiser.post(f"{path}/delete", version="2").location == updates
    assert organiser.get(path).status_code == 404
