"""What an organiser takes away through the pages: tables, the sealed file, the paper, and who may."""

import csv
import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from letters.models.downloads import DownloadRow
from letters.models.letters import LetterRow
from letters.models.signatures import SignatureRow
from letters.models.teams import Role
from letters.organising.exports import read_head
from letters.organising.handover.printing import _alone
from letters.organising.teams.trail import Act, read_trail
from letters.organising.unsealing import open_record
from letters.worker import sweep
from tests.letters.organising.handover.pdf import text_of
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer
from verification.identity.custody import OneKey

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def mine(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """The team's letter with two signers, whose names the owner can open."""
    campaign = organiser.campaign(mail_server)
    campaign.join(1, name="=Vera Example")
    campaign.join(2, display="named")
    return campaign


def take(organiser: Organiser, campaign: Campaign, form: str) -> TestResponse:
    page = "sealed" if form == "sealed" else "names"
    answer = organiser.post(f"/workspace/letters/{campaign.slug}/handover/{page}", form=form)
    answer.get_data()
    return answer


def overview(organiser: Organiser, campaign: Campaign) -> str:
    return organiser.get(f"/workspace/letters/{campaign.slug}/handover").text


def downloads(campaign: Campaign) -> list[DownloadRow]:
    with campaign.runtime.reading() as session:
        return list(session.scalars(select(DownloadRow)))


def damage_one(campaign: Campaign) -> None:
    def verb(session: Session) -> None:
        row = session.scalars(select(SignatureRow).order_by(SignatureRow.id)).first()
        assert row is not None
        row.sealed = b"damaged"

    campaign.runtime.settle(verb)


def test_a_csv_holds_every_signer_and_no_formula(organiser: Organiser, mine: Campaign) -> None:
    rows = list(csv.DictReader(io.StringIO(take(organiser, mine, "csv").text, newline="")))
    assert {row["address"] for row in rows} == {"signer1@example.org", "signer2@example.org"}
    assert {row["name"] for row in rows} == {"'=Vera Example", "Signer Example 2"}


def test_json_lines_hold_what_was_typed(organiser: Organiser, mine: Campaign) -> None:
    lines = [json.loads(line) for line in take(organiser, mine, "jsonl").text.splitlines()]
    assert {line["name"] for line in lines} == {"=Vera Example", "Signer Example 2"}


def test_a_workbook_opens(organiser: Organiser, mine: Campaign) -> None:
    sheet = load_workbook(io.BytesIO(take(organiser, mine, "xlsx").data)).active
    names = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert sorted(names) == sorted(["name", "'=Vera Example", "Signer Example 2"])


def test_the_sealed_file_is_the_one_that_is_opened_at_home(organiser: Organiser, mail_server: MailServer) -> None:
    campaign = organiser.campaign(mail_server, custody="offline")
    campaign.join(1)
    first, *records = take(organiser, campaign, "sealed").data.splitlines(keepends=True)
    head, key = read_head(first), OneKey(campaign.pair.secret)
    assert head is not None
    assert (head.letter, head.records) == (campaign.slug, 1)
    assert [open_record(record, key).address for record in records] == ["signer1@example.org"]


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "sealed"])
def test_nothing_about_anybody_is_in_the_headers_and_nobody_keeps_the_file(
    organiser: Organiser, mine: Campaign, form: str
) -> None:
    answer = take(organiser, mine, form)
    ending = "jsonl" if form == "sealed" else form
    assert answer.headers["Content-Disposition"] in (
        f'attachment; filename="signatures-2.{ending}"',
        f'attachment; filename="sealed-2.{ending}"',
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Accel-Buffering"] == "no"


def test_the_page_tells_how_many_must_be_in_the_file(organiser: Organiser, mine: Campaign) -> None:
    take(organiser, mine, "csv")
    page = overview(organiser, mine)
    assert "2 signatures must be in it." in page
    assert "complete" in page


def test_a_damaged_record_is_left_out_and_counted(organiser: Organiser, mine: Campaign) -> None:
    damage_one(mine)
    assert len(take(organiser, mine, "jsonl").text.splitlines()) == 1
    page = overview(organiser, mine)
    assert "1 signature must be in it." in page
    assert "1 more could not be opened" in page


def test_the_trail_says_who_took_how_many(organiser: Organiser, mine: Campaign) -> None:
    take(organiser, mine, "csv")
    take(organiser, mine, "sealed")
    with mine.runtime.reading() as session:
        lines = [line for line in read_trail(session, organiser.team_id) if line.act is Act.EXPORTED]
    assert [(line.count, line.reason) for line in lines] == [(2, "sealed"), (2, "names")]
    assert {line.account_id for line in lines} == {organiser.account_id}


def test_a_reader_who_hangs_up_leaves_a_download_that_broke_off(organiser: Organiser, mine: Campaign) -> None:
    path = f"/workspace/letters/{mine.slug}/handover/names"
    answer = organiser.client.post(
        path, base_url=organiser.base, data={"csrf_token": organiser.csrf, "form": "csv"}, buffered=False
    )
    answer.close()
    assert [(row.finished, row.moved_at) for row in downloads(mine)] == [(False, None)]
    assert "broken off" in overview(organiser, mine)


def test_a_download_that_stands_still_counts_as_broken_off(organiser: Organiser, mine: Campaign, clock: Clock) -> None:
    take(organiser, mine, "csv")
    moving = update(DownloadRow).values(finished=False, moved_at=clock.now)
    mine.runtime.settle(lambda session: session.execute(moving))
    assert "on its way" in overview(organiser, mine)
    clock.now += timedelta(minutes=6)
    assert "broken off" in overview(organiser, mine)


def test_how_far_a_download_is_can_be_asked_for_alone(organiser: Organiser, mine: Campaign) -> None:
    take(organiser, mine, "csv")
    part = organiser.get(f"/workspace/letters/{mine.slug}/handover/downloads").text
    assert "2 signatures must be in it." in part
    assert "<html" not in part


def test_downloads_are_forgotten_the_next_day(organiser: Organiser, mine: Campaign, clock: Clock) -> None:
    take(organiser, mine, "csv")
    mine.runtime.settle(lambda session: sweep(session, clock.now))
    assert len(downloads(mine)) == 1
    mine.runtime.settle(lambda session: sweep(session, clock.now + timedelta(days=1)))
    assert downloads(mine) == []


@pytest.mark.parametrize("page", ["names", "sealed"])
def test_password_and_second_factor_are_asked_for_again(
    organiser: Organiser, mine: Campaign, clock: Clock, page: str
) -> None:
    path = f"/workspace/letters/{mine.slug}/handover/{page}"
    assert "<progress" not in organiser.get(path).text
    clock.now += timedelta(minutes=11)
    form = "sealed" if page == "sealed" else "csv"
    assert 'name="again_password"' in organiser.get(path).text
    asked = organiser.post(path, form=form)
    assert 'name="again_password"' in asked.text
    assert "Content-Disposition" not in asked.headers
    given = organiser.post(path, form=form, **organiser.again())
    given.close()
    assert "attachment" in given.headers["Content-Disposition"]


def test_a_member_without_the_key_takes_no_names(organiser: Organiser, mine: Campaign) -> None:
    editor = organiser.colleague()
    assert "cannot open the names" in overview(editor, mine)
    refused = take(editor, mine, "csv")
    assert refused.status_code == 422
    assert "cannot open the names" in refused.text
    assert "attachment" in take(editor, mine, "sealed").headers["Content-Disposition"]


def test_a_reviewer_takes_nothing(organiser: Organiser, mine: Campaign) -> None:
    reviewer = organiser.colleague(Role.REVIEWER, sees_names=True)
    pages = [take(reviewer, mine, "csv"), take(reviewer, mine, "sealed")]
    assert [page.status_code for page in pages] == [403, 403]
    assert reviewer.get(f"/workspace/letters/{mine.slug}/handover").status_code == 403


def test_names_whose_key_is_elsewhere_are_not_opened_here(organiser: Organiser, mail_server: MailServer) -> None:
    campaign = organiser.campaign(mail_server, custody="offline")
    refused = take(organiser, campaign, "csv")
    assert refused.status_code == 422
    assert "not on this server" in refused.text


@pytest.mark.parametrize("form", ["csv", "sealed"])
def test_under_lockdown_nothing_is_taken(organiser: Organiser, mine: Campaign, clock: Clock, form: str) -> None:
    locked = update(LetterRow).values(locked_on=clock.now.date())
    mine.runtime.settle(lambda session: session.execute(locked))
    assert "lockdown" in overview(organiser, mine)
    refused = take(organiser, mine, form)
    assert refused.status_code == 422
    assert "lockdown" in refused.text
    assert downloads(mine) == []


def test_a_form_that_is_not_offered_is_refused(organiser: Organiser, mine: Campaign) -> None:
    assert take(organiser, mine, "sealed").status_code == 200
    path = f"/workspace/letters/{mine.slug}/handover/sealed"
    assert organiser.post(path, form="csv").status_code == 400


def test_the_paper_is_made_in_the_language_that_was_asked_for(organiser: Organiser, mine: Campaign) -> None:
    mine.release()
    path = f"/workspace/letters/{mine.slug}/handover/paper"
    russian, english = (organiser.post(path, language=code) for code in ("ru", "en"))
    assert english.headers["Content-Disposition"] == f'attachment; filename="{mine.slug}-1-en.pdf"'
    assert "Who signed" in text_of(english.data)
    assert "Кто подписал" in text_of(russian.data)
    assert "Signer Example 2" in text_of(english.data)
    assert "Vera" not in text_of(english.data)
    with mine.runtime.reading() as session:
        assert [line.act for line in read_trail(session, organiser.team_id)][:2] == [Act.PRINTED, Act.PRINTED]


def test_no_two_papers_are_made_at_once(organiser: Organiser, mine: Campaign) -> None:
    mine.release()
    path = f"/workspace/letters/{mine.slug}/handover/paper"
    with _alone():
        refused = organiser.post(path, language="en")
    assert refused.status_code == 503
    assert "Try again in a minute" in refused.text
    assert organiser.post(path, language="en").status_code == 200


def test_without_an_edition_there_is_no_paper(organiser: Organiser, mine: Campaign) -> None:
    refused = organiser.post(f"/workspace/letters/{mine.slug}/handover/paper", language="en")
    assert refused.status_code == 422
    assert "no edition yet" in refused.text


def test_a_language_that_the_letter_does_not_speak_has_no_paper(organiser: Organiser, mine: Campaign) -> None:
    mine.release()
    refused = organiser.post(f"/workspace/letters/{mine.slug}/handover/paper", language="fr")
    assert refused.status_code == 422
    assert "no text in this language" in refused.text
