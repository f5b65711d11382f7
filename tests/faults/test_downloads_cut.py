"""A table that is being taken away when its process is ended: the reader notices, and no name stays behind."""

import http.client
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import insert, select

from letters.models.downloads import DownloadRow
from letters.models.signatures import SignatureRow
from letters.organising.handover.downloads import Course, list_downloads
from letters.organising.workspace.cookies import cookie_name
from letters.runtime import Runtime, utc_now
from letters.signing.pending import Identity, seal_context
from tests.faults.processes import Web, await_that
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer
from verification.identity.boxes import lock
from verification.identity.sealing import seal

MANY = 15_000
"""Signers; as JSON lines more than the buffers between server and reader hold."""

MARKER = "Vera Marker"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the server's processes put temporary files."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def web(environment: dict[str, str], tmp_path: Path, scratch: Path) -> Iterator[Web]:
    """One process that answers, with temporary files of its own."""
    (tmp_path / "counts").mkdir()
    own = {"TMPDIR": str(scratch), "UNDERSIGNED_COUNTS": str(tmp_path / "counts")}
    web = Web({**environment, **own}, tmp_path, workers=1)
    try:
        yield web
    finally:
        web.kill()


@pytest.fixture
def organiser(runtime: Runtime, app: Flask) -> Organiser:
    """An owner whose code app is ahead of the time, so that no code is used twice."""
    return found_team(replace(runtime, clock=Clock(utc_now())), app)


@pytest.fixture
def crowded(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """A letter whose names the owner can open."""
    campaign = organiser.campaign(mail_server)
    runtime, letter = campaign.runtime, campaign.letter
    key, random = runtime.keyring.identities(letter.slug), runtime.chance.token
    usual = {
        "letter_id": letter.id,
        "state": "confirmed",
        "display": "counted",
        "standing": "mailbox",
        "profession": "nurse",
        "region": "BY-MI",
    }

    def row(number: int) -> dict[str, object]:
        id = random(16)
        identity = Identity(f"{MARKER} {number}", f"signer{number}@example.org", "Больница, " * 20)
        sealed = seal(letter.public_key, identity.as_bytes(), seal_context(letter.slug, id))
        return {**usual, "id": id, "sealed": lock(key, sealed, id, random(12)), "address_index": random(32)}

    for start in range(0, MANY, 1000):
        rows = [row(number) for number in range(start, start + 1000)]
        runtime.settle(lambda session, rows=rows: session.execute(insert(SignatureRow), rows))  # type: ignore[misc]
    return campaign


@contextmanager
def taking(web: Web, organiser: Organiser, campaign: Campaign, form: str) -> Iterator[http.client.HTTPResponse]:
    """A table on its way to the organiser's browser."""
    name = cookie_name(organiser.runtime.settings)
    cookie = organiser.client.get_cookie(name, domain=urlsplit(web.url).hostname or "", path="/workspace")
    assert cookie is not None
    connection = http.client.HTTPConnection(urlsplit(web.url).netloc, timeout=30)
    connection.request(
        "POST",
        f"/workspace/letters/{campaign.slug}/handover/names",
        urlencode({"form": form, "csrf_token": organiser.csrf}),
        {"Cookie": f"{name}={cookie.value}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    try:
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        yield answer
    finally:
        connection.close()


def course(organiser: Organiser, campaign: Campaign, after: timedelta = timedelta()) -> list[Course]:
    with campaign.runtime.reading() as session:
        now = utc_now() + after
        return [one.course for one in list_downloads(session, campaign.letter.id, organiser.account_id, now)]


def left_behind(folder: Path) -> list[Path]:
    """Files of the installation in which a name stands in clear."""
    return [file for file in folder.rglob("*") if file.is_file() and holds_a_name(file)]


def holds_a_name(file: Path) -> bool:
    try:
        return MARKER.encode() in file.read_bytes()
    except FileNotFoundError:  # processes that go on write their counts anew each second, and rename them
        return False


def held_open(pid: int) -> set[str]:
    """What a process holds open on a disk, beside the database, libraries and its log; deleted files included."""
    links = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.add(str(handle.readlink()))
        except OSError:  # closed meanwhile
            continue
    return {link for link in links if "deleted" in link or "scratch" in link or "memfd" in link}


def test_a_reader_notices_when_the_process_is_killed_and_no_name_stays_behind(
    organiser: Organiser, crowded: Campaign, web: Web, scratch: Path, tmp_path: Path
) -> None:
    web.start()
    with taking(web, organiser, crowded, "jsonl") as answer:
        assert MARKER.encode() in answer.read(1 << 16)
        (process,) = web.children()
        assert (list(scratch.iterdir()), held_open(process)) == ([], set())
        os.kill(process, signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, OSError)):
            answer.read()
    assert (list(scratch.iterdir()), left_behind(tmp_path)) == ([], [])
    assert course(organiser, crowded) == [Course.RUNNING]
    assert course(organiser, crowded, timedelta(minutes=6)) == [Course.BROKEN_OFF]


def test_a_reader_who_hangs_up_is_noted(organiser: Organiser, crowded: Campaign, web: Web) -> None:
    web.start()
    with taking(web, organiser, crowded, "jsonl") as answer:
        answer.read(1 << 16)
    await_that(lambda: course(organiser, crowded) == [Course.BROKEN_OFF], 15, lambda: "the process never noticed that")
    with crowded.runtime.reading() as session:
        assert 0 < session.scalars(select(DownloadRow)).one().done < MANY
