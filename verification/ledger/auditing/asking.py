"""What a letter's site prints: its JSON and its pages, read as far as they can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.ledger.auditing.answers import BadAnswer, as_figure, as_list, as_object, parsed_object
from verification.ledger.auditing.fetching import JSON_BYTES, NOT_THERE, PAGE_BYTES, BadStatus, Site
from verification.ledger.auditing.findings import Code, Finding, in_short
from verification.ledger.auditing.letter_address import BadAddress
from verification.ledger.auditing.page_places import Place, page_places, unread
from verification.ledger.auditing.page_text import BadPage, LetterPage, PageFigures
from verification.ledger.auditing.printed import PrintedEdition, PrintedStep, read_printed, read_step

EDITIONS_ON_A_PAGE = 100
MOST_PAGES = 1_000
"""Pages in the longest list of editions that is read."""

MOST_LANGUAGES = 64

GONE = 410
"""What a site answers where a letter was taken down."""


@dataclass(frozen=True)
class ShownText:
    """A page with the letter's text in a language, "" for whichever, and `where` that is."""

    where: str
    language: str
    page: LetterPage


@dataclass
class Answers:
    """What the site prints; whatever is missing has a finding, or in `notes` a harmless reason.

    `count` is None also before the first edition, when `uncounted` holds.
    """

    letter: Mapping[str, Any] | None = None
    count: PrintedEdition | None = None
    uncounted: bool = False
    down: bool = False
    steps: list[PrintedStep] = field(default_factory=list)
    newest: PrintedStep | None = None
    texts: list[ShownText] = field(default_factory=list)
    figures: dict[str, PageFigures] = field(default_factory=dict)
    """By page: the letter's in each language, the count's, and the newest edition's, which is there to be cited; what
    readers open of these on a mirror; and the page that was named."""
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of the log as the site names it: beside its newest edition, or else beside the letter."""
        for step in reversed(self.steps):
            if step.head:
                return step.head.key
        log = (self.letter or {}).get("log")
        key = log.get("key") if isinstance(log, dict) else None
        return key if isinstance(key, str) else ""


def ask_site(site: Site, languages: Sequence[str]) -> Answers:
    """Ask for all that is compared with the log; pages in these languages, or in those the JSON names when there are
    none. Raises `Unreachable`."""
    answers, api = Answers(), site.address.api
    answers.letter = _object_at(site, api, answers)
    if answers.down:
        return answers
    _take_count(_object_at(site, f"{api}/count", answers), answers)
    answers.steps += _steps(site, answers)
    number = answers.steps[-1].printed.edition if answers.steps else 0
    if number:
        answers.newest = _step_of(_object_at(site, f"{api}/editions/{number}", answers), answers)
    texts = answers.letter.get("texts") if answers.letter else None
    named = languages or (list(texts) if isinstance(texts, dict) else [])
    _take_pages(site, page_places(site, _spoken(site, named, answers), number), answers)
    return answers


def _object_at(site: Site, path: str, answers: Answers) -> Mapping[str, Any] | None:
    try:
        return parsed_object(site.get(path, JSON_BYTES))
    except (BadStatus, BadAnswer) as wrong:
        if isinstance(wrong, BadStatus) and wrong.status == GONE and path == site.address.api:
            said = "The letter was taken down (410). There is nothing to check until the host puts it back."
            answers.findings.append(Finding(Code.TAKEN_DOWN, said))
            answers.down = True
            return None
        answers.findings.append(_unreadable(f"at {path}", wrong))
        return None


def _take_count(count: Mapping[str, Any] | None, answers: Answers) -> None:
    if count is None or count.get("edition") != 0:
        answers.count = _edition_of(count, "the count", answers)
        return
    answers.uncounted = True
    figures = {name: count.get(name) for name in ("signatures", "withdrawn", "voided", "total")}
    if any(type(figure) is not int or figure for figure in figures.values()):
        said = f"The count prints {in_short(figures)} before the first edition: expected 0 of each."
        answers.findings.append(Finding(Code.PRINTED_FIGURE, said))


def _steps(site: Site, answers: Answers) -> Iterator[PrintedStep]:
    """Every edition of the history, page by page."""
    page = pages = 1
    while page <= pages:
        path = f"{site.address.api}/editions?page={page}"
        found = _object_at(site, path, answers)
        if found is None:
            return
        try:
            pages = as_figure(found.get("pages"), "the number of pages", 1)
            listed = as_list(found.get("editions"), "the editions", EDITIONS_ON_A_PAGE)
            _check_length(pages, len(listed))
            yield from [read_step(as_object(edition, "an edition")) for edition in listed]
        except BadAnswer as wrong:
            answers.findings.append(_unreadable(f"at {path}", wrong))
            return
        page += 1


def _check_length(pages: int, listed: int) -> None:
    if pages > MOST_PAGES or (listed == 0 and pages > 1):
        raise BadAnswer(f"It says that it has {pages} pages, and {listed} editions on this one.")


def _edition_of(answer: Mapping[str, Any] | None, what: str, answers: Answers) -> PrintedEdition | None:
    try:
        return None if answer is None else read_printed(answer)
    except BadAnswer as wrong:
        answers.findings.append(_unreadable(f"of {what}", wrong))
        return None


def _step_of(answer: Mapping[str, Any] | None, answers: Answers) -> PrintedStep | None:
    try:
        return None if answer is None else read_step(answer)
    except BadAnswer as wrong:
        answers.findings.append(_unreadable("of the newest edition", wrong))
        return None


def _spoken(site: Site, named: Sequence[str], answers: Answers) -> list[str]:
    """The languages that a page can be in."""
    spoken = []
    for language in sorted(named)[:MOST_LANGUAGES]:
        try:
            site.address.page(language)
        except BadAddress as wrong:
            said = f"The letter's page in {in_short(language)} cannot be read. {wrong}"
            answers.findings.append(Finding(Code.UNREADABLE_PAGE, said))
        else:
            spoken.append(language)
    return spoken


def _take_pages(site: Site, places: Sequence[Place], answers: Answers) -> None:
    for place in places:
        _take_page(site, place, answers)
    unknown = not any(text.language for text in answers.texts)
    if unknown and not any(finding.code is Code.UNREADABLE_PAGE for finding in answers.findings):
        answers.notes.append("The site has no page in any of the letter's languages: only its JSON shows the text.")
    if said := unread(site.address):
        answers.notes.append(said)


def _take_page(site: Site, place: Place, answers: Answers) -> None:
    try:
        page = LetterPage(site.get(place.path, PAGE_BYTES, exactly=True).decode("utf-8", "replace"))
        if place.language is not None:
            answers.texts.append(ShownText(place.where, place.language, page))
        answers.figures[place.what] = page.figures
    except (BadStatus, BadPage) as wrong:
        if isinstance(wrong, BadStatus) and wrong.status in NOT_THERE and place.absent:
            answers.notes += [place.absent] if place.absent not in answers.notes else []
        else:
            said = f"The {place.what} cannot be read. {wrong}"
            answers.findings.append(Finding(Code.UNREADABLE_PAGE, said))


def _unreadable(what: str, wrong: Exception) -> Finding:
    return Finding(Code.UNREADABLE_API, f"The JSON {what} cannot be read. {wrong}")
