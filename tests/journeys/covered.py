"""Which looks a run takes at each state of a page, and the table of `docs/accessibility.md`: what a full run looked at.

Where several processes share the tests (pytest-xdist), a look travels with the report of its test.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby, product
from typing import Any

import pytest

from letters.settings import ROOT
from letters.vocabularies.languages import LANGUAGES
from tests.journeys.office_views import VIEWS as OFFICE_VIEWS
from tests.journeys.views import VIEWS

TABLE = ROOT / "docs" / "accessibility.md"
BEGIN, END = "<!-- covered: begin -->\n", "<!-- covered: end -->\n"
WIDTHS, SCHEMES = (320, 768, 1280), ("light", "dark")


@dataclass(frozen=True)
class Look:
    """One state of a page, in one language and scheme, at these widths in CSS pixels; `part` is a room of the site."""

    part: str
    view: str
    language: str
    scheme: str
    widths: Sequence[int]
    violations: int = 0


Note = Callable[[Look], None]
SEEN: list[Look] = []


@pytest.fixture
def looked(record_property: Callable[[str, object], None]) -> Note:
    """Return what notes down a look at a page, at the end of its test."""
    return lambda look: record_property("look", asdict(look))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        properties: list[tuple[str, Any]] = report.user_properties
        SEEN.extend(Look(**said) for name, said in properties if name == "look")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what a full run has looked at into the document; a failed or partial one leaves it as it is."""
    everything = {*VIEWS, *OFFICE_VIEWS} <= {look.view for look in SEEN}
    begun_by_another = hasattr(session.config, "workerinput")
    if everything and session.config.getoption("--full") and not session.testsfailed and not begun_by_another:
        TABLE.write_text(renew(TABLE.read_text(), sorted(SEEN, key=_place)))


def looks(number: int, *, full: bool) -> list[tuple[str, str]]:
    """The languages and schemes in which the state of that number is seen: one, or one of each script and both schemes.

    The next state is seen in others.
    """
    if not full:
        every = list(product(LANGUAGES, SCHEMES))
        return [every[number % len(every)]]
    return [
        (languages[number % len(languages)], SCHEMES[(number + place) % len(SCHEMES)])
        for place, languages in enumerate(_by_script())
    ]


def _by_script() -> list[list[str]]:
    def script(code: str) -> str:
        return unicodedata.name(LANGUAGES[code].alphabet[0]).split()[0]

    return [list(codes) for _script, codes in groupby(sorted(LANGUAGES, key=script), key=script)]


def _place(look: Look) -> tuple[int, int]:
    return [*VIEWS, *OFFICE_VIEWS].index(look.view), list(LANGUAGES).index(look.language)


def renew(document: str, looks: Iterable[Look]) -> str:
    """Return the document with these looks in its table, one line for each state of a page; no date stands in it."""
    before, rest = document.split(BEGIN)
    _old, after = rest.split(END)
    return before + BEGIN + "".join(f"{line}\n" for line in _table(list(looks))) + END + after


def _table(looks: list[Look]) -> Iterable[str]:
    yield "| part | state of a page | languages | schemes | widths | violations |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for part, view in dict.fromkeys((look.part, look.view) for look in looks):
        these = [look for look in looks if (look.part, look.view) == (part, view)]
        columns = (
            _each(look.language for look in these),
            _each(look.scheme for look in these),
            _each(str(width) for look in these for width in look.widths),
        )
        yield f"| {part} | {view} | {' | '.join(columns)} | {sum(look.violations for look in these)} |"
    pictures = sum(len(look.widths) for look in looks)
    yield f"\n{pictures:,} looks in all, {sum(look.violations for look in looks)} violations."


def _each(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found))
