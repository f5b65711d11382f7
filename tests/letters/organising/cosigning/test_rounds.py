"""Rounds of asking: each head is cosigned once, whatever the witnesses are like, and nothing waits for them."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select
from structlog.testing import capture_logs

from letters.models.letters import LetterRow
from letters.models.log import CosignatureRow, LogHeadRow
from letters.organising.patience import FIRST
from letters.runtime import Runtime, utc_now
from letters.signing.sending import Sender, make_transport
from letters.worker import Worker
from tests.letters.organising.cosigning.conftest import SEED, Mood, Office, Seconds, Site, always, office
from tests.parts.campaign import open_campaign
from tests.parts.server import free_port, running_worker
from tests.parts.witness import found_witness, running_witness
from verification.database import table_of
from verification.ledger.cosignatures import cosigned_at, cosigner
from verification.ledger.notes import Note, VerifierKey
from verification.ledger.witness import SIZE, TEXT, Answer

NAME, OTHER = "newsroom.example.org/witness", "university.example.org/witness"

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def witness(site: Site) -> Iterator[Office]:
    """A witness that follows the letter's log and does as the specification has it."""
    with office(lambda body: site.witness(NAME).add_checkpoint(body)) as there:
        yield there


def kept(site: Site) -> list[tuple[int, str]]:
    with site.runtime.reading() as session:
        rows = session.scalars(select(CosignatureRow).order_by(CosignatureRow.size, CosignatureRow.witness))
        return [(row.size, row.witness) for row in rows]


def revision(site: Site) -> int:
    with site.runtime.reading() as session:
        return session.scalar(select(LetterRow.revision).where(LetterRow.slug == site.campaign.slug))


def test_each_head_is_cosigned_once_and_pages_learn_of_it(site: Site, witness: Office) -> None:
    asking, before = site.asking((NAME, witness.url)), revision(site)
    asking.round()
    assert kept(site) == [(1, NAME)]
    assert revision(site) == before + 1
    asking.round()
    assert len(witness.bodies) == 1
    assert revision(site) == before + 1
    site.grow(1)
    asking.round()
    assert kept(site) == [(1, NAME), (3, NAME)]


@sqlite_only
def test_what_is_kept_can_be_checked_by_anyone(site: Site, witness: Office) -> None:
    site.asking((NAME, witness.url)).round()
    head = site.head
    (cosignature,) = head.cosignatures
    assert cosigned_at(Note.parse(head.checkpoint), cosigner(NAME, SEED)) == cosignature.at.timestamp()
    assert abs(cosignature.at - utc_now()) < timedelta(minutes=1)


@sqlite_only
def test_the_next_reader_gets_the_cosignature_with_the_checkpoint(site: Site, witness: Office) -> None:
    address = f"/letters/{site.campaign.slug}/log/checkpoint"
    before = site.campaign.client.get(address)
    assert (before.status_code, before.text) == (200, site.head.note)
    site.asking((NAME, witness.url)).round()
    after = site.campaign.client.get(address)
    assert after.text == site.head.checkpoint != site.head.note
    assert after.headers["ETag"] != before.headers["ETag"]


@sqlite_only
def test_a_new_worker_goes_on_from_what_is_kept(site: Site, witness: Office) -> None:
    site.asking((NAME, witness.url)).round()
    site.grow(1)
    site.asking((NAME, witness.url)).round()
    assert kept(site) == [(1, NAME), (3, NAME)]
    assert witness.bodies[1].startswith(b"old 1\n")
    assert len(witness.bodies) == 2


@sqlite_only
def test_a_site_that_forgot_is_told_where_the_witness_is(site: Site, witness: Office) -> None:
    site.asking((NAME, witness.url)).round()
    site.runtime.settle(lambda session: session.execute(delete(CosignatureRow)))
    site.grow(1)
    site.asking((NAME, witness.url)).round()
    assert kept(site) == [(3, NAME)]
    assert [body.split(b"\n")[0] for body in witness.bodies] == [b"old 0", b"old 0", b"old 1"]


