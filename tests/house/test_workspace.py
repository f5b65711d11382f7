"""Every page of the workspace refuses whoever it is not for: all of them, as the URL map has them.

A new page is tried at once. Where a list below has to grow, its name and the failing test say what that means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from letters.models.drafts import DraftRow
from letters.models.teams import Role
from letters.organising.workspace.access import Access, Level
from letters.organising.workspace.page import DraftPage, LetterPage, TeamPage, WorkspacePage
from letters.runtime import Runtime
from tests.parts.clock import Clock
from tests.parts.organiser import CSRF, Organiser, found_team
from tests.parts.smtp import MailServer
from verification.database import Base

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

BASES = (WorkspacePage, TeamPage, LetterPage, DraftPage)
METHODS = ("GET", "POST")
FOR_ANYBODY = {"sign_in", "join", "lost_password", "reset", "reset_passkey"}
"""Pages that ask for no session, because they lead to one. Add another only if a stranger may see all that it shows."""
BY_PASSWORD = {"second_factor", "sign_out", "set_up", "recovery_codes", "passkey"}
"""Pages on the way from the password to the second factor; they show nothing of a team."""
WITHOUT_A_TEAM = {"home", "account", "password", "new_codes", "end_session", "new_factor", "remove_factor", "again"}
"""Pages for every organiser, about the account alone."""
SOMETHING = "01" * 16
"""What stands in an address for an id, a code or a token of which nothing is known here."""
TRACELESS = {"seen_at", "challenge"}
"""Columns that every request of a session may change."""


@dataclass(frozen=True)
class Asked:
    """One page by one method, at the address that leads to what the first team has."""

    name: str
    method: str
    url: str
    view: type[WorkspacePage]
    known: bool
    """Whether everything that its address names is there."""

    @property
    def access(self) -> Access:
        return self.view.access(self.method)

    @property
    def of_team(self) -> bool:
        return issubclass(self.view, TeamPage)


@dataclass(frozen=True)
class World:
    """A team with a letter and a draft, its people, and a stranger who owns another team."""

    app: Flask
    owner: Organiser
    editor: Organiser
    reviewer: Organiser
    stranger: Organiser
    values: dict[str, Any]

    def asked(self) -> Iterator[Asked]:
        """Every page of the workspace by every method."""
        for rule in rules(self.app):
            view = view_of(self.app, rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                known = rule.arguments <= set(self.values)
                yield Asked(rule.endpoint.removeprefix("workspace_"), method, self.url(rule), view, known)

    def url(self, rule: Rule) -> str:
        """The address of a page, its unknown parts filled."""
        fill = {name: fitting(kind) for name, kind in rule._converters.items()}
        adapter = self.app.url_map.bind("undersigned.example", url_scheme="https")
        return str(adapter.build(rule.endpoint, {**fill, **{k: v for k, v in self.values.items() if k in fill}}))


@pytest.fixture
def world(organiser: Organiser, mail_server: MailServer, runtime: Runtime, app: Flask) -> World:
    campaign = organiser.campaign(mail_server)
    content: dict[str, Any] = {"toml": "", "texts": {}, "privacy": {}}
    draft = DraftRow(
        id=bytes.fromhex(SOMETHING), team_id=organiser.team_id, title="Example", content=content, version=1,
        changed_by=organiser.account_id, changed_on=runtime.clock().date(),
    )  # fmt: skip
    runtime.settle(lambda session: session.add(draft))
    values = {"team_id": organiser.team_id, "slug": campaign.slug, "draft": SOMETHING}
    return World(
        app,
        organiser,
        organiser.colleague(Role.EDITOR, name="editor"),
        organiser.colleague(Role.REVIEWER, name="reviewer"),
        found_team(runtime, app, "stranger@example.org", "Team Elsewhere"),
        values,
    )


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/workspace")]


def view_of(app: Flask, rule: Rule) -> Any:
    """The class behind an address."""
    view: Any = app.view_functions[rule.endpoint]
    return view.view_class


def fitting(kind: object) -> Any:
    return 1 if isinstance(kind, IntegerConverter) else SOMETHING


def send(who: Organiser, asked: Asked, csrf: str = "", **form: str) -> TestResponse:
    if asked.method == "GET":
        return who.get(asked.url)
    return who.client.post(asked.url, base_url=who.base, data={"csrf_token": csrf, **form})


def wrong(asked: Asked, answer: TestResponse) -> str:
    return f"{asked.method} {asked.url} ({asked.view.__name__}) answered {answer.status_code} {answer.location or ''}"


def stored(runtime: Runtime) -> dict[str, list[Any]]:
    """All that the database holds, but for what every request may change."""
    with runtime.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(*kept)).all()))
            for table in Base.metadata.sorted_tables
            if (kept := [column for column in table.columns if column.name not in TRACELESS])
        }


def newcomer(world: World) -> tuple[Organiser, str]:
    """A browser that nobody has signed in with, and the token of its forms."""
    nobody = Organiser(world.owner.runtime, world.app, "nobody@example.org")
    return nobody, CSRF.findall(nobody.get("/workspace/sign-in").text)[0]


def by_password(world: World) -> tuple[Organiser, str]:
    """A browser in which the owner's password was typed, and nothing more, and the token of its forms."""
    half, token = newcomer(world)
    form = {"csrf_token": token, "address": world.owner.address, "password": world.owner.password}
    assert half.client.post("/workspace/sign-in", base_url=half.base, data=form).status_code == 303
    return half, CSRF.findall(half.get("/workspace/second-factor").text)[0]


