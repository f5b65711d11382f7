"""Editions as JSON: the figures of the count, what each changed and why, and where it ends in the log."""

from base64 import b64decode
from typing import Any

import pytest
from sqlalchemy import insert

from letters.models.heads import head_at
from letters.models.log import CosignatureRow
from tests.letters.api.asking import ask, live, refused
from tests.letters.api.test_pages import COUNT_KEYS
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

EDITION_KEYS = [*COUNT_KEYS[:-1], "changes", "reasons", "log"]


def edition(campaign: Campaign, number: int) -> dict[str, Any]:
    return ask(campaign, f"/{{slug}}/editions/{number}").json


def test_before_the_first_edition_the_list_is_one_empty_page(campaign: Campaign) -> None:
    assert ask(campaign, "/{slug}/editions").json == {"editions": [], "page": 1, "pages": 1}


def test_the_list_holds_each_edition_as_its_own_address_does(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    told = ask(campaign, "/{slug}/editions").json["editions"]
    assert [list(one) for one in told] == [EDITION_KEYS] * 3
    assert told == [edition(campaign, number) for number in (1, 2, 3)]


def test_the_newest_edition_has_the_figures_of_the_count(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    count, newest = ask(campaign, "/{slug}/count").json, edition(campaign, 3)
    assert {name: newest[name] for name in COUNT_KEYS[:-1]} == {name: count[name] for name in COUNT_KEYS[:-1]}


def test_an_edition_says_what_it_changed(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    assert [edition(campaign, number)["changes"] for number in (1, 2, 3)] == [
        {"signatures": 2, "withdrawn": 0, "voided": 0, "total": 2},
        {"signatures": 1, "withdrawn": 1, "voided": 0, "total": 0},
        {"signatures": 1, "withdrawn": 0, "voided": 0, "total": 1},
    ]
    assert edition(campaign, 2)["reasons"] == {}


def test_changes_add_up_to_the_total(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    told = ask(campaign, "/{slug}/editions").json["editions"]
    for name in ("signatures", "withdrawn", "voided", "total"):
        assert sum(one["changes"][name] for one in told) == told[-1][name]
    assert all(one["total"] == one["signatures"] - one["withdrawn"] - one["voided"] for one in told)


def test_an_edition_says_where_it_ends_in_the_log(campaign: Campaign, clock: Clock) -> None:
    live(campaign, clock)
    heads = [edition(campaign, number)["log"] for number in (1, 2, 3)]
    assert {head["origin"] for head in heads} == {f"undersigned.example/letters/{campaign.slug}/log"}
    assert all(head["key"].startswith(f"{head['origin']}+") for head in heads)
    assert [head["size"] for head in heads] == sorted({head["size"] for head in heads})
    for head in heads:
        origin, size, root = head["checkpoint"].splitlines()[:3]
        assert (origin, int(size), root) == (head["origin"], head["size"], head["root"])
        assert len(b64decode(root, validate=True)) == 32
        assert head["cosignatures"] == []


def test_cosignatures_stand_beside_the_head_and_in_its_checkpoint(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1)
    campaign.release()
    before = edition(campaign, 1)["log"]
    line = "— witness.example.net AAAA"
    values = {"letter_id": campaign.letter.id, "size": before["size"], "witness": "witness.example.net"}
    with campaign.runtime.engine.begin() as connection:
        connection.execute(insert(CosignatureRow).values(**values, cosigned_at=clock.now, line=line))
    change_letter(campaign, goal=6000)
    after = edition(campaign, 1)["log"]
    assert after["cosignatures"] == [{"witness": "witness.example.net", "time": "2026-12-01T09:00:00Z"}]
    with campaign.runtime.reading() as session:
        head = head_at(session, campaign.letter.id, before["size"])
    assert head is not None
    assert after["checkpoint"] == head.checkpoint
    assert line in after["checkpoint"]


def test_an_edition_from_before_there_were_logs_has_none(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    with campaign.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE editions SET log_size = NULL")
    assert edition(campaign, 1)["log"] is None


NO_NUMBER = [
    "0", "00", "01", "-1", "+1", "1.0", "1e0", "%D9%A1", "%EF%BC%91", "%C2%B2", "9" * 5000, "latest", "%00", "%ff",
    "2", "999999999",
]  # fmt: skip


def test_what_is_no_edition_is_a_404_that_says_which_there_are(campaign: Campaign) -> None:
    for number in NO_NUMBER:
        assert "no edition yet" in refused(ask(campaign, f"/{{slug}}/editions/{number}"), 404), number
    campaign.join(1)
    campaign.release()
    for number in NO_NUMBER:
        assert "editions 1 to 1" in refused(ask(campaign, f"/{{slug}}/editions/{number}"), 404), number


def test_an_edition_is_there_once_it_is_released(campaign: Campaign) -> None:
    refused(ask(campaign, "/{slug}/editions/1"), 404)
    campaign.join(1)
    campaign.release()
    assert edition(campaign, 1)["edition"] == 1


def test_an_edition_stays_the_same_bytes_when_others_follow(campaign: Campaign, clock: Clock) -> None:
    campaign.join(1)
    campaign.release()
    first = ask(campaign, "/{slug}/editions/1")
    campaign.join(2)
    clock.advance(minutes=1)
    campaign.release()
    assert ask(campaign, "/{slug}/editions/1").data == first.data
    again = ask(campaign, "/{slug}/editions/1", **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
