"""Pages laid down: what the application answers, as long as it would answer it, and nothing in doubt."""

import gzip
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import brotli
import pytest
from jinja2 import BytecodeCache
from sqlalchemy import text
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from letters.laying.folder import GRACE
from letters.laying.pages import LaidPage
from letters.laying.rounds import EVERY, LATE, REST
from letters.web.shelf import UNHEARD
from tests.letters.laying.setting import Laid, broken
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import FORM, TOKEN, Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

NAME = "Vera Example"


@pytest.fixture
def laid(campaign: Campaign, tmp_path: Path, compiled_templates: BytecodeCache) -> Iterator[Laid]:
    """A letter with an edition of two, one of them named, and all of its pages laid down."""
    campaign.join(1, name=NAME, display="named")
    campaign.join(2)
    campaign.release()
    laid = Laid(campaign.runtime, tmp_path / "pages", compiled_templates)
    laid.settle()
    yield laid
    laid.laying.folder.leave()


def test_what_lies_there_is_what_the_application_answers(campaign: Campaign, laid: Laid) -> None:
    place, asked = f"letters/{campaign.slug}", f"/letters/{campaign.slug}"
    for path in ("", "/count", "/signatories", "/log", "/check-mail", "/institutions", "/editions/1"):
        for language in ("ru", "be", "en"):
            prefixed = campaign.client.get(f"/{language}{asked}{path}").data
            preferred = campaign.client.get(f"{asked}{path}", headers={"Accept-Language": language}).data
            assert (laid.root / f"{place}{path}/{language}.html").read_bytes() == prefixed
            assert (laid.root / f"{place}{path}/as-{language}.html").read_bytes() == preferred
        assert (laid.root / f"{place}{path}/as-any.html").read_bytes() == campaign.client.get(f"{asked}{path}").data
    assert laid.read("index/en.html") == campaign.client.get("/en/").text
    assert laid.read(f"{place}/api/as-any.json") == campaign.client.get(f"/api/v1{asked}/count").text
    assert laid.read(f"{place}/badge/be.svg") == campaign.client.get(f"/be{asked}/badge.svg").text


def test_each_encoding_holds_the_same_page_and_each_file_its_own_time(laid: Laid) -> None:
    files = laid.shown()
    assert broken(laid.root) == []
    compressed = {path: body for path, body in files.items() if path.endswith((".br", ".gz"))}
    assert len(compressed) > 50
    for path, body in compressed.items():
        plain = brotli.decompress(body) if path.endswith(".br") else gzip.decompress(body)
        assert plain == files[path[:-3]]


def test_every_folder_and_file_is_open_to_the_proxys_user(laid: Laid) -> None:
    modes = {path.stat().st_mode & 0o777 for path in laid.root.rglob("*") if path.is_dir()}
    assert modes == {0o755}
    assert {(laid.root / path).stat().st_mode & 0o777 for path in laid.shown()} == {0o644}


def test_a_round_without_changes_touches_nothing(laid: Laid) -> None:
    before = {path: (laid.root / path).stat() for path in laid.shown()}
    versions = sorted((laid.root / "versions").iterdir())
    assert not laid.laying.round()
    assert sorted((laid.root / "versions").iterdir()) == versions
    assert {path: (laid.root / path).stat() for path in laid.shown()} == before


def test_an_edition_writes_only_what_it_changed(campaign: Campaign, laid: Laid, clock: Clock) -> None:
    before = {path: (laid.root / path).stat().st_ino for path in laid.shown()}
    clock.advance(minutes=1)
    campaign.join(3)
    campaign.release()
    laid.settle()
    after = {path: (laid.root / path).stat().st_ino for path in laid.shown()}
    same = {path for path in after if after[path] == before.get(path)}
    assert {path.split("/")[2] for path in same} == {"check-mail", "institutions"}
    assert f"letters/{campaign.slug}/editions/2/en.html" in after
    assert f"letters/{campaign.slug}/editions/1/en.html" not in after


def test_a_name_taken_away_is_in_no_file(campaign: Campaign, laid: Laid, clock: Clock) -> None:
    assert NAME in laid.read(f"letters/{campaign.slug}/signatories/en.html")
    private = campaign.join(3, name="Signer Example", display="named")
    clock.advance(minutes=1)
    campaign.release()
    laid.settle()
    assert "Signer Example" in laid.read(f"letters/{campaign.slug}/signatories/en.html")
    campaign.client.post(private, data={"withdraw": "1"})
    clock.advance(minutes=1)
    campaign.release()
    laid.settle()
    laid.now.seconds += GRACE
    laid.laying.round()
    plain = [body for path, body in laid.shown().items() if not path.endswith((".br", ".gz"))]
    assert not [body for body in plain if b"Signer Example" in body]
    old = [file for file in (laid.root / "versions").rglob("*.html") if b"Signer Example" in file.read_bytes()]
    assert old == []


def test_a_letter_taken_down_has_no_file_and_home_does_not_name_it(campaign: Campaign, laid: Laid) -> None:
    title = campaign.letter.texts["en"].title
    assert title in laid.read("index/en.html")
    change_letter(campaign, taken_down_for="An example.", taken_down_on=campaign.runtime.clock().date())
    laid.laying.round()
    assert not (laid.root / "letters" / campaign.slug).exists()
    laid.settle()
    assert title not in laid.read("index/en.html")