def test_every_page_of_the_workspace_is_one(app: Flask) -> None:
    other = [rule.rule for rule in rules(app) if not hasattr(app.view_functions[rule.endpoint], "view_class")]
    assert other == []
    assert [rule.rule for rule in rules(app) if not issubclass(view_of(app, rule), WorkspacePage)] == []
    assert [rule.rule for rule in rules(app) if not rule.endpoint.startswith("workspace_")] == []


def test_every_page_takes_only_getting_and_posting(world: World) -> None:
    assert [asked.url for asked in world.asked() if asked.method not in METHODS] == []


def test_every_page_says_itself_who_may_open_it(world: World) -> None:
    """`needs` stands in its class, or in one it shares with its siblings; never only in the four that all share."""
    silent = {
        asked.view.__name__
        for asked in world.asked()
        if not any("needs" in vars(base) for base in asked.view.__mro__[: first_shared(asked.view)])
    }
    assert silent - {"Home"} == set(), "write `needs = Access(…)` in these classes"


def first_shared(view: type[WorkspacePage]) -> int:
    return min(view.__mro__.index(base) for base in BASES if base in view.__mro__)


def test_every_page_of_a_team_asks_for_a_role(world: World) -> None:
    assert [asked.url for asked in world.asked() if asked.of_team and asked.access.role is None] == []


def test_pages_that_ask_for_less_are_the_known_ones(world: World) -> None:
    pages = list(world.asked())
    assert {page.name for page in pages if page.access.level is Level.ANYBODY} == FOR_ANYBODY
    assert {page.name for page in pages if page.access.level is Level.PASSWORD} == BY_PASSWORD
    assert {page.name for page in pages if not page.of_team} == FOR_ANYBODY | BY_PASSWORD | WITHOUT_A_TEAM


def test_the_addresses_tried_here_lead_somewhere(world: World) -> None:
    """Otherwise a refusal below would say nothing: whoever may come in does."""
    known = [page for page in world.asked() if page.of_team and page.known and page.method == "GET"]
    answers = [(page, send(world.owner, page)) for page in known]
    assert [wrong(*pair) for pair in answers if is_nowhere(pair[1])] == []
    assert len(known) > 5


def is_nowhere(answer: TestResponse) -> bool:
    return answer.status_code == 404 and "There is no page here" in answer.text


