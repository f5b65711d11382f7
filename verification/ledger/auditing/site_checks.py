"""Whether the site prints what the log says: its JSON, its pages, its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from verification.errors import Refusal
from verification.ledger.auditing.answers import BadAnswer, as_object, as_text
from verification.ledger.auditing.asking import ShownText
from verification.ledger.auditing.edition_checks import COUNTED, CheckedEdition, EditionChecks
from verification.ledger.auditing.findings import Code, Finding, in_short
from verification.ledger.auditing.page_text import PageFigures
from verification.ledger.auditing.printed import PrintedEdition, PrintedHead, PrintedStep
from verification.ledger.checkpoints import open_checkpoint
from verification.ledger.notes import VerifierKey
from verification.ledger.strict import base64_of


def printed_findings(where: str, printed: PrintedEdition, logged: PrintedEdition | None) -> Iterator[Finding]:
    """What an answer prints of an edition, held against its tally."""
    where = f"{where} prints edition {printed.edition} with"
    if logged is None or printed == logged:
        return
    if printed.released_at != logged.released_at:
        said = f"the moment {printed.released_at}: expected {logged.released_at}, as its tally in the log has it"
        yield Finding(Code.PRINTED_FIGURE, f"{where} {said}.")
    for name, found in printed.figures.items():
        if found != logged.figures[name]:
            said = f"{name} {found}: expected {logged.figures[name]}, as its tally in the log has it"
            yield Finding(Code.PRINTED_FIGURE, f"{where} {said}.")
    for name, cells in logged.cells.items():
        shown = printed.cells[name]
        yield from _cell_findings(f"{where} the cell by {name}", shown.shown, cells.shown)
        if shown.rest != cells.rest:
            said = f"{in_short(shown.rest)} as the rest by {name}: expected {in_short(cells.rest)}"
            yield Finding(Code.PRINTED_CELLS, f"{where} {said}, as its tally in the log has it.")
    if printed.pairs != logged.pairs:
        said = f"{in_short(printed.pairs)} as professions by region: expected {in_short(logged.pairs)}"
        yield Finding(Code.PRINTED_CELLS, f"{where} {said}, as its tally in the log has it.")


def step_findings(
    step: PrintedStep, before: PrintedStep | None, found: CheckedEdition | None, key: VerifierKey | None
) -> Iterator[Finding]:
    """What the history says of an edition besides its figures: changes, reasons, the log's head."""
    printed = step.printed
    earlier = before.printed.figures if before else dict.fromkeys(printed.figures, 0)
    for name, count in printed.figures.items():
        if step.changes[name] != count - earlier[name]:
            said = f"a change of {step.changes[name]} {name}: expected {count - earlier[name]}"
            yield Finding(Code.PRINTED_CHANGES, f"The JSON says of edition {printed.edition} {said}.")
    if found is None:
        return
    if step.reasons != found.leaves.reasons:
        expected = in_short(dict(sorted(found.leaves.reasons.items())))
        said = f"{in_short(dict(step.reasons))} as the reasons of voids: expected {expected}, as the leaves have them"
        yield Finding(Code.PRINTED_REASONS, f"The JSON says of edition {printed.edition} {said}.")
    yield from _head_findings(printed.edition, step.head, found, key)


def page_findings(page: str, figures: PageFigures, checks: EditionChecks) -> Iterator[Finding]:
    """The number that a reader sees, held against the log."""
    logged = checks.printed(figures.edition)
    expected = logged.total if logged else 0
    if logged is None and figures.edition:
        return
    for found, what in ((figures.in_digits, "shows"), (figures.total, "is marked up with")):
        if found != expected:
            said = f"{what} {found} signatures in edition {figures.edition}: expected {expected}, as the log has it"
            yield Finding(Code.PAGE_TOTAL, f"The {page} {said}.")


def text_findings(
    beginning: Mapping[str, Any], written: Mapping[str, Any], shown: Sequence[ShownText]
) -> Iterator[Finding]:
    """The letter's text in every language, in the JSON and on the pages, held against the hashes in leaf 0."""
    try:
        hashes = {language: as_object(found, "hashes") for language, found in _texts(beginning, "leaf 0").items()}
        texts = _texts(written, "the JSON")
    except BadAnswer as wrong:
        yield Finding(Code.API_TEXT, f"The letter's texts cannot be compared. {wrong}")
        return
    for language in sorted(hashes.keys() ^ texts.keys()):
        place = "leaf 0 alone" if language in hashes else "the JSON alone"
        yield Finding(Code.API_TEXT, f"The text in {in_short(language)} is in {place}: expected it in both.")
    for language in sorted(hashes.keys() & texts.keys()):
        yield from _written_findings(language, hashes[language], texts[language])
    for text in shown:
        bound = [hashes[text.language]] if text.language in hashes else [] if text.language else hashes.values()
        if bound:
            yield from _shown_findings(text, [each.get("page") for each in bound])


