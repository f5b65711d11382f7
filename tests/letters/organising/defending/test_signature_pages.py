"""The list of signatures and what reviewers decide."""

import re
from typing import Any

import pytest

from letters.models.teams import Role
from letters.organising.defending import signature_pages
from tests.letters.organising.defending.watch import Watch, boxes, ids, watch_letter
from tests.letters.publishing.crowd import open_crowd
from tests.parts.organiser import Organiser, found_team
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

LAST_BUTTON = "Void everything that fits"


@pytest.fixture
def watch(organiser: Organiser, mail_server: MailServer) -> Watch:
    return watch_letter(organiser, mail_server)


@pytest.fixture
def reviewer(watch: Watch) -> Organiser:
    return watch.organiser.colleague(Role.REVIEWER, name="reviewer")


def test_the_list_tells_everything_but_who(watch: Watch, reviewer: Organiser) -> None:
    watch.crowd.join(1, name="Vera Example", display="named", profession="nurse", region="BY-MI")
    page = watch.get(who=reviewer)
    assert page.status_code == 200
    for told in ("Nurse", "Minsk Region", "with the name", "confirmed by e-mail", "waits for the next edition"):
        assert told.lower() in page.text.lower()
    assert "Vera" not in page.text
    assert "signer1@example.org" not in page.text


def test_who_has_not_confirmed_is_counted_and_not_listed(watch: Watch) -> None:
    watch.crowd.sign(1)
    page = watch.get(state="pending")
    assert "1 signature fits" in page.text
    assert boxes(page) == []


def test_a_filter_shows_what_fits_and_counts_it(watch: Watch) -> None:
    held, other = watch.crowd.join_many(range(1, 3))
    watch.crowd.hold(held)
    page = watch.get(state="held", held_for="burst")
    assert boxes(page) == ids(held)
    assert "1 signature fits" in page.text
    assert set(boxes(watch.get())) == set(ids(held, other))


def test_fifty_stand_on_a_page_and_next_leads_on(watch: Watch) -> None:
    everybody = watch.crowd.join_many(range(1, 53))
    first = watch.get(state="confirmed")
    assert len(boxes(first)) == 50
    second = watch.get(state="confirmed", after=boxes(first)[-1])
    assert sorted(boxes(first) + boxes(second)) == sorted(ids(*everybody))
    assert f"after={boxes(first)[-1]}" in first.text
    assert 'rel="next"' not in second.text


UNKNOWN: list[dict[str, Any]] = [
    {"state": "everything"},
    {"held_for": "'; DROP TABLE signatures"},
    {"profession": "astrologer"},
    {"region": "XX-99"},
    {"standing": "\x00"},
    {"display": "<script>"},
    {"released": "maybe"},
]


def test_an_unknown_filter_is_no_wider_one_but_no_page(watch: Watch) -> None:
    watch.crowd.join(1)
    for query in UNKNOWN:
        for page in ("signatures", "names", "void"):
            assert watch.get(page, **query).status_code == 404
        assert watch.post(act="accept_all", **query).status_code == 404
        assert watch.post("batches", by="filter", reason="burst", **query).status_code == 404
    assert watch.states() == ["confirmed"]


def test_a_place_that_no_page_has_named_is_refused(watch: Watch) -> None:
    for after in ("zz", "00", "0" * 31, "0" * 33, "00 " * 16, "\u0661" * 32, "%s" * 16):
        assert watch.get(after=after).status_code == 400


def test_a_reviewer_holds_and_accepts_what_is_ticked(watch: Watch, reviewer: Organiser) -> None:
    ticked, other = watch.crowd.join_many(range(1, 3))
    answer = watch.post(who=reviewer, act="hold", id=ids(ticked))
    assert answer.status_code == 303
    assert "1 signature is held now." in reviewer.get(answer.location).text
    assert (watch.state(ticked), watch.state(other)) == ("held", "confirmed")
    assert watch.post(who=reviewer, act="accept", id=ids(ticked)).status_code == 303
    assert watch.states() == ["confirmed"] * 2
    assert watch.acts()[-2:] == [("held", 1), ("accepted", 1)]


def test_a_reviewer_cannot_keep_everybody_out(
    watch: Watch, reviewer: Organiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signature_pages, "MOST_HELD", 1)
    people = watch.crowd.join_many(range(1, 4))
    assert watch.post(who=reviewer, act="hold", id=ids(*people[:2])).status_code == 422
    assert watch.post(who=reviewer, act="hold", id=ids(people[0])).status_code == 303
    assert watch.post(who=reviewer, act="hold", id=ids(people[1])).status_code == 422
    assert watch.post(act="hold", id=ids(*people[1:])).status_code == 303
    assert watch.states() == ["held"] * 3


def test_a_reviewer_vouches_and_stops(watch: Watch, reviewer: Organiser) -> None:
    signer = watch.crowd.join(1)
    watch.post(who=reviewer, act="vouch", id=ids(signer))
    assert watch.crowd.row(signer).standing == "vouched"
    assert "checked by an organiser" in watch.get(who=reviewer, standing="vouched").text
    watch.post(who=reviewer, act="unvouch", id=ids(signer))
    assert watch.crowd.row(signer).standing == "mailbox"


