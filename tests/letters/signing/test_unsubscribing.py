"""The page behind an update's private link: looking changes nothing, its button and one click end the subscription."""

import pytest

from tests.letters.organising.updating.subscribing import Post, begin, handle_of, outbox, subscribe
from tests.letters.signing.asking import everything, one_database, show, signatures
from tests.parts.campaign import LINK, Campaign
from verification.mailbox.tokens import Purpose

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def post(campaign: Campaign) -> Post:
    return Post.of(campaign)


@pytest.fixture
def mailed(campaign: Campaign, post: Post) -> tuple[bytes, str]:
    """A signature whose signer got an update, and the path that its mail brought."""
    (id,) = subscribe(campaign, 1)
    begin(campaign)
    post.deliver()
    (mail,) = campaign.mail_server.to("signer1@example.org")
    link = LINK.findall(mail.get_content())[0]
    assert mail["List-Unsubscribe"] == f"<{link}>"
    return id, "/" + link.split("/", 3)[3]


@one_database
def test_looking_shows_a_button_and_changes_nothing(campaign: Campaign, mailed: tuple[bytes, str]) -> None:
    before = everything(campaign.runtime)
    for language in ("", "/en", "/ru", "/be"):
        shown = campaign.client.get(language + mailed[1])
        assert (shown.status_code, 'method="post"' in shown.text) == (200, True)
        assert shown.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in shown.headers
    assert everything(campaign.runtime) == before


def test_the_button_ends_the_subscription_and_leaves_the_signature(
    campaign: Campaign, mailed: tuple[bytes, str]
) -> None:
    id, path = mailed
    answer = campaign.client.post("/en" + path)
    assert (answer.status_code, answer.location) == (303, "/en" + path)
    assert handle_of(campaign.runtime, id) is None
    assert [row.state for row in signatures(campaign.runtime)] == ["confirmed"]
    assert "No more news will come" in show(campaign.client.get(answer.location)).text


@pytest.mark.parametrize(("language", "origin"), [("", None), ("/en", "null"), ("/be", "https://mail.example")])
def test_one_click_ends_it_from_anywhere_and_is_sent_nowhere_else(
    campaign: Campaign, mailed: tuple[bytes, str], language: str, origin: str | None
) -> None:
    id, path = mailed
    headers = {"Origin": origin} if origin else {}
    answer = campaign.client.post(language + path, data=ONE_CLICK, headers=headers)
    assert (answer.status_code, "Location" in answer.headers, "Set-Cookie" in answer.headers) == (200, False, False)
    assert handle_of(campaign.runtime, id) is None


@one_database
def test_one_click_may_come_as_a_multipart_form(campaign: Campaign, mailed: tuple[bytes, str]) -> None:
    id, path = mailed
    assert campaign.client.post(path, data=ONE_CLICK, content_type="multipart/form-data").status_code == 200
    assert handle_of(campaign.runtime, id) is None


def test_asking_again_gets_the_same_answer(campaign: Campaign, mailed: tuple[bytes, str]) -> None:
    _id, path = mailed
    answers = [campaign.client.post(path, data=ONE_CLICK) for _ in range(3)]
    assert len({(answer.status_code, answer.data) for answer in answers}) == 1
    assert [campaign.client.post(path).status_code for _ in range(2)] == [303, 303]


def test_what_waits_to_be_mailed_there_goes_with_it(campaign: Campaign, post: Post, mailed: tuple[bytes, str]) -> None:
    campaign.mail_server.mood.recipient = lambda _address: "451 try later"
    begin(campaign)
    post.deliver()
    assert len(outbox(campaign.runtime)) == 1
    campaign.client.post(mailed[1], data=ONE_CLICK)
    assert outbox(campaign.runtime) == []


@one_database
def test_a_link_that_is_none_gets_an_honest_page(campaign: Campaign, mailed: tuple[bytes, str]) -> None:
    id, path = mailed
    tokens, handle = campaign.runtime.tokens, handle_of(campaign.runtime, id)
    assert handle is not None
    foreign = [tokens.mint(purpose, handle) for purpose in (Purpose.UPDATE, Purpose.MANAGE)]
    for token in (path.rpartition("/")[2][:-3], "x", *foreign):
        for answer in (campaign.client.get(f"/en/unsubscribe/{token}"), campaign.client.post(f"/unsubscribe/{token}")):
            assert answer.status_code == 404
    assert handle_of(campaign.runtime, id) == handle


def test_the_private_page_ends_it_too(campaign: Campaign) -> None:
    private = campaign.join(1, updates="1")
    (row,) = signatures(campaign.runtime)
    assert handle_of(campaign.runtime, row.id) is not None
    assert "Send me no more news" in campaign.client.get(private).text
    assert campaign.client.post(private, data={"unsubscribe": "1"}).status_code == 303
    assert handle_of(campaign.runtime, row.id) is None
    assert "Send me no more news" not in campaign.client.get(private).text
    assert [row.state for row in signatures(campaign.runtime)] == ["confirmed"]