def test_under_lockdown_what_was_there_goes_before_anything_new_is_laid(campaign: Campaign, laid: Laid) -> None:
    change_letter(campaign, locked_on=campaign.runtime.clock().date())
    with _no_room():
        laid.laying.round()
    assert not (laid.root / "letters" / campaign.slug).exists()
    laid.now.seconds += REST
    laid.settle()
    names = laid.read(f"letters/{campaign.slug}/signatories/en.html")
    assert NAME not in names


def during(laid: Laid, path: str, act: Callable[[], object]) -> None:
    """Let something happen, and some seconds pass, before this address is asked for."""
    ask = laid.laying._ask

    def slowly(page: LaidPage, encoding: str) -> TestResponse:
        if page.path == path and encoding == "identity":
            act()
            laid.now.seconds += EVERY
        return ask(page, encoding)

    laid.laying._ask = slowly  # type: ignore[method-assign]


def test_a_lockdown_is_not_kept_waiting_by_what_is_being_laid(campaign: Campaign, laid: Laid, clock: Clock) -> None:
    gone: list[bool] = []

    def lock() -> None:
        change_letter(campaign, locked_on=clock.now.date())
        clock.advance(seconds=1)

    during(laid, "/be/", lock)
    during(laid, "/en/", lambda: gone.append(not (laid.root / "letters" / campaign.slug).exists()))
    laid.laying._laid["index"] = "something older"
    laid.laying.round()
    assert gone == [True], "while the list of letters is still being asked for"


def test_what_was_rendered_before_a_lockdown_is_not_shown_after_it(
    campaign: Campaign, laid: Laid, clock: Clock
) -> None:
    def lock() -> None:
        change_letter(campaign, locked_on=clock.now.date())
        clock.advance(seconds=1)

    change_letter(campaign, state="paused")
    laid.now.seconds += EVERY
    during(laid, f"/en/letters/{campaign.slug}/log", lock)
    assert laid.laying.round(), "the list of letters comes first"
    laid.laying.round()
    assert not (laid.root / "letters" / campaign.slug).exists()


def test_a_letter_that_closes_by_the_clock_is_closed_in_its_file(campaign: Campaign, laid: Laid, clock: Clock) -> None:
    change_letter(campaign, closes_at=clock.now.replace(hour=clock.now.hour + 1))
    laid.settle()
    assert 'name="email"' in laid.read(f"letters/{campaign.slug}/en.html")
    clock.advance(hours=1)
    laid.settle()
    assert 'name="email"' not in laid.read(f"letters/{campaign.slug}/en.html")


def test_of_a_letter_that_is_scheduled_only_its_own_page_lies_there(
    campaign: Campaign, laid: Laid, clock: Clock
) -> None:
    change_letter(campaign, state="scheduled", opens_at=clock.now.replace(hour=clock.now.hour + 1))
    laid.settle()
    found = {path.split("/")[2] for path in laid.shown() if path.startswith("letters/")}
    assert "en.html" in found
    assert found.isdisjoint({"count", "signatories", "api", "badge", "log"})


def test_where_nothing_can_be_written_nothing_stale_stays_and_one_line_says_so(campaign: Campaign, laid: Laid) -> None:
    change_letter(campaign, state="paused")
    with capture_logs() as lines, _no_room():
        for _ in range(3):
            laid.laying.round()
            laid.now.seconds += REST
    assert [line["event"] for line in lines] == ["pages are not laid down"]
    assert laid.shown() == {}
    laid.settle()
    assert "paused" in laid.read(f"letters/{campaign.slug}/en.html")


@contextmanager
def _no_room() -> Iterator[None]:
    """No file of this process may grow beyond some bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_place_known_to_have_changed_shows_nothing_before_long(campaign: Campaign, laid: Laid) -> None:
    change_letter(campaign, state="paused")
    laid.laying._resting[f"letters/{campaign.slug}"] = laid.now() + 100
    laid.laying.round()
    assert (laid.root / "letters" / campaign.slug).exists()
    laid.now.seconds += LATE
    laid.laying.round()
    assert not (laid.root / "letters" / campaign.slug).exists()


def test_without_a_database_nothing_stays_for_long(campaign: Campaign, laid: Laid, clock: Clock) -> None:
    before = laid.shown()
    with campaign.runtime.engine.begin() as connection:
        connection.execute(text("ALTER TABLE letters RENAME TO away"))
    clock.advance(seconds=UNHEARD)
    with capture_logs() as lines:
        laid.laying.round()
        assert laid.shown() == before
        clock.advance(seconds=1)
        laid.laying.round()
    assert laid.shown() == {}
    assert len(lines) == 1
    with campaign.runtime.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO letters"))
    laid.settle()
    assert laid.shown() == before


def test_the_form_of_a_laid_page_is_taken_after_the_next_edition(campaign: Campaign, laid: Laid, clock: Clock) -> None:
    token = TOKEN.search(laid.read(f"letters/{campaign.slug}/en.html"))
    assert token
    campaign.join(3)
    clock.advance(minutes=1)
    campaign.release()
    clock.advance(days=6, hours=23)
    fields = {**FORM, "form_token": token[1]}
    assert campaign.client.post(f"/en/letters/{campaign.slug}/sign", data=fields).status_code == 303
    clock.advance(hours=2)
    assert campaign.client.post(f"/en/letters/{campaign.slug}/sign", data=fields).status_code == 422


def test_at_the_end_nothing_stays(laid: Laid) -> None:
    stopped = iter((False, True))
    laid.laying.folder.leave()
    laid.laying.run(lambda: next(stopped, True), lambda _seconds: None)
    assert [entry.name for entry in laid.root.iterdir()] == ["lock"]