@sqlite_only
def test_a_witness_that_is_down_is_left_alone_and_holds_nobody_up(site: Site, witness: Office) -> None:
    seconds = Seconds()
    asking = site.asking((OTHER, f"http://127.0.0.1:{free_port()}"), (NAME, witness.url), seconds=seconds)
    with capture_logs() as lines:
        for _second in range(4):
            asking.round()
    assert kept(site) == [(1, NAME)]
    assert [(line["event"], line["witness"], line["kind"]) for line in lines] == [
        ("witness failed", OTHER, "WitnessAway")
    ]


@sqlite_only
def test_a_witness_that_comes_back_is_asked_about_the_newest_head(site: Site, witness: Office) -> None:
    seconds, well = Seconds(), witness.mood
    asking = site.asking((NAME, witness.url), seconds=seconds)
    witness.mood = always(Answer(503, TEXT, b""))
    asking.round()
    site.grow(1)
    asking.round()
    assert len(witness.bodies) == 1
    seconds.now, witness.mood = FIRST, well
    asking.round()
    assert kept(site) == [(3, NAME)]


@sqlite_only
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, TEXT, b"rubbish\n"),
        Answer(200, TEXT, b"x" * 1_000_000),
        Answer(302, TEXT, b""),
        Answer(500, TEXT, b""),
        Answer(409, SIZE, b"0" * 9),
        Answer(409, SIZE, b"0\n"),
    ],
)
def test_rubbish_is_not_kept_and_not_asked_for_again_at_once(site: Site, witness: Office, answer: Answer) -> None:
    witness.mood = always(answer)
    asking = site.asking((NAME, witness.url))
    with capture_logs() as lines:
        for _second in range(3):
            asking.round()
    assert kept(site) == []
    assert [line["kind"] for line in lines] == ["BadReply"]
    assert len(witness.bodies) <= 3


@sqlite_only
def test_a_witness_with_another_key_is_not_believed(site: Site, witness: Office) -> None:
    witness.mood = lambda body: site.witness(NAME, seed=bytes(32)).add_checkpoint(body)
    asking = site.asking((NAME, witness.url))
    with capture_logs() as lines:
        asking.round()
    assert kept(site) == []
    assert [(line["kind"], line["why"]) for line in lines] == [("BadReply", "UnknownKey")]


@sqlite_only
def test_a_witness_that_has_seen_more_of_the_log_is_told_of(site: Site, witness: Office) -> None:
    witness.mood = always(Answer(409, SIZE, b"4000\n"))
    with capture_logs() as lines:
        site.asking((NAME, witness.url)).round()
    assert [line["why"] for line in lines] == ["it has cosigned 4000 leaves, and the log has 1"]


@sqlite_only
def test_a_witness_that_has_seen_another_log_is_told_of(site: Site, witness: Office) -> None:
    state = site.witness(NAME)
    with state.seen.locked(site.head.origin) as memory:
        memory.remember(1, bytes(32))
    with capture_logs() as lines:
        site.asking((NAME, witness.url)).round()
        site.grow(1)
        site.asking((NAME, witness.url)).round()
    assert [line["why"] for line in lines] == ["it has cosigned another log of 1 leaves", "status 422"]
    assert kept(site) == []


@sqlite_only
def test_a_log_that_a_witness_does_not_follow_holds_no_other_up(site: Site, witness: Office, app: Flask) -> None:
    second = open_campaign(site.runtime, app, site.campaign.mail_server, slug="safe-staffing")
    worker_round(site.runtime, app)
    asking = site.asking((NAME, witness.url))
    with capture_logs() as lines:
        asking.round()
        asking.round()
    assert [(line["letter"], line["why"]) for line in lines] == [(second.slug, "status 404")]
    assert kept(site) == [(1, NAME)]


def test_two_workers_keep_each_cosignature_once(site: Site, witness: Office) -> None:
    together, well, before = threading.Barrier(2), witness.mood, revision(site)

    def wait(body: bytes) -> Answer:
        if body.startswith(b"old 0"):
            together.wait(5)
        return well(body)

    witness.mood = wait
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda asking: asking.round(), [site.asking((NAME, witness.url)) for _worker in range(2)]))
    assert kept(site) == [(1, NAME)]
    assert revision(site) == before + 1


