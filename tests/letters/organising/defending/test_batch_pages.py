"""Voiding by rule: preview, proposal, a second organiser, undoing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from letters.models.batches import BatchRow, Reason
from letters.models.teams import Role
from letters.organising.accounts.sessions import STRONG
from letters.organising.defending.batches import MASS
from letters.organising.defending.running import run_batches
from letters.reading.decisions import in_words
from tests.letters.organising.defending.watch import Watch, boxes, ids, watch_letter
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

HELD: dict[str, Any] = {"by": "filter", "state": "held", "reason": "burst"}


@pytest.fixture
def watch(organiser: Organiser, mail_server: MailServer) -> Watch:
    return watch_letter(organiser, mail_server)


@pytest.fixture
def burst(watch: Watch) -> Watch:
    """With one signature more held than one organiser voids alone."""
    for signer in watch.crowd.join_many(range(1, MASS + 2)):
        watch.crowd.hold(signer)
    return watch


@pytest.fixture
def editor(watch: Watch) -> Organiser:
    return watch.organiser.colleague(Role.EDITOR)


def test_the_preview_says_what_how_many_and_shows_ten(burst: Watch) -> None:
    page = burst.get("void", state="held", held_for="burst")
    for told in ("Held because of", "a sudden burst", f"{MASS + 1} signatures would be voided", "has to approve first"):
        assert told in page.text
    assert page.text.count('class="signature-head"') == 10
    assert all(reason.value in page.text for reason in Reason)
    assert burst.states() == ["held"] * (MASS + 1)


def test_the_preview_counts_only_what_can_be_voided(watch: Watch) -> None:
    first, _second = watch.crowd.join_many(range(1, 3))
    watch.crowd.void(first)
    assert "1 signature would be voided" in watch.get("void").text


def test_few_are_voided_at_once_and_the_batch_tells_so(watch: Watch) -> None:
    fake, genuine = watch.crowd.join_many(range(1, 3))
    watch.crowd.hold(fake)
    answer = watch.post("batches", **HELD)
    assert (answer.status_code, answer.location) == (303, watch.path("batches/1"))
    page = watch.organiser.get(answer.location)
    for told in ("1 signature is voided", in_words(Reason.BURST), "Owner Example"):
        assert told in page.text
    assert (watch.state(fake), watch.state(genuine)) == ("voided", "confirmed")


def test_ticked_ones_are_previewed_and_voided(watch: Watch) -> None:
    fake, genuine = watch.crowd.join_many(range(1, 3))
    preview = watch.post("void", id=ids(fake))
    assert "Chosen one by one" in preview.text
    assert watch.states() == ["confirmed"] * 2
    watch.post("batches", id=ids(fake), reason="invented")
    assert (watch.state(fake), watch.state(genuine)) == ("voided", "confirmed")


def test_a_form_that_lost_its_ticks_does_not_mean_everything(watch: Watch) -> None:
    watch.crowd.join(1)
    for answer in (watch.post("void"), watch.post("batches", reason="burst"), watch.post("void", state="confirmed")):
        assert (answer.status_code, "Nothing is ticked" in answer.text) == (422, True)
    assert watch.states() == ["confirmed"]


def test_without_a_reason_the_preview_comes_back(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    for reason in ("", "because", "burst ", "<b>"):
        page = watch.post("batches", id=ids(signer), reason=reason)
        assert (page.status_code, "choose a reason" in page.text) == (422, True)
        assert ids(signer)[0] in page.text
    assert watch.states() == ["confirmed"]


def test_voiding_asks_for_password_and_second_factor_and_then_goes_on(watch: Watch) -> None:
    everybody = watch.crowd.join_many(range(1, 3))
    clock = watch.runtime.clock
    assert isinstance(clock, Clock)
    clock.now += STRONG + timedelta(seconds=1)
    form: dict[str, Any] = {"id": ids(*everybody), "reason": "invented"}
    asked = watch.post("batches", **form)
    assert "again_password" in asked.text
    assert all(id in asked.text for id in ids(*everybody))
    assert watch.states() == ["confirmed"] * 2
    assert watch.post("batches", **{**form, **watch.organiser.again()}).status_code == 303
    assert watch.states() == ["voided"] * 2


def test_the_same_proposal_twice_voids_once(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    form: dict[str, Any] = {"id": ids(signer), "reason": "invented"}
    assert watch.post("batches", **form).status_code == 303
    assert watch.post("batches", **form).status_code == 422
    assert watch.get("batches/2").status_code == 404
    assert watch.acts().count(("voided", 1)) == 1


def test_many_wait_for_another_organiser(burst: Watch, editor: Organiser) -> None:
    answer = burst.post("batches", **HELD)
    own = burst.organiser.get(answer.location)
    assert "another editor or owner of the team has to approve" in own.text
    assert "Approve and void them" not in own.text
    assert burst.states() == ["held"] * (MASS + 1)
    other = editor.get(answer.location)
    assert "Approve and void them" in other.text
    assert "Owner Example" in other.text
    assert editor.post(answer.location + "/approve").status_code == 303
    running = editor.get(answer.location)
    assert "<progress" in running.text
    assert "Look again" in running.text
    while run_batches(burst.runtime):
        pass
    assert burst.states() == ["voided"] * (MASS + 1)
    done = editor.get(answer.location)
    assert f"{MASS + 1} signatures are voided" in done.text
    assert "Colleague Example" in done.text


def test_who_proposed_cannot_approve(burst: Watch, editor: Organiser) -> None:
    burst.post("batches", **HELD)
    page = burst.post("batches/1/approve")
    assert (page.status_code, "You proposed this yourself" in page.text) == (422, True)
    assert burst.states() == ["held"] * (MASS + 1)


def test_a_reviewer_sees_a_voiding_and_decides_nothing(burst: Watch, editor: Organiser) -> None:
    reviewer = burst.organiser.colleague(Role.REVIEWER, name="reviewer")
    burst.post("batches", **HELD)
    page = burst.get("batches/1", who=reviewer)
    assert (page.status_code, "<form" in page.text.split("<h1>")[1]) == (200, False)
    for act in ("approve", "drop", "undo"):
        assert burst.post(f"batches/1/{act}", who=reviewer).status_code == 403
    assert burst.states() == ["held"] * (MASS + 1)


def test_a_dropped_proposal_voids_nothing_and_stays_dropped(burst: Watch, editor: Organiser) -> None:
    burst.post("batches", **HELD)
    assert burst.post("batches/1/drop", who=editor).status_code == 303
    assert "Dropped" in burst.get("batches/1").text
    assert burst.post("batches/1/approve", who=editor).status_code == 422
    assert burst.states() == ["held"] * (MASS + 1)


def test_a_team_of_one_is_told_to_invite_somebody(burst: Watch) -> None:
    page = burst.post("batches", **HELD)
    assert (page.status_code, "Invite another editor" in page.text) == (422, True)
    assert burst.get("batches/1").status_code == 404


def test_what_was_voided_is_undone(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    watch.post("batches", id=ids(signer), reason="invented")
    assert watch.post("batches/1/undo").status_code == 303
    assert watch.states() == ["confirmed"]
    assert "Undone" in watch.get("batches/1").text
    assert watch.post("batches/1/undo").status_code == 422


def test_after_the_edition_it_is_final(watch: Watch) -> None:
    fake, _genuine = watch.crowd.join_many(range(1, 3))
    watch.post("batches", id=ids(fake), reason="invented")
    watch.crowd.release()
    page = watch.get("batches/1")
    assert "voided for good" in page.text
    assert "Undo" not in page.text
    assert watch.post("batches/1/undo").status_code == 422
    assert watch.state(fake) == "voided"


def test_the_list_names_every_voiding_and_a_line_its_own(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    watch.post("batches", id=ids(signer), reason="duplicate")
    page = watch.get("batches")
    for told in ("Voiding 1", in_words(Reason.DUPLICATE), "proposed by Owner Example"):
        assert told in page.text
    listed = watch.get(state="voided")
    assert watch.path("batches/1") in listed.text
    assert boxes(listed) == []


def test_a_voiding_outlives_the_account_that_proposed_it(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    watch.post("batches", id=ids(signer), reason="invented")
    watch.crowd.tamper(update(BatchRow).values(account_id=bytes(16)))
    for page in ("batches", "batches/1"):
        assert "somebody whose account is gone" in watch.get(page).text


def test_there_is_no_page_of_a_voiding_that_is_not(watch: Watch) -> None:
    for number in ("0", "7", "-1", "x", "99999999999999999999", "1/2"):
        assert watch.get(f"batches/{number}").status_code == 404
        assert watch.post(f"batches/{number}/undo").status_code == 404
