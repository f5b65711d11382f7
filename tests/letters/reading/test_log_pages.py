"""A letter's log: in words for readers, and in the published formats for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from letters.app import create_app
from letters.runtime import Runtime
from letters.settings import ROOT
from tests.letters.reading.logging_by_hand import (
    SEED,
    WITNESS,
    change_edition,
    cosigned,
    get,
    grow,
    head,
    released,
    unsign,
)
from tests.letters.signing.asking import Shown, show
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from verification.ledger.checkpoints import open_checkpoint
from verification.ledger.cosignatures import cosigned_at, cosigner
from verification.ledger.hashing import leaf_hash, root_of
from verification.ledger.notes import Note, VerifierKey
from verification.ledger.tiles import decode_bundle

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

AT = 1_798_800_000  # 1 January 2027, 10:40 UTC
FOR_EVER = "public, max-age=31536000, immutable"


def read(campaign: Campaign) -> Shown:
    answer = campaign.client.get(f"/en/letters/{campaign.slug}/log")
    assert answer.status_code == 200
    return show(answer)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Collect every statement that is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_checkpoint_is_a_note_signed_by_the_key_that_the_page_shows(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    answer = get(campaign, "log/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    key = next(word for word in read(campaign).text.split() if word.startswith("undersigned.example/letters/"))
    checkpoint = open_checkpoint(answer.text, VerifierKey.parse(key))
    newest = head(campaign, 2)
    assert (checkpoint.size, checkpoint.root) == (newest.size, newest.root)
    assert checkpoint.origin == f"undersigned.example/letters/{campaign.slug}/log"


def test_the_checkpoint_carries_the_cosignatures_that_have_come(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    cosigned(campaign, 1, AT)
    note = Note.parse(get(campaign, "log/checkpoint").text)
    assert cosigned_at(note, cosigner(WITNESS, SEED)) == AT


def test_a_checkpoint_that_was_read_before_costs_no_query(campaign: Campaign, clock: Clock, runtime: Runtime) -> None:
    released(campaign, clock)
    client = create_app(replace(runtime, learn_every=60)).test_client()
    url = f"/letters/{campaign.slug}/log/checkpoint"
    first = client.get(url)
    with counting(runtime.engine) as sent:
        for language in ("en", "en", "be", "ru"):  # the front desk knows none of these addresses at first
            assert client.get(url, headers={"Accept-Language": language}).data == first.data
            assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert sent == []


def test_a_new_checkpoint_is_seen_as_soon_as_it_is_signed(campaign: Campaign, clock: Clock) -> None:
    assert get(campaign, "log/checkpoint").status_code == 404
    for _ in range(2):
        released(campaign, clock)
        newest = campaign.letter.head
        assert newest.size == campaign.letter.edition.log_size
        assert get(campaign, "log/checkpoint").text == newest.checkpoint


def test_the_entries_make_the_root_of_the_checkpoint(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 3)
    size, root = campaign.letter.head.size, campaign.letter.head.root
    entries = decode_bundle(get(campaign, f"log/tile/entries/000.p/{size}").data)
    hashes = get(campaign, f"log/tile/0/000.p/{size}").data
    assert len(entries) == size
    assert b"".join(map(leaf_hash, entries)) == hashes
    assert root_of(list(map(leaf_hash, entries))) == root


def test_a_tile_never_changes_and_is_kept_for_a_year(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    answer = get(campaign, "log/tile/0/000.p/2")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Cache-Control"] == FOR_EVER
    assert "Vary" not in answer.headers
    released(campaign, clock, 2)
    again = get(campaign, "log/tile/0/000.p/2")
    assert (again.data, again.headers["ETag"]) == (answer.data, answer.headers["ETag"])
    assert get(campaign, "log/tile/0/000.p/2", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_scripts_of_other_sites_may_read_the_log(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for path in ("log/checkpoint", "log/tile/0/000.p/1", "log/tile/entries/000.p/1"):
        for headers in ({}, {"If-None-Match": get(campaign, path).headers["ETag"]}):
            assert get(campaign, path, **headers).headers["Access-Control-Allow-Origin"] == "*"
        assert campaign.client.get(f"/en/letters/{campaign.slug}/{path}").status_code == 404


def test_a_large_log_comes_in_full_tiles_and_a_partial_one(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    entries = grow(campaign, 600)
    hashes = list(map(leaf_hash, entries))
    found = {path: get(campaign, f"log/tile/{path}").data for path in ("0/000", "0/001", "0/002.p/88", "1/000.p/2")}
    assert b"".join(found[path] for path in ("0/000", "0/001", "0/002.p/88")) == b"".join(hashes)
    assert found["1/000.p/2"] == root_of(hashes[:256]) + root_of(hashes[256:512])
    assert get(campaign, "log/tile/0/000.p/5").data == b"".join(hashes[:5])
    assert decode_bundle(get(campaign, "log/tile/entries/001").data) == entries[256:512]
    assert decode_bundle(get(campaign, "log/tile/entries/001.p/7").data) == entries[256:263]


def test_a_tile_beyond_the_log_is_not_there(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    grow(campaign, 600)
    wider = "0/002", "0/002.p/89", "0/003.p/1", "1/000", "1/000.p/3", "2/000.p/1", "63/000.p/1", "entries/002.p/89"
    assert {get(campaign, f"log/tile/{path}").status_code for path in wider} == {404}


def test_leaves_beyond_the_signed_head_are_not_there_yet(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    signed, unsigned = head(campaign, 1).size, head(campaign, 2).size
    unsign(campaign, 2)
    for level in ("0", "entries"):
        assert get(campaign, f"log/tile/{level}/000.p/{signed}").status_code == 200
        assert get(campaign, f"log/tile/{level}/000.p/{signed + 1}").status_code == 404
        assert get(campaign, f"log/tile/{level}/000.p/{unsigned}").status_code == 404
    assert get(campaign, "log/checkpoint").text == head(campaign, 1).checkpoint


ODD_TILES = [
    "", "0", "0/", "0/0", "0/000", "0/000.p", "0/000.p/", "0/000.p/0", "0/000.p/256", "0/000.p/007", "0/000.p/1/",
    "0/000.p/-1", "0/000.p/+1", "0/000.p/%D9%A1", "0/000.p/1%20", "0/000.p/1%0a", "0/000.p/9999999999", "00/000.p/1",
    "0/x1", "0/x001", "0/x1/000.p/1", "0/x000/000.p/1", "0/X001/000.p/1", "0/1000.p/1", "0/00.p/1", "64/000.p/1",
    "-1/000.p/1", "999/000.p/1", "entries", "entries/x1.p/1", "entry/000.p/1", "../checkpoint", "0/../0/000.p/1",
    "%2e%2e/checkpoint", "0/%2e%2e/%2e%2e/checkpoint", "0%2f000%2ep%2f0", "0/000%00.p/1", "0//000.p/1", "0/000.P/1",
    "0/000.p/1.sig", "0/" + "x999/" * 6 + "999", "0/" + "x999/" * 5 + "999", "0/" + "9" * 5000, "٣/000.p/1", "%ff",
]  # fmt: skip


def test_an_odd_address_is_no_tile(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    for path in ODD_TILES:
        answer = get(campaign, f"log/tile/{path}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store"), path


def test_the_page_says_how_far_the_log_has_come(campaign: Campaign, clock: Clock) -> None:
    assert "The log of this letter has not begun." in read(campaign).text
    released(campaign, clock, 2)
    text = read(campaign).text
    assert f"Leaves {campaign.letter.head.size}" in text
    assert " ".join(campaign.letter.head.checkpoint.split()) in text
    assert f"python audit.py --state seen.txt https://undersigned.example/letters/{campaign.slug}" in text


def test_the_page_says_which_editions_are_from_before_the_log(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock, 2)
    assert "before the log" not in read(campaign).text
    change_edition(campaign, 1, log_size=None)
    assert "Edition 1 is from before the log. Its signatures have no leaves" in read(campaign).text


def test_the_page_says_who_cosigned_and_otherwise_that_nobody_was_asked(campaign: Campaign, clock: Clock) -> None:
    released(campaign, clock)
    assert "No witness has been named." in read(campaign).text
    cosigned(campaign, 1, AT)
    text = read(campaign).text
    assert "No witness" not in text
    assert f"{WITNESS} 1 January 2027, 10:40" in text.replace("\u00a0", " ")


def test_where_witnesses_are_named_the_page_says_whether_they_have_come(
    campaign: Campaign, clock: Clock, runtime: Runtime
) -> None:
    released(campaign, clock)
    named = replace(runtime, settings=replace(runtime.settings, witnesses=runtime.settings.keys / "witnesses"))
    answer = create_app(named).test_client().get(f"/en/letters/{campaign.slug}/log")
    assert "No witness has cosigned the newest checkpoint so far." in show(answer).text


def test_the_log_says_nothing_about_who_signed(campaign: Campaign, clock: Clock) -> None:
    campaign.join(7, display="named", name="Vera Example", workplace="Secret ward")
    released(campaign, clock)
    size = campaign.letter.head.size
    for path in ("log", "log/checkpoint", f"log/tile/entries/000.p/{size}", "editions/1", "editions.csv"):
        found = get(campaign, path).data
        assert [word for word in (b"Vera", b"Secret", b"signer7", b"example.org") if word in found] == []


def test_the_auditor_is_a_file_to_download(campaign: Campaign) -> None:
    answer = campaign.client.get("/audit.py")
    assert answer.data == (ROOT / "deploy" / "audit.py").read_bytes()
    assert answer.content_type == "text/x-python; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.py"'
    etag = answer.headers["ETag"]
    assert campaign.client.get("/audit.py", headers={"If-None-Match": etag}).status_code == 304
