"""Bounces: a mailbox that is not there ends its subscription, counted once; nothing else does, and no file stays."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.organising.updating.bouncing import AT_ONCE, Came, take_bounce, take_folder
from letters.signing.update_mail import NUMBER_BYTES
from letters.worker import Worker
from tests.letters.organising.updating.subscribing import (
    Post,
    begin,
    handle_of,
    outbox,
    returned,
    subscribe,
    update_row,
)
from tests.parts.campaign import Campaign
from verification.mailbox.bounces import LARGEST
from verification.mailbox.tokens import Purpose

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def message_ids(campaign: Campaign, post: Post) -> dict[bytes, str]:
    """The Message-ID that each of two subscribers got, by signature."""
    ids = subscribe(campaign, 1, 2)
    begin(campaign)
    post.deliver()
    mails = [campaign.mail_server.to(f"signer{number}@example.org")[0] for number in (1, 2)]
    return {id: mail["Message-ID"] for id, mail in zip(ids, mails, strict=True)}


def subscribed(campaign: Campaign, ids: dict[bytes, str]) -> list[bool]:
    return [handle_of(campaign.runtime, id) is not None for id in ids]


def test_a_hard_bounce_ends_that_subscription_and_is_counted_once(
    campaign: Campaign, message_ids: dict[bytes, str]
) -> None:
    bounce = returned(next(iter(message_ids.values())))
    assert [take_bounce(campaign.runtime, bounce) for _ in range(3)] == [Came.ENDED, Came.NOTHING, Came.NOTHING]
    assert subscribed(campaign, message_ids) == [False, True]
    assert update_row(campaign, 1).bounced == 1


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2")])
def test_a_soft_bounce_ends_nothing(
    campaign: Campaign, message_ids: dict[bytes, str], action: str, status: str
) -> None:
    for message_id in message_ids.values():
        assert take_bounce(campaign.runtime, returned(message_id, action=action, status=status)) is Came.NOTHING
    assert subscribed(campaign, message_ids) == [True, True]


def test_a_forged_bounce_ends_nothing(campaign: Campaign, message_ids: dict[bytes, str]) -> None:
    tokens, (first, second) = campaign.runtime.tokens, message_ids
    handle = handle_of(campaign.runtime, first)
    assert handle is not None
    genuine = message_ids[second].removeprefix("<update.").partition("@")[0]
    content, _, signature = genuine.partition(".")
    forged = [
        f"{tokens.mint(Purpose.UNSUBSCRIBE, handle)}",
        f"{tokens.mint(Purpose.UPDATE, handle)}",
        f"{tokens.mint(Purpose.UPDATE, handle + bytes(NUMBER_BYTES + 1))}",
        f"{content[:-1]}{'A' if content[-1] != 'A' else 'B'}.{signature}",
        f"{content}.{signature[::-1]}",
        "x",
    ]
    for token in forged:
        came = take_bounce(campaign.runtime, returned(f"<update.{token}@undersigned.example>"))
        assert came is Came.NOTHING
    assert subscribed(campaign, message_ids) == [True, True]


@sqlite_only
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300))
def test_any_other_mail_ends_nothing(campaign: Campaign, raw: bytes) -> None:
    assert take_bounce(campaign.runtime, raw) is Came.NO_BOUNCE


def test_a_mailbox_refused_while_sending_ends_the_subscription(campaign: Campaign, post: Post) -> None:
    campaign.mail_server.mood.recipient = lambda address: "550 5.1.1 no such mailbox" if "1@" in address else "250 OK"
    first, second = subscribe(campaign, 1, 2)
    number = begin(campaign)
    post.deliver()
    assert handle_of(campaign.runtime, first) is None
    assert handle_of(campaign.runtime, second) is not None
    assert (update_row(campaign, number).bounced, outbox(campaign.runtime)) == (1, [])


@pytest.mark.parametrize("answer", ["554 5.7.1 Relay access denied", "451 4.7.1 try later"])
def test_what_a_server_refuses_by_its_own_rules_ends_no_subscription(
    campaign: Campaign, post: Post, answer: str
) -> None:
    campaign.mail_server.mood.recipient = lambda _address: answer
    (id,) = subscribe(campaign, 1)
    number = begin(campaign)
    post.deliver()
    assert handle_of(campaign.runtime, id) is not None
    assert update_row(campaign, number).bounced == 0
    assert [row.address_box for row in outbox(campaign.runtime)] == [b""]


def maildir(folder: Path, *messages: bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(messages):
        (folder / ("new" if number % 2 else "cur") / f"{number}.mx").write_bytes(message)
    return folder


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_lies_in_the_folder_is_read_and_deleted(
    campaign: Campaign, message_ids: dict[bytes, str], tmp_path: Path
) -> None:
    bounces = [returned(message_id) for message_id in message_ids.values()]
    folder = maildir(tmp_path / "bounces", *bounces, bounces[0], b"no bounce", b"x" * (LARGEST + 10), b"")
    assert take_folder(campaign.runtime, folder) == 6
    assert (left(folder), subscribed(campaign, message_ids)) == ([], [False, False])


@sqlite_only
def test_a_full_folder_is_read_in_portions(campaign: Campaign, tmp_path: Path) -> None:
    folder = maildir(tmp_path / "bounces", *[b"no bounce"] * (AT_ONCE + 3))
    assert [take_folder(campaign.runtime, folder) for _ in range(3)] == [AT_ONCE, 3, 0]


@sqlite_only
def test_a_folder_that_is_not_there_yet_is_empty(campaign: Campaign, tmp_path: Path) -> None:
    assert take_folder(campaign.runtime, tmp_path / "nowhere") == 0


@sqlite_only
def test_what_is_still_being_delivered_and_what_is_no_file_is_left_alone(campaign: Campaign, tmp_path: Path) -> None:
    folder = maildir(tmp_path / "bounces")
    (folder / "tmp" / "half").write_bytes(b"half a mail")
    (folder / "new" / "folder").mkdir()
    target = tmp_path / "elsewhere"
    target.write_bytes(b"not a mail")
    (folder / "new" / "link").symlink_to(target)
    assert take_folder(campaign.runtime, folder) == 0
    assert target.exists()
    assert (folder / "tmp" / "half").exists()


@sqlite_only
def test_the_worker_looks_into_the_folder_of_the_settings(
    campaign: Campaign, message_ids: dict[bytes, str], post: Post, tmp_path: Path
) -> None:
    folder = maildir(tmp_path / "bounces", *map(returned, message_ids.values()))
    runtime = replace(campaign.runtime, settings=replace(campaign.runtime.settings, bounces=folder))
    Worker(runtime, post.sender).round()
    assert (left(folder), subscribed(campaign, message_ids)) == ([], [False, False])
