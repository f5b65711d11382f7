"""A download goes row by row: whoever may not take more gets no further row, and no name lies in a file meanwhile."""

import base64
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from letters.models.accounts import SessionRow
from letters.models.letters import LetterRow
from letters.models.teams import LetterKeyRow, MembershipRow, Role
from letters.organising.accounts.sessions import find_session
from letters.organising.handover.downloads import Course, Download, Form, list_downloads
from letters.organising.handover.permit import Permit
from letters.organising.handover.streaming import AT_ONCE, Handed, Hands, TooManyDownloads
from letters.organising.handover.way import Rhythm
from letters.organising.workspace.access import Access, NotFound, Visitor, member_of_letter
from letters.organising.workspace.cookies import cookie_name
from letters.runtime import Runtime
from tests.parts.campaign import Campaign
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer
from verification.identity.account_keys import csrf_token

UNFINISHED = "This file is not complete."
one_database = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def mine(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """The team's letter with five signers."""
    campaign = organiser.campaign(mail_server)
    for number in range(5):
        campaign.join(number, name=f"Vera Marker {number}")
    return campaign


@pytest.fixture
def hands(runtime: Runtime) -> Hands:
    """Looks at every row whether it may go, and sends each by itself."""
    return Hands(runtime, rhythm=Rhythm(beat=1, piece=1))


@pytest.fixture
def permit(organiser: Organiser, mine: Campaign) -> Permit:
    """The owner's, for JSON lines."""
    return permit_of(organiser, mine)


def permit_of(organiser: Organiser, campaign: Campaign, form: Form = Form.JSONL) -> Permit:
    runtime = campaign.runtime
    cookie = cookie_of(organiser)
    with runtime.reading() as session:
        opened = find_session(session, runtime.keyring, cookie, runtime.clock())
        member = member_of_letter(session, Visitor(cookie, csrf_token(cookie), opened), campaign.slug)
    return Permit(member, Access(role=Role.EDITOR, strong=True), form)


def cookie_of(organiser: Organiser) -> bytes:
    from_browser = organiser.client.get_cookie(
        cookie_name(organiser.runtime.settings), domain="undersigned.example", path="/workspace"
    )
    assert from_browser is not None
    return base64.urlsafe_b64decode(f"{from_browser.value}==")


def noted(organiser: Organiser, campaign: Campaign) -> list[Download]:
    runtime = campaign.runtime
    with runtime.reading() as session:
        return list(list_downloads(session, campaign.letter.id, organiser.account_id, runtime.clock()))


def test_how_far_it_is_can_be_seen_while_it_goes(
    organiser: Organiser, mine: Campaign, hands: Hands, permit: Permit
) -> None:
    handed = hands.start(permit, UNFINISHED)
    assert [(one.done, one.course) for one in noted(organiser, mine)] == [(0, Course.RUNNING)]
    for _ in range(3):
        next(handed)
    assert [(one.done, one.course) for one in noted(organiser, mine)] == [(2, Course.RUNNING)]
    assert len(list(handed)) >= 2
    assert noted(organiser, mine) == [Download(Form.JSONL, 5, 5, 0, Course.FINISHED)]


def test_what_is_taken_is_what_stood_when_it_began(mine: Campaign, hands: Hands, permit: Permit) -> None:
    handed = hands.start(permit, UNFINISHED)
    first = next(handed)
    mine.join(6)
    assert handed.total == 5
    assert len((first + b"".join(handed)).splitlines()) == 5


def test_a_reader_who_hangs_up_lets_go_of_everything(
    organiser: Organiser, mine: Campaign, hands: Hands, permit: Permit
) -> None:
    for _ in range(AT_ONCE + 1):
        handed = hands.start(permit, UNFINISHED)
        next(handed)
        handed.close()
    assert {one.course for one in noted(organiser, mine)} == {Course.BROKEN_OFF}
    assert mine.runtime.engine.pool.status().endswith("Current Checked out connections: 0")


@one_database
def test_a_download_that_nobody_closes_lets_go_as_well(hands: Hands, permit: Permit) -> None:
    for _ in range(AT_ONCE + 1):
        next(hands.start(permit, UNFINISHED))


def test_two_are_handed_over_at_once_and_a_third_waits(mine: Campaign, hands: Hands, permit: Permit) -> None:
    one, other = (hands.start(permit, UNFINISHED) for _ in range(AT_ONCE))
    with pytest.raises(TooManyDownloads):
        hands.start(permit, UNFINISHED)
    pairs = list(zip(one, other, strict=True))
    assert b"".join(first for first, _ in pairs) == b"".join(second for _, second in pairs)
    assert len(list(hands.start(permit, UNFINISHED))) == len(pairs)


def leave(session: Session) -> None:
    session.execute(delete(MembershipRow))


def step_down(session: Session) -> None:
    session.execute(update(MembershipRow).values(role=Role.REVIEWER.value))


def lose_the_key(session: Session) -> None:
    session.execute(delete(LetterKeyRow))


def sign_out(session: Session) -> None:
    session.execute(delete(SessionRow))


@pytest.mark.parametrize("meanwhile", [leave, step_down, lose_the_key, sign_out])
def test_whoever_may_no_longer_take_names_gets_no_further_one(
    organiser: Organiser, mine: Campaign, hands: Hands, permit: Permit, meanwhile: Callable[[Session], None]
) -> None:
    stops(organiser, mine, hands.start(permit, UNFINISHED), meanwhile)


@pytest.mark.parametrize("form", [Form.JSONL, Form.SEALED])
def test_lockdown_stops_what_is_on_its_way(organiser: Organiser, mine: Campaign, hands: Hands, form: Form) -> None:
    def lock_down(session: Session) -> None:
        session.execute(update(LetterRow).values(locked_on=mine.runtime.clock().date()))

    stops(organiser, mine, hands.start(permit_of(organiser, mine, form), UNFINISHED), lock_down)


def stops(organiser: Organiser, campaign: Campaign, handed: Handed, meanwhile: Callable[[Session], None]) -> None:
    """Four of five rows never leave, and the file says so."""
    account_id = organiser.account_id
    sent = next(handed)
    campaign.runtime.settle(meanwhile)
    sent += b"".join(handed)
    records = [line for line in sent.splitlines() if b"profession" in line]
    assert len(records) == 1
    assert b"format" in sent or json.loads(sent.splitlines()[-1]) == {"unfinished": UNFINISHED}
    with campaign.runtime.reading() as session:
        (one,) = list_downloads(session, campaign.letter.id, account_id, campaign.runtime.clock())
    assert one.course is Course.BROKEN_OFF


@one_database
def test_a_table_that_had_to_stop_says_so_in_its_last_line(organiser: Organiser, mine: Campaign, hands: Hands) -> None:
    handed = hands.start(permit_of(organiser, mine, Form.CSV), UNFINISHED)
    mine.runtime.keyring.destroy_identities(mine.slug)
    *_, last = b"".join(handed).decode().splitlines()
    assert last == UNFINISHED


@one_database
def test_a_workbook_that_had_to_stop_does_not_open(organiser: Organiser, mine: Campaign, hands: Hands) -> None:
    handed = hands.start(permit_of(organiser, mine, Form.XLSX), UNFINISHED)
    next(handed)
    mine.runtime.settle(lose_the_key)
    with pytest.raises(Exception, match="not a zip file"):
        load_workbook(io.BytesIO(b"".join(handed)))


@one_database
def test_another_teams_letter_is_not_taken(organiser: Organiser, hands: Hands, permit: Permit) -> None:
    letter = replace(permit.member.of_letter, slug="another")
    with pytest.raises(NotFound):
        hands.start(replace(permit, member=replace(permit.member, letter=letter)), UNFINISHED)


@pytest.mark.parametrize("form", list(Form))
def test_no_name_lies_in_a_file_while_a_table_goes(
    organiser: Organiser,
    mine: Campaign,
    hands: Hands,
    form: Form,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before, found = open_files(), []
    for _piece in hands.start(permit_of(organiser, mine, form), UNFINISHED):
        found += [*scratch.rglob("*"), *(open_files() - before - files_of_the_database(mine))]
        found += [file for file in tmp_path.rglob("*") if file.is_file() and b"Vera Marker" in file.read_bytes()]
    assert found == []


def open_files() -> set[Path]:
    """Every file that this process holds open, on a disk or in memory, deleted ones included; no sockets."""
    links = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            links.add(handle.readlink())
        except OSError:  # closed meanwhile
            continue
    return {link for link in links if str(link).startswith("/") and not str(link).startswith(("/dev/", "/proc/"))}


def files_of_the_database(campaign: Campaign) -> set[Path]:
    file = campaign.runtime.engine.url.database or ""
    return {Path(file + ending) for ending in ("", "-wal", "-shm")}
