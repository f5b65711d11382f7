"""Names, unlocked for one page."""

from datetime import timedelta
from typing import Any

import pytest
from flask import request, request_finished
from sqlalchemy import update

from letters.models.letters import LetterRow
from letters.models.teams import Role
from letters.organising.accounts.sessions import STRONG
from letters.organising.defending.name_pages import SEARCHING
from tests.letters.organising.defending.watch import Watch, boxes, ids, watch_letter
from tests.parts.clock import Clock
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def watch(organiser: Organiser, mail_server: MailServer) -> Watch:
    return watch_letter(organiser, mail_server)


def wait(watch: Watch) -> None:
    """Until password and second factor are asked for again."""
    clock = watch.runtime.clock
    assert isinstance(clock, Clock)
    clock.now += STRONG + timedelta(seconds=1)


def test_before_opening_the_page_says_what_it_means_and_names_nobody(watch: Watch) -> None:
    watch.crowd.join(1)
    page = watch.get("names")
    assert "Your colleagues see that you opened names and how many" in page.text
    assert "Signer Example" not in page.text
    assert watch.acts() == []


def test_opened_names_stand_on_the_page_and_their_number_in_the_trail(watch: Watch) -> None:
    watch.crowd.join_many(range(1, 4))
    page = watch.post("names")
    for told in ("Signer Example 1", "signer2@example.org", "Signer Example 3"):
        assert told in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert watch.acts() == [("names-opened", 3)]


def test_a_filter_opens_only_what_fits(watch: Watch) -> None:
    held, _other = watch.crowd.join_many(range(1, 3))
    watch.crowd.hold(held)
    page = watch.post("names", state="held")
    assert boxes(page) == ids(held)
    assert "signer2@example.org" not in page.text
    assert watch.acts() == [("names-opened", 1)]


def test_one_search_at_a_time_leaves_the_threads_to_signers(watch: Watch) -> None:
    watch.crowd.join(1)
    with SEARCHING:
        page = watch.post("names", words="signer")
        assert (page.status_code, "Somebody is searching just now" in page.text) == (503, True)
        assert watch.post("names").status_code == 200
    assert "Signer Example 1" in watch.post("names", words="signer").text


def test_a_page_that_opened_nothing_leaves_no_trace(watch: Watch) -> None:
    watch.crowd.join(1)
    assert "Nothing fits." in watch.post("names", state="voided").text
    assert watch.acts() == []


def test_a_search_finds_part_of_a_name_or_an_address(watch: Watch) -> None:
    vera = watch.crowd.join(1, name="Вера Пример")
    anton = watch.crowd.join(2, name="Anton Example")
    assert boxes(watch.post("names", words="вера прим")) == ids(vera)
    assert boxes(watch.post("names", words="signer2@")) == ids(anton)
    assert "Nobody found." in watch.post("names", words="Nobody Example").text


def test_what_is_searched_for_stands_in_no_address(watch: Watch) -> None:
    watch.crowd.join(1, name="Vera Example")
    wanted, seen = "Vera Exam", []

    def note(_app: object, response: object) -> None:
        seen.append(request.url)

    with request_finished.connected_to(note):
        page = watch.post("names", words=wanted)
        wait(watch)
        asked = watch.post("names", words=wanted)
    assert "Vera Example" in page.text
    assert "again_password" in asked.text
    links = [part.split('"')[0] for text in (page.text, asked.text) for part in text.split('href="')[1:]]
    actions = [part.split('"')[0] for text in (page.text, asked.text) for part in text.split('action="')[1:]]
    assert not [address for address in (*seen, *links, *actions) if "Vera" in address]


def test_after_asking_again_the_search_goes_on(watch: Watch) -> None:
    watch.crowd.join(1, name="Vera Example")
    wait(watch)
    form: dict[str, Any] = watch.organiser.again()
    page = watch.post("names", words="Vera", **form)
    assert "signer1@example.org" in page.text


def test_names_ask_for_password_and_second_factor_again(watch: Watch) -> None:
    watch.crowd.join(1)
    wait(watch)
    for page in (watch.get("names"), watch.post("names")):
        assert "again_password" in page.text
        assert "signer1" not in page.text
    assert watch.acts() == []


def test_a_member_without_a_key_is_told_whom_to_ask(watch: Watch) -> None:
    watch.crowd.join(1)
    editor = watch.organiser.colleague(Role.EDITOR)
    for page in (watch.get("names", who=editor), watch.post("names", who=editor)):
        assert page.status_code == 403
        assert "Ask a colleague who can" in page.text
        assert "signer1" not in page.text
    assert watch.acts() == []


def test_names_of_an_offline_letter_open_on_the_organisers_computer_only(
    organiser: Organiser, mail_server: MailServer
) -> None:
    watch = watch_letter(organiser, mail_server, custody="offline")
    watch.crowd.join(1)
    for page in (watch.get("names"), watch.post("names")):
        assert "undersigned unseal" in page.text
        assert "signer1" not in page.text
    assert watch.acts() == []


@pytest.mark.parametrize(("column", "told"), [("locked_on", "under lockdown"), ("erased", "deleted")])
def test_names_that_must_not_be_opened_stay_closed(watch: Watch, column: str, told: str) -> None:
    watch.crowd.join(1)
    value = True if column == "erased" else watch.runtime.clock().date()
    watch.crowd.tamper(update(LetterRow).where(LetterRow.slug == watch.slug).values({column: value}))
    page = watch.post("names")
    assert (page.status_code, told in page.text) == (403, True)
    assert watch.acts() == []


def test_a_search_that_stops_says_how_far_it_came_and_goes_on(watch: Watch) -> None:
    watch.crowd.join_many(range(1, 54))
    first = watch.post("names", words="signer")
    assert "Looked through 50 of 53 so far." in first.text
    second = watch.post("names", words="signer", after=boxes(first)[-1], looked="50")
    assert "All that fit are looked through." in second.text
    assert len(set(boxes(first) + boxes(second))) == 53
    assert watch.acts() == [("names-opened", 50), ("names-opened", 3)]


def test_opened_names_can_be_decided_about(watch: Watch) -> None:
    watch.crowd.join(1)
    page = watch.post("names")
    assert f'action="{watch.path("signatures")}"' in page.text
    assert watch.post(act="hold", id=boxes(page)).status_code == 303
    assert watch.states() == ["held"]


def test_how_far_a_search_came_is_a_plain_number(watch: Watch) -> None:
    watch.crowd.join_many(range(1, 52))
    for looked in ("-5", "1e9", "9" * 400, "\u0662", "<b>"):
        page = watch.post("names", words="signer", looked=looked)
        assert "Looked through 50 of 51 so far." in page.text


def test_hostile_names_are_text(watch: Watch) -> None:
    watch.crowd.join(1, name="<script>alert(1)</script>")
    page = watch.post("names", words="<script>")
    assert "&lt;script&gt;alert" in page.text
    assert "<script>alert" not in page.text