def rule_findings(
    beginning: Mapping[str, Any], letter: Mapping[str, Any], slug: str, key: VerifierKey | None
) -> Iterator[Finding]:
    """The letter's name and rules as the JSON has them, held against leaf 0, and its log against the key in use."""
    for name, found in (("letter", letter.get("letter")), ("letter", slug)):
        if found != beginning.get(name):
            said = f"Leaf 0 is of the letter {in_short(beginning.get(name))}: expected {in_short(found)}."
            yield Finding(Code.BAD_BEGINNING, said)
    log = letter.get("log")
    if key and isinstance(log, dict) and (log.get("origin"), log.get("key")) != (key.name, str(key)):
        said = f"The JSON says {in_short(log)} of the letter's log: expected {key}, the key that signs it."
        yield Finding(Code.OTHER_KEY, said)
    for ours, theirs in (("figures", "figures"), ("editions", "edition_rule")):
        bound, shown = beginning.get(ours), letter.get(theirs)
        if not (isinstance(bound, dict) and isinstance(shown, dict) and shown.items() <= bound.items()):
            said = f"The JSON says {in_short(shown)} as {theirs}: expected what leaf 0 binds, {in_short(bound)}."
            yield Finding(Code.PRINTED_RULES, said)


def letter_findings(letter: Mapping[str, Any], checks: EditionChecks) -> Iterator[Finding]:
    """The total that the letter's own JSON prints, held against the log."""
    number = letter.get("edition")
    logged = checks.printed(number) if isinstance(number, int) else None
    if logged and letter.get("total") != logged.total:
        said = f"The letter's JSON prints the total {in_short(letter.get('total'))} in edition {number}"
        yield Finding(Code.PRINTED_FIGURE, f"{said}: expected {logged.total}, as the log has it.")


def order_findings(steps: Sequence[PrintedStep], checks: EditionChecks) -> Iterator[Finding]:
    """Whether the history has every edition of the log, each once and in order."""
    numbers = [step.printed.edition for step in steps]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Finding(Code.WRONG_EDITIONS, "The JSON does not list editions from 1 on in their order, each once.")
    for step in steps:
        if step.printed.edition == checks.before and any(
            step.printed.figures[name] != checks.start[name] for name in COUNTED
        ):
            said = f"The JSON prints other figures of edition {checks.before}, the last before the log, than leaf 0."
            yield Finding(Code.PRINTED_FIGURE, said)


def _cell_findings(where: str, shown: Mapping[str, int], logged: Mapping[str, int]) -> Iterator[Finding]:
    for code in sorted(shown.keys() | logged.keys()):
        if shown.get(code) != logged.get(code):
            found, expected = shown.get(code, "hidden"), logged.get(code, "hidden")
            said = f"{in_short(code)} {found}: expected {expected}, as its tally in the log has it"
            yield Finding(Code.PRINTED_CELLS, f"{where} {said}.")


def _head_findings(
    number: int, head: PrintedHead | None, found: CheckedEdition, key: VerifierKey | None
) -> Iterator[Finding]:
    where = f"The JSON says of edition {number}"
    if head is None:
        yield Finding(Code.PRINTED_HEAD, f"{where} that it has no log: expected the log's head after it.")
        return
    expected = found.leaves.size, base64_of(found.leaves.root)
    if (head.size, head.root) != expected:
        said = f"that the log has {head.size} leaves and the root {in_short(head.root)} after it"
        yield Finding(Code.PRINTED_HEAD, f"{where} {said}: expected {expected[0]} leaves and {expected[1]}.")
    if key and (head.origin, head.key) != (key.name, str(key)):
        said = f"that the log {in_short(head.origin)} has the key {in_short(head.key)}: expected {key}"
        yield Finding(Code.PRINTED_HEAD, f"{where} {said}.")
    if key and head.checkpoint is not None:
        yield from _checkpoint_findings(where, head.checkpoint, found, key)


def _checkpoint_findings(where: str, note: str, found: CheckedEdition, key: VerifierKey) -> Iterator[Finding]:
    try:
        checkpoint = open_checkpoint(note, key)
    except Refusal as wrong:
        yield Finding(Code.PRINTED_HEAD, f"{where} a checkpoint that does not hold. {wrong}")
        return
    if (checkpoint.size, checkpoint.root) != (found.leaves.size, found.leaves.root):
        said = f"a checkpoint of {checkpoint.size} leaves and the root {checkpoint.root.hex()}"
        yield Finding(Code.PRINTED_HEAD, f"{where} {said}: this log has another one there.")


def _texts(found: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    return as_object(found.get("texts"), f"the texts in {where}")


def _written_findings(language: str, hashes: Mapping[str, Any], text: object) -> Iterator[Finding]:
    try:
        found = as_object(text, f"the text in {language}")
        written = f"{as_text(found.get('title'), 'the title')}\n{as_text(found.get('markdown'), 'the text')}"
    except BadAnswer as wrong:
        yield Finding(Code.API_TEXT, f"The letter's text in {language} cannot be read in the JSON. {wrong}")
        return
    if (found_hash := _hash_of(written)) != hashes.get("markdown"):
        said = f"has the hash {found_hash}: expected {in_short(hashes.get('markdown'))}, as leaf 0 binds it"
        yield Finding(Code.API_TEXT, f"The letter's text in {language} in the JSON {said}. It is another text.")


def _shown_findings(shown: ShownText, bound: Sequence[object]) -> Iterator[Finding]:
    """Whether the text on a page is one of those with these hashes."""
    try:
        found = _hash_of(shown.page.text)
    except Refusal as wrong:
        yield Finding(Code.PAGE_TEXT, f"The letter's text cannot be read on {shown.where}. {wrong}")
        return
    if found not in bound:
        expected = in_short(bound[0]) if len(bound) == 1 else "that of one of the letter's languages"
        said = f"has the hash {found}: expected {expected}, as leaf 0 binds it"
        yield Finding(Code.PAGE_TEXT, f"The letter's text on {shown.where} {said}. It is another text.")


def _hash_of(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
