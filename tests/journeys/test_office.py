"""Every page of the workspace in every state can be used by everybody, as the public ones can."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.journeys.aloud import grievances
from tests.journeys.covered import WIDTHS, Look, Note, looks
from tests.journeys.office import Office
from tests.journeys.office_views import VIEWS, OfficeView, nothing
from tests.journeys.showcase import serving
from tests.journeys.stretched import SPACED, lost
from tests.journeys.test_pages import barriers
from tests.journeys.witness import Witness
from tests.parts.browser import Visitor

NO_PAGE = {"draft_link", "again", "pause", "draft_folder", "letter_folder", "sample_frame"}
"""What leads on, or hands over a file."""
ONE_IN = 5
"""How many usual states stand for one another in the short mode."""
PART_OF_A_PAGE = {"handover_downloads"}


@pytest.fixture(scope="module")
def served(office: Office) -> Iterator[str]:
    """The base URL of the office; browsers have passkeys at localhost."""
    with serving(office.app) as url:
        yield url.replace("127.0.0.1", "localhost")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In the short mode some of the usual states are looked at."""
    if "view" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        views = list(VIEWS) if full else [name for name, view in VIEWS.items() if not view.rare][::ONE_IN]
        chosen = [(view, *look) for number, view in enumerate(views) for look in looks(number, full=full)]
        metafunc.parametrize(("view", "language", "scheme"), chosen)


def test_a_page_of_the_workspace_has_no_barriers(
    view: str,
    language: str,
    scheme: str,
    office: Office,
    served: str,
    visitor: Visitor,
    *,
    looked: Note,
    repetitions: Callable[[int, int], int],
) -> None:
    office.speak(language)
    page = visitor(width=WIDTHS[0], language=language, color_scheme=scheme)
    cookie = office.cookie(VIEWS[view].who)
    if cookie:
        page.context.add_cookies([{"name": "workspace", "value": cookie, "url": f"{served}/workspace"}])
    witness = Witness(page)
    page.goto(served + path_of(office, VIEWS[view], language))
    VIEWS[view].deed(page)
    assert grievances(page) == []
    assert lost(page, SPACED) == []
    widths = WIDTHS[: repetitions(1, len(WIDTHS))]
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        assert barriers(page) == []
        assert witness.overflow == 0
    assert page.locator("html").get_attribute("lang") == language
    assert witness.failures == []
    assert witness.hosts == {urlsplit(served).netloc}
    looked(Look("workspace", view, language, scheme, widths))


def test_each_state_of_a_page_of_the_workspace_is_one_of_its_own(office: Office) -> None:
    office.speak("en")
    found: dict[str, list[str]] = {}
    for name, view in VIEWS.items():
        if view.deed is nothing:
            page = office.people[view.who].get(path_of(office, view, "en")).text
            found.setdefault(page.partition("<main")[2], []).append(name)
    assert [names for names in found.values() if len(names) > 1] == []


def test_every_page_of_the_workspace_is_looked_at(office: Office) -> None:
    adapter = office.app.url_map.bind("localhost")
    paths = [path_of(office, view, "en").partition("?")[0] for view in VIEWS.values()]
    looked_at = {adapter.match(path, method="GET")[0].removeprefix("workspace_") for path in paths}
    assert pages(office.app) - looked_at == NO_PAGE | PART_OF_A_PAGE


def pages(app: Flask) -> set[str]:
    """What can be asked for in the workspace."""

    def is_page(rule: Rule) -> bool:
        return rule.endpoint.startswith("workspace_") and "GET" in (rule.methods or ())

    return {rule.endpoint.removeprefix("workspace_") for rule in app.url_map.iter_rules() if is_page(rule)}


def path_of(office: Office, view: OfficeView, language: str) -> str:
    """Where a view is, in the office."""
    return view.address.format_map({**office.links, "language": language})