@sqlite_only
def test_no_witness_is_asked_about_a_head_that_is_not_signed(site: Site, witness: Office) -> None:
    asking = site.asking((NAME, witness.url))
    asking.round()
    site.runtime.settle(
        lambda session: session.execute(
            insert(table_of(LogHeadRow)).values(letter_id=1, size=2, root=bytes(32), note=None)
        )
    )
    asking.round()
    assert len(witness.bodies) == 1


@sqlite_only
def test_a_worker_asks_a_real_witness_while_it_works(site: Site, app: Flask) -> None:
    verifier = found_witness(site.folder)
    with running_witness(site.folder, verifier) as witness:
        witness.follow(VerifierKey.parse(site.head.verifier))
        with working(site, app, verifier, witness.url):
            await_kept(site, [(1, verifier.name)])
            site.grow(1)
            await_kept(site, [(1, verifier.name), (3, verifier.name)])


@sqlite_only
def test_mail_does_not_wait_for_a_witness(site: Site, witness: Office, app: Flask) -> None:
    witness.mood, asked, answered = hanging()
    with working(site, app, cosigner(NAME, SEED), witness.url):
        assert asked.wait(5)
        site.campaign.sign(email="vera@example.org")
        until = time.monotonic() + 3
        while not site.campaign.links("vera@example.org") and time.monotonic() < until:
            time.sleep(0.02)
        assert not answered.is_set()
        assert len(site.campaign.links("vera@example.org")) == 1
        answered.set()


@sqlite_only
def test_a_worker_ends_when_told_though_a_witness_hangs(
    site: Site, witness: Office, environment: dict[str, str]
) -> None:
    witness.mood, asked, answered = hanging()
    file = site.folder / "witnesses.txt"
    file.write_text(f"witness newsroom {cosigner(NAME, SEED)} {witness.url}\n")
    with running_worker({**environment, "UNDERSIGNED_WITNESSES": str(file)}, site.folder) as worker:
        assert asked.wait(20)
        begun = time.monotonic()
        assert worker.stop() == 0
        assert time.monotonic() - begun < 4
        answered.set()


@sqlite_only
def test_a_worker_without_witnesses_starts_no_thread(site: Site, app: Flask) -> None:
    worker_round(site.runtime, app)
    assert [thread.name for thread in threading.enumerate() if thread.name == "cosigning"] == []


def hanging() -> tuple[Mood, threading.Event, threading.Event]:
    """A mood that answers nobody until it is told; and that it was asked, and what tells it."""
    asked, answered = threading.Event(), threading.Event()

    def hang(_body: bytes) -> Answer:
        asked.set()
        answered.wait(10)
        return Answer(503, TEXT, b"")

    return hang, asked, answered


def worker_round(runtime: Runtime, app: Flask) -> None:
    transport = make_transport(runtime)
    Worker(runtime, Sender(runtime, app, transport)).round()
    transport.close()


@contextmanager
def working(site: Site, app: Flask, verifier: VerifierKey, url: str) -> Iterator[None]:
    """A worker that asks one witness, until the block ends."""
    file, stopped = site.folder / "witnesses.txt", threading.Event()
    file.write_text(f"witness newsroom {verifier} {url}\n")
    runtime = replace(site.runtime, settings=replace(site.runtime.settings, witnesses=file))
    worker = Worker(runtime, Sender(runtime, app, make_transport(runtime)), idle=0.01)
    thread = threading.Thread(target=worker.run, args=(stopped.is_set,))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        for asking in threading.enumerate():
            if asking.name == "cosigning":
                asking.join()


def await_kept(site: Site, expected: list[tuple[int, str]]) -> None:
    until = time.monotonic() + 10
    while kept(site) != expected and time.monotonic() < until:
        time.sleep(0.05)
    assert kept(site) == expected