def test_the_list_warns_that_it_tells_moments(watch: Watch, reviewer: Organiser) -> None:
    """Profession and region of whoever signs this minute stand in it, also for those who see no names."""
    watch.crowd.join(1)
    page = watch.get(who=reviewer, released="no").text
    assert "waits for the next edition" in page
    assert "Do not share pictures of this page." in page


def test_the_whole_page_needs_no_ticks(watch: Watch) -> None:
    everybody = watch.crowd.join_many(range(1, 4))
    answer = watch.post(act="hold", whole_page="1", shown=ids(*everybody))
    assert "count=3" in answer.location
    assert watch.states() == ["held"] * 3


def test_everything_that_fits_is_accepted_at_once_and_nothing_else(watch: Watch) -> None:
    burst, other = watch.crowd.join_many(range(1, 3))
    watch.crowd.hold(burst)
    watch.post(act="hold", id=ids(other))
    assert watch.post(act="accept_all", state="held", held_for="burst").status_code == 303
    assert (watch.state(burst), watch.state(other)) == ("confirmed", "held")


def test_fakes_that_come_while_somebody_looks_are_not_accepted_unseen(watch: Watch) -> None:
    genuine, fake = watch.crowd.join_many(range(1, 3))
    watch.crowd.hold(genuine)
    (seen,) = re.findall(r'name="seen" value="(\d+)"', watch.get(state="held").text)
    watch.crowd.hold(fake)
    form: dict[str, Any] = {"act": "accept_all", "state": "held"}
    page = watch.post(**form, seen=seen)
    assert (page.status_code, "Look again" in page.text) == (422, True)
    assert watch.states() == ["held"] * 2
    assert watch.post(**form, seen="2").status_code == 303


def test_only_a_filter_offers_everything_that_fits(watch: Watch) -> None:
    watch.crowd.join(1)
    assert LAST_BUTTON not in watch.get().text
    assert LAST_BUTTON in watch.get(state="confirmed").text


def test_a_reviewer_is_shown_no_voiding_and_cannot_void(watch: Watch, reviewer: Organiser) -> None:
    signer = watch.crowd.join(1)
    assert LAST_BUTTON not in watch.get(who=reviewer, state="confirmed").text
    form: dict[str, Any] = {"id": ids(signer), "reason": "invented"}
    assert watch.get("void", who=reviewer).status_code == 403
    assert watch.post("void", who=reviewer, **form).status_code == 403
    assert watch.post("batches", who=reviewer, **form).status_code == 403
    assert watch.states() == ["confirmed"]


def test_the_same_form_twice_changes_something_once(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    form: dict[str, Any] = {"act": "hold", "id": ids(signer)}
    assert watch.post(**form).status_code == 303
    again = watch.post(**form)
    assert (again.status_code, "Nothing was changed" in again.text) == (422, True)
    assert watch.acts().count(("held", 1)) == 1


def test_nothing_ticked_is_said_and_the_list_stays(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    page = watch.post(act="hold")
    assert (page.status_code, boxes(page)) == (422, ids(signer))
    assert "Tick at least one signature" in page.text


def test_ids_of_another_letter_change_nothing(watch: Watch) -> None:
    other = open_crowd(watch.runtime, demo="safe-staffing")
    foreign = other.join(1)
    for act in ("hold", "vouch", "accept", "unvouch"):
        assert watch.post(act=act, id=ids(foreign)).status_code == 422
    assert watch.post("batches", id=ids(foreign), reason="invented").status_code == 422
    row = other.row(foreign)
    assert (row.state, row.standing, row.batch) == ("confirmed", "mailbox", None)


def test_a_form_that_no_page_has_made_is_refused(watch: Watch) -> None:
    watch.crowd.join(1)
    for act, id in (("void", ""), ("", ""), ("hold", "1"), ("hold", "é" * 16)):
        assert watch.post(act=act, id=id).status_code == 400
    assert watch.states() == ["confirmed"]


def test_an_address_that_tells_of_no_act_says_nothing(watch: Watch) -> None:
    for done, count in (("hold", "-1"), ("x", "1"), ("hold", "9" * 5000), ("", "1")):
        page = watch.get(done=done, count=count)
        assert (page.status_code, "notice-success" in page.text) == (200, False)


def test_another_team_finds_no_page(watch: Watch) -> None:
    stranger = found_team(watch.runtime, watch.organiser.app, "stranger@example.org", "Another Team Example")
    for page in ("signatures", "names", "void", "batches", "batches/1", "domains"):
        assert watch.get(page, who=stranger).status_code == 404
    assert watch.post(who=stranger, act="accept_all").status_code == 404


def test_what_an_edition_has_counted_is_not_held_any_more(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    watch.crowd.release()
    assert "counted since edition 1" in watch.get().text
    assert watch.post(act="hold", id=ids(signer)).status_code == 422
    assert watch.states() == ["confirmed"]


def test_a_withdrawn_signature_is_a_line_without_a_box(watch: Watch) -> None:
    signer = watch.crowd.join(1)
    watch.crowd.release()
    watch.crowd.withdraw(signer)
    page = watch.get()
    assert "Profession and region are erased" in page.text
    assert boxes(page) == []
