"""Watched mail domains."""

import pytest

from letters.models.teams import Role
from tests.letters.organising.defending.watch import Watch, watch_letter
from tests.parts.organiser import Organiser
from tests.parts.smtp import MailServer

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def watch(organiser: Organiser, mail_server: MailServer) -> Watch:
    return watch_letter(organiser, mail_server)


def test_saved_domains_stand_one_a_line(watch: Watch) -> None:
    answer = watch.post("domains", domains="Fakes.example.org\r\n\r\n@example.net\r\n")
    assert answer.status_code == 303
    page = watch.organiser.get(answer.location)
    assert "Saved." in page.text
    assert "example.net\nfakes.example.org</textarea>" in page.text
    assert watch.acts() == [("domains-changed", 2)]


def test_bad_lines_are_named_and_kept_and_nothing_changes(watch: Watch) -> None:
    watch.post("domains", domains="example.net")
    typed = "example.org\nno domain\n<script>alert(1)</script>"
    page = watch.post("domains", domains=typed)
    assert page.status_code == 422
    for kept in ("<bdi>no domain</bdi>", "&lt;script&gt;alert(1)", "example.org\nno domain\n"):
        assert kept in page.text
    assert "<script>alert" not in page.text
    assert "example.net</textarea>" in watch.get("domains").text


def test_an_empty_list_watches_nothing(watch: Watch) -> None:
    watch.post("domains", domains="example.net")
    assert watch.post("domains", domains="").status_code == 303
    assert "example.net</textarea>" not in watch.get("domains").text


def test_the_same_list_twice_changes_once(watch: Watch) -> None:
    for _ in range(2):
        assert watch.post("domains", domains="example.net").status_code == 303
    assert watch.acts() == [("domains-changed", 1)]


def test_a_reviewer_may_not(watch: Watch) -> None:
    reviewer = watch.organiser.colleague(Role.REVIEWER, name="reviewer")
    assert watch.get("domains", who=reviewer).status_code == 403
    assert watch.post("domains", who=reviewer, domains="example.org").status_code == 403
    assert watch.acts() == []


def test_a_long_list_is_refused_in_words(watch: Watch) -> None:
    page = watch.post("domains", domains="\n".join(f"d{number}.example.org" for number in range(501)))
    assert (page.status_code, "At most 500 domains" in page.text) == (422, True)
    assert watch.acts() == []


def test_hostile_lines_are_no_domains(watch: Watch) -> None:
    for line in ("\u2028", "a" * 5000, "..", "example.org\x00", "\u202eexample.org", "%s"):
        assert watch.post("domains", domains=f"x{line}x").status_code == 422
    assert watch.acts() == []
