"""The whole way of a signer, by keyboard, on a phone, in each language, through real processes."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.signer import ADDRESS, NAME, Signer
from tests.parts.browser import Visitor
from tests.parts.campaign import DEMO
from tests.parts.server import run_command, running_web, running_worker
from tests.parts.smtp import MailServer

BELARUS, EUROPE = ("stop-the-violence", "BY-MI"), ("safe-staffing", "PL-14")
"""A letter in three languages and one in all seven, and a region of each."""
ALONE = "{threshold = 1, step = 1}"
"""An ordinary letter's figures: in a protected one nobody is counted alone."""
BY_HAND, BY_CLOCK = '{every = "6h", at_least = 50}', '{every = "1s", at_least = 1}'


JOURNEYS = (
    pytest.param("ru", BELARUS, "sqlite", BY_CLOCK, {"javascript": False}, "counted", id="ru"),
    pytest.param("be", BELARUS, "postgresql", BY_CLOCK, {"color_scheme": "dark"}, "named", id="be"),
    pytest.param("en", BELARUS, "sqlite", BY_HAND, {"forced_colors": "active"}, "counted", id="en"),
    pytest.param("ar", EUROPE, "sqlite", BY_CLOCK, {"javascript": False}, "named", id="ar"),
)
MORE = (
    pytest.param("uk", EUROPE, "sqlite", BY_CLOCK, {"javascript": False}, "named", id="uk"),
    pytest.param("pl", EUROPE, "sqlite", BY_CLOCK, {}, "counted", id="pl"),
    pytest.param("de", EUROPE, "postgresql", BY_CLOCK, {"reduced_motion": "reduce"}, "named", id="de"),
)
"""Left to the full mode: the same pages as in Arabic, from left to right."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each journey has a language, a letter, a database, a rule, a browser, and what the signer changes to."""
    if "browser_has" in metafunc.fixturenames:
        journeys = (*JOURNEYS, *MORE) if metafunc.config.getoption("--full") else JOURNEYS
        metafunc.parametrize(("language", "letter", "database", "rule", "browser_has", "later"), journeys)


@dataclass(frozen=True)
class Site:
    """An installation with one open letter, as its host runs it."""

    url: str
    environment: dict[str, str]
    folder: Path

    def run(self, *command: str) -> str:
        done = run_command(*command, environment=self.environment, folder=self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self, slug: str, rule: str) -> None:
        """Load and open a demo letter under a key of its own and that rule for editions."""
        source = shutil.copytree(DEMO / slug, self.folder / slug) / "letter.toml"
        key = self.run("keys", "new", "letter.key").strip()
        text = re.sub(r"^edition = .*$", f"edition = {rule}\n{key}", source.read_text(), flags=re.MULTILINE)
        source.write_text(re.sub(r"^figures = .*$", f"figures = {ALONE}", text, flags=re.MULTILINE))
        self.run("letter", "load", slug, "--open")


@pytest.fixture
def site(environment: dict[str, str], letter: tuple[str, str], rule: str, tmp_path: Path) -> Iterator[Site]:
    """Web and worker are processes of their own."""
    Site("", environment, tmp_path).run("db", "upgrade")
    with running_web(environment, tmp_path) as (url, _web):
        own = {**environment, "UNDERSIGNED_BASE_URL": url}
        site = Site(url, own, tmp_path)
        site.load(letter[0], rule)
        with running_worker(own, tmp_path):
            yield site


def test_a_letter_is_signed_verified_counted_and_withdrawn(
    *,
    language: str,
    letter: tuple[str, str],
    rule: str,
    browser_has: dict[str, object],
    later: str,
    site: Site,
    visitor: Visitor,
    mail_server: MailServer,
) -> None:
    signer = Signer(visitor(language=language, **browser_has), site.url, *letter, language)

    def is_public(total: int, names: list[str]) -> bool:
        if rule == BY_HAND:
            site.run("editions", "release", letter[0], "--now")
        return signer.sees(total, names)

    title = signer.find_the_letter()
    chosen = signer.forget_the_name()
    assert signer.hands.holds(signer.page.locator(".error-summary"))
    assert signer.page.title() != title
    assert signer.page.title().endswith(title)
    assert signer.field("name-error").is_visible()
    assert signer.field("email").input_value() == ADDRESS
    signer.add_the_name()
    assert signer.page.url.endswith(f"/letters/{letter[0]}/check-mail")

    signer.read_the_mail(mail_server)
    told = " ".join(signer.page.locator("dl").all_inner_texts()).casefold()
    assert [label for label in (*chosen.values(), title.rsplit(" – ")[0]) if label.casefold() not in told] == []
    pseudonym, private = signer.confirm()
    assert is_public(1, [pseudonym])

    signer.change(private, later)
    assert is_public(1, [NAME] if later == "named" else [])
    signer.withdraw(private)
    assert is_public(0, [])

    assert signer.witness.failures == []
    assert signer.witness.hosts == {urlsplit(site.url).netloc}
    assert signer.witness.kept == {}
