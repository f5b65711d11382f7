"""The dashboard: what it tells, to whom, and what it keeps to itself."""

import pytest
from sqlalchemy import insert, update

from letters.models.batches import BatchRow
from letters.models.signatures import SignatureRow
from letters.models.teams import Role
from letters.organising.moderation import Selection, void
from letters.organising.releasing import tend_letters
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def campaign(organiser: Organiser, mail_server: MailServer) -> Campaign:
    """The organiser's own letter: every cell shown, an edition as soon as one signature waits for a minute."""
    return organiser.campaign(mail_server)


def dashboard(organiser: Organiser, campaign: Campaign, **query: str) -> str:
    answer = organiser.get(f"/workspace/letters/{campaign.slug}", **query)
    assert answer.status_code == 200
    return answer.text


def figure(page: str, label: str) -> str:
    """The number beside a label."""
    return page.partition(f'<th scope="row">{label}')[2].partition('class="number">')[2].partition("</td>")[0]


def change(campaign: Campaign, **values: object) -> None:
    """Write past every verb."""
    campaign.runtime.settle(lambda session: session.execute(update(SignatureRow).values(**values)))


def test_the_dashboard_counts_what_is_now(organiser: Organiser, campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    campaign.join(2)
    campaign.sign(email="pending@example.org")
    page = dashboard(organiser, campaign)
    labels = "Confirmed and published", "Confirmed, waiting for the next edition", "Pending", "Held", "Withdrawn"
    assert [figure(page, label) for label in labels] == ["1", "1", "1", "0", "0"]
    assert 'data-headline="2 confirmed signatures"' in page


def test_held_signatures_are_told_apart_by_why(organiser: Organiser, campaign: Campaign) -> None:
    campaign.join(1)
    campaign.join(2)
    change(campaign, state="held", held_for="burst")
    page = dashboard(organiser, campaign)
    assert (figure(page, "Held"), figure(page, "a sudden burst")) == ("2", "2")


def test_voided_signatures_are_told_apart_by_publication(
    organiser: Organiser, campaign: Campaign, clock: Clock
) -> None:
    campaign.join(1)
    change(campaign, state="held", held_for="burst")
    campaign.runtime.settle(lambda session: void(session, Selection(campaign.slug), "Invented people", clock().date()))
    page = dashboard(organiser, campaign)
    assert (figure(page, "Voided before publication"), figure(page, "Voided after publication")) == ("1", "0")


def test_the_page_warns_that_live_numbers_tell_moments(organiser: Organiser, campaign: Campaign) -> None:
    page = dashboard(organiser, campaign)
    assert "Only organisers see this." in page
    assert "Do not share pictures of this page." in page
    assert f'href="/letters/{campaign.slug}/count"' in page


def test_no_name_address_or_pseudonym_is_on_the_page(organiser: Organiser, campaign: Campaign) -> None:
    campaign.join(1, name="Vera Example", display="named")
    campaign.release()
    page = dashboard(organiser, campaign)
    assert [word for word in ("Vera", "signer1", "@example") if word in page] == []


def test_the_moving_part_is_given_alone(organiser: Organiser, campaign: Campaign) -> None:
    campaign.join(1)
    part = dashboard(organiser, campaign, part="figures", edition="0")
    assert "<html" not in part
    assert 'data-headline="1 confirmed signature"' in part
    assert "Load the page again" not in part


def test_a_newer_edition_is_told_to_a_page_that_shows_an_older_one(organiser: Organiser, campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    assert "Edition 1 is out. Load the page again" in dashboard(organiser, campaign, part="figures", edition="0")


def test_the_moving_part_has_the_same_guard(organiser: Organiser, campaign: Campaign) -> None:
    path = f"/workspace/letters/{campaign.slug}?part=figures"
    stranger = found_team(organiser.runtime, organiser.app, "stranger@example.org", "Other Team")
    assert stranger.get(path).status_code == 404
    organiser.sign_out()
    assert organiser.get(path).status_code == 303


def test_only_this_page_may_run_the_script(organiser: Organiser, campaign: Campaign) -> None:
    answer = organiser.get(f"/workspace/letters/{campaign.slug}")
    assert "script-src 'self'; connect-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_reviewer_sees_the_dashboard_without_links_to_what_only_editors_may(
    organiser: Organiser, campaign: Campaign
) -> None:
    reviewer = organiser.colleague(Role.REVIEWER)
    page = dashboard(reviewer, campaign)
    assert f'href="/workspace/letters/{campaign.slug}/trail"' in page
    assert f'href="/workspace/letters/{campaign.slug}/handover"' not in page


def test_exact_breakdowns_stand_beside_what_readers_see(
    organiser: Organiser, mail_server: MailServer, clock: Clock
) -> None:
    campaign = organiser.campaign(mail_server, threshold=10)
    for number in range(12):
        campaign.join(number, profession="nurse" if number < 11 else "midwife")
    campaign.release()
    page = dashboard(organiser, campaign)
    nurses = page.partition('<th scope="row">Nurses')[2].partition("</tr>")[0]
    midwives = page.partition('<th scope="row">Midwives')[2].partition("</tr>")[0]
    assert ('<td class="number">11</td>' in nurses, '<td class="number">1</td>' in midwives) == (True, True)
    assert ("10</td>" in nurses, "nothing" in midwives) == (True, True)
    assert "The exact ones can point at a person." in page


def test_an_ordinary_letter_says_that_readers_see_the_same(organiser: Organiser, campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    page = dashboard(organiser, campaign)
    assert "Readers see these same figures." in page
    assert ">Readers see</th>" not in page


def test_labels_are_in_the_organisers_language_also_where_the_letter_has_another(
    organiser: Organiser, mail_server: MailServer
) -> None:
    campaign = organiser.campaign(mail_server, languages=("ru",))
    campaign.join(1)
    campaign.release()
    assert '<th scope="row">Nurses' in dashboard(organiser, campaign)


def test_a_batch_under_way_shows_how_far_it_is(organiser: Organiser, campaign: Campaign) -> None:
    values = {
        "letter_id": campaign.letter.id,
        "state": "running",
        "reason": "burst",
        "rule": {},
        "count": 500,
        "done": 120,
    }
    campaign.runtime.settle(
        lambda session: session.execute(insert(BatchRow).values(number=1, account_id=b"0" * 16, **values))
    )
    page = dashboard(organiser, campaign)
    assert '<progress max="500" value="120" aria-label="120 of 500 done">' in page
    assert f'href="/workspace/letters/{campaign.slug}/batches/1">Voiding 1</a>: 500 signatures' in page
    assert "being voided" in page


def test_waiting_mail_is_told_until_it_is_sent(organiser: Organiser, campaign: Campaign) -> None:
    campaign.sign()
    assert "One mail waits to be sent." in dashboard(organiser, campaign)
    campaign.send_mail()
    assert "<li>Nothing.</li>" in dashboard(organiser, campaign)


def test_a_worker_that_stands_still_is_told(organiser: Organiser, campaign: Campaign, clock: Clock) -> None:
    campaign.join(1)
    assert "It is due" in told_after(organiser, campaign, clock, minutes=2)
    page = told_after(organiser, campaign, clock, minutes=20)
    assert ("It is late." in page, "seems to stand still" in page) == (True, True)
    tend_letters(campaign.runtime)
    assert "seems to stand still" not in dashboard(organiser, campaign)


def told_after(organiser: Organiser, campaign: Campaign, clock: Clock, minutes: int) -> str:
    clock.advance(minutes=minutes)
    return dashboard(organiser, campaign)
