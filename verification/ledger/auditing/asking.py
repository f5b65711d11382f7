"""What a letter's site prints: its JSON and its pages, read as far as they can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.ledger.auditing.answers import BadAnswer, as_figure, as_list, as_object, parsed_object
from verification.ledger.auditing.fetching import JSON_BYTES, PAGE_BYTES, BadStatus, Site
from verification.ledger.auditing.findings import Code, Finding, in_short
from verification.ledger.auditing.letter_address import BadAddress
from verification.ledger.auditing.mirror_files import Mirror
from verification.ledger.auditing.page_text import BadPage, LetterPage, PageFigures
from verification.ledger.auditing.printed import PrintedEdition, PrintedStep, read_printed, read_step

EDITIONS_ON_A_PAGE = 100
MOST_PAGES = 1_000
"""Pages in the longest list of editions that is read."""

MOST_LANGUAGES = 64

GONE = 410
"""What a site answers where a letter was taken down."""


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
    pages: dict[str, LetterPage] = field(default_factory=dict)
    figures: dict[str, PageFigures] = field(default_factory=dict)
    """By page: the letter's in each language, the count's, and the newest edition's, which is there to be cited."""
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
    if answers.steps:
        newest = _object_at(site, f"{api}/editions/{answers.steps[-1].printed.edition}", answers)
        answers.newest = _step_of(newest, answers)
        _take_figures(site, f"/editions/{answers.steps[-1].printed.edition}", "newest edition's page", answers)
    _take_figures(site, "/count", "count page", answers)
    texts = (answers.letter or {}).get("texts")
    _take_figures(site, "", "letter's page without a language", answers)
    if site.mirror:
        _take_as_read(site, site.mirror, answers)
    named = languages or (list(texts) if isinstance(texts, dict) else [])
    for language in sorted(named)[:MOST_LANGUAGES]:
        _take_page(site, language, answers)
    _check_pages(answers)
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


def _take_page(site: Site, language: str, answers: Answers) -> None:
    try:
        page = LetterPage(site.get(site.address.page(language), PAGE_BYTES).decode("utf-8", "replace"))
        answers.pages[language] = page
        answers.figures[f"letter's page in {language}"] = page.figures
    except (BadStatus, BadAddress, BadPage) as wrong:
        if isinstance(wrong, BadStatus) and wrong.status == 404:
            answers.notes.append(f"The site has no page in {language}: only its JSON shows that text.")
            return
        said = f"The letter's page in {in_short(language)} cannot be read. {wrong}"
        answers.findings.append(Finding(Code.UNREADABLE_PAGE, said))


def _take_figures(site: Site, rest: str, what: str, answers: Answers) -> None:
    try:
        page = LetterPage(site.get(f"/letters/{site.address.slug}{rest}", PAGE_BYTES).decode("utf-8", "replace"))
        answers.figures[what] = page.figures
    except (BadStatus, BadPage) as wrong:
        answers.findings.append(Finding(Code.UNREADABLE_PAGE, f"The {what} cannot be read. {wrong}"))


def _take_as_read(site: Site, mirror: Mirror, answers: Answers) -> None:
    """The page that readers of a mirror are shown who leave index.html away; stores of files may have none."""
    what = "letter's page without index.html"
    try:
        page = site.get(f"{mirror.root}/letters/{site.address.slug}/", PAGE_BYTES, exactly=True)
        answers.figures[what] = LetterPage(page.decode("utf-8", "replace")).figures
    except BadStatus as none:
        answers.notes.append(f"The {what} is not there ({none.status}): links have to lead to index.html.")
    except BadPage as wrong:
        answers.findings.append(Finding(Code.UNREADABLE_PAGE, f"The {what} cannot be read. {wrong}"))


def _check_pages(answers: Answers) -> None:
    if not answers.pages and not any(finding.code is Code.UNREADABLE_PAGE for finding in answers.findings):
        answers.notes.append("The site has no page in any of the letter's languages: only its JSON shows the text.")


def _unreadable(what: str, wrong: Exception) -> Finding:
    return Finding(Code.UNREADABLE_API, f"The JSON {what} cannot be read. {wrong}")
