"""The first organiser's way in, in a real browser, with a passkey and with a code app."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from letters.commands.organisers import first_run_page
from letters.runtime import Runtime
from letters.settings import Settings
from tests.journeys.organiser import AtWork, give_authenticator
from tests.parts.browser import Visitor
from tests.parts.server import run_command, running_web
from verification.database import make_engine

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def site(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The base URL of an installation, and the first-run page."""
    assert run_command("db", "upgrade", environment=environment, folder=tmp_path).returncode == 0
    with running_web(environment, tmp_path, host="localhost") as (url, _web):
        settings = Settings.read({**environment, "UNDERSIGNED_BASE_URL": url})
        runtime = Runtime(settings, make_engine(settings.database_url))
        yield url, str(first_run_page(runtime))
        runtime.engine.dispose()


def test_the_first_organiser_joins_with_a_passkey_and_comes_back_with_it(
    site: tuple[str, str], visitor: Visitor
) -> None:
    url, first_run = site
    page = visitor()
    give_authenticator(page)
    owner = AtWork(page, url, "owner@example.org")
    owner.join(first_run, team="Team Example")
    owner.use_passkey()
    assert page.get_by_role("heading", name="Team Example").is_visible()
    owner.press("Sign out")
    owner.sign_in()
    assert page.get_by_role("heading", name="Team Example").is_visible()
    assert owner.witness.failures == []


def test_the_first_organiser_joins_with_a_code_app_and_without_javascript(
    site: tuple[str, str], visitor: Visitor
) -> None:
    url, first_run = site
    page = visitor(javascript=False, width=320)
    owner = AtWork(page, url, "owner@example.org")
    owner.join(first_run, team="Team Example")
    owner.use_code_app()
    owner.press("Sign out")
    owner.sign_in()
    assert page.get_by_role("heading", name="Team Example").is_visible()
    assert owner.witness.overflow == 0