def test_without_signing_in_no_page_opens(world: World, runtime: Runtime) -> None:
    nobody, token = newcomer(world)
    before = stored(runtime)
    pages = [page for page in world.asked() if page.access.level is not Level.ANYBODY]
    answers = [(page, send(nobody, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if not leads_to(pair[1], "/workspace/sign-in")] == []
    assert stored(runtime) == before


def test_with_the_password_alone_no_page_opens(world: World, runtime: Runtime) -> None:
    half, token = by_password(world)
    before = stored(runtime)
    pages = [page for page in world.asked() if page.access.level is Level.FULL]
    answers = [(page, send(half, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if not leads_to(pair[1], "/workspace/second-factor")] == []
    assert stored(runtime) == before


def test_without_a_second_factor_set_up_no_page_opens(world: World, runtime: Runtime) -> None:
    """Of an account whose owner left after the invitation."""
    half, token = by_password(world)
    with_ready(runtime, world.owner.account_id, ready=False)
    pages = [page for page in world.asked() if page.access.level is Level.FULL]
    answers = [(page, send(half, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if not leads_to(pair[1], "/workspace/set-up")] == []


def with_ready(runtime: Runtime, account_id: bytes, *, ready: bool) -> None:
    table = Base.metadata.tables["accounts"]
    change = table.update().where(table.c.id == account_id).values(ready=ready)
    runtime.settle(lambda session: session.execute(change))


def leads_to(answer: TestResponse, path: str) -> bool:
    return answer.status_code == 303 and answer.location.partition("?")[0] == path


def test_of_another_team_nothing_is_there(world: World, runtime: Runtime) -> None:
    token, before = world.stranger.csrf, stored(runtime)
    answers = [(page, send(world.stranger, page, token)) for page in world.asked() if page.of_team]
    assert [wrong(*pair) for pair in answers if pair[1].status_code != 404] == []
    assert {answer.text for _page, answer in answers if "Team Example" in answer.text} == set()
    assert stored(runtime) == before


def test_a_removed_member_is_a_stranger(world: World, runtime: Runtime) -> None:
    token, table = world.editor.csrf, Base.metadata.tables["memberships"]
    gone = table.delete().where(table.c.account_id == world.editor.account_id)
    runtime.settle(lambda session: session.execute(gone))
    answers = [(page, send(world.editor, page, token)) for page in world.asked() if page.of_team]
    assert [wrong(*pair) for pair in answers if pair[1].status_code != 404] == []


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.EDITOR])
def test_a_lower_role_is_not_enough(world: World, runtime: Runtime, role: Role) -> None:
    lower = {Role.REVIEWER: world.reviewer, Role.EDITOR: world.editor}[role]
    token, before = lower.csrf, stored(runtime)
    pages = [page for page in world.asked() if page.of_team and not role.reaches(page.access.role or Role.OWNER)]
    answers = [(page, send(lower, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if pair[1].status_code != 403] == []
    assert stored(runtime) == before


def test_whatever_reveals_or_destroys_asks_again_first(world: World, runtime: Runtime, clock: Clock) -> None:
    clock.advance(minutes=11)
    token, spent = world.owner.csrf, spent_code(world)
    before = stored(runtime)
    pages = [page for page in world.asked() if page.access.strong]
    answers = [(page, send(world.owner, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if not asks_again(pair[1], 200)] == []
    for again in (
        {"again_password": world.owner.password},
        {"again_password": world.owner.password, "again_code": spent},
        {"again_password": "another password", "again_code": world.owner.code},
    ):
        answers = [(page, send(world.owner, page, token, **again)) for page in pages if page.method == "POST"]
        assert [wrong(*pair) for pair in answers if not asks_again(pair[1], 422)] == []
    assert stored(runtime) == before
    assert len(pages) > 5


def spent_code(world: World) -> str:
    """The code that the owner's app shows now; it was used at another browser."""
    half, token = by_password(world)
    code = world.owner.code
    form = {"csrf_token": token, "code": code}
    assert half.client.post("/workspace/second-factor", base_url=half.base, data=form).status_code == 303
    return code


def asks_again(answer: TestResponse, status: int) -> bool:
    return answer.status_code == status and 'name="again_password"' in answer.text


@pytest.mark.parametrize("forged", ["", "nonsense", "ünïcode", "another session's"])
def test_a_form_that_the_browser_was_not_given_is_refused(world: World, runtime: Runtime, forged: str) -> None:
    token, before = world.editor.csrf if "another" in forged else forged, stored(runtime)
    pages = [page for page in world.asked() if page.method == "POST"]
    answers = [(page, send(world.owner, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if pair[1].status_code != 403] == []
    assert stored(runtime) == before


def test_a_form_that_another_site_sends_is_refused(world: World, runtime: Runtime) -> None:
    token, before = world.owner.csrf, stored(runtime)
    pages = [page for page in world.asked() if page.method == "POST"]
    world.owner.client.environ_base["HTTP_ORIGIN"] = "https://evil.example"
    answers = [(page, send(world.owner, page, token)) for page in pages]
    assert [wrong(*pair) for pair in answers if pair[1].status_code != 403] == []
    assert stored(runtime) == before


def test_no_page_is_kept_by_a_cache_or_found_by_a_search(world: World) -> None:
    answers = [(page, send(world.owner, page)) for page in world.asked() if page.method == "GET"]
    kept = [pair for pair in answers if "no-store" not in pair[1].headers["Cache-Control"]]
    assert [wrong(*pair) for pair in kept] == []
