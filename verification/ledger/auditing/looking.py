"""One look at a letter: everything is asked for once, the checkpoint first, and held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.ledger.auditing.asking import Answers, ask_site
from verification.ledger.auditing.cell_rules import pair_findings
from verification.ledger.auditing.edition_checks import EditionChecks, check_editions
from verification.ledger.auditing.fetching import BadStatus, Site
from verification.ledger.auditing.findings import Code, Finding, in_short
from verification.ledger.auditing.log_reading import BUNDLE_BYTES, MOST_LEAVES, BadBundle, LogReading, bundle_widths
from verification.ledger.auditing.mirror_files import Mirror
from verification.ledger.auditing.mirror_finding import check_folder, find_mirror, own_folder_findings
from verification.ledger.auditing.official_checks import Official, ask_addresses
from verification.ledger.auditing.remembering import Remembered
from verification.ledger.auditing.site_checks import (
    letter_findings,
    order_findings,
    page_findings,
    printed_findings,
    rule_findings,
    step_findings,
    text_findings,
)
from verification.ledger.auditing.trusting import (
    SignedHead,
    Source,
    Trust,
    key_of,
    read_head,
    seen_findings,
    signature_findings,
    witness_findings,
)
from verification.ledger.checkpoints import BadCheckpoint
from verification.ledger.notes import LONGEST_NOTE, BadNote, VerifierKey
from verification.ledger.tiles import ENTRIES, TileAddress

PASSING = frozenset({Code.WRONG_EDITIONS, Code.PAGE_EDITION, Code.NO_QUORUM, Code.NO_LOG, Code.NO_ADDRESSES})
"""What is found for a moment after a letter opens, until its log begins, after each edition, until the log's head is
signed and witnesses have cosigned it, and while a new list of official addresses is being signed."""


@dataclass
class Look:
    """What one look found."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: SignedHead | None = None
    key: VerifierKey | None = None
    source: Source | None = None
    reading: LogReading | None = None
    checks: EditionChecks = field(default_factory=EditionChecks)
    mirror: Mirror | None = None
    copied: bool = False
    """Whether it is a mirror, and not at the site's own address: it may be older than what was seen."""
    addresses: str = ""

    @property
    def unsettled(self) -> bool:
        """Whether all that is wrong may come from a site that is just between two editions."""
        return self.mirror is None and bool(self.findings) and all(finding.code in PASSING for finding in self.findings)

    @property
    def total(self) -> int:
        """The total that the log's newest tally has, 0 before the first."""
        newest = self.checks.printed(self.checks.newest)
        return newest.total if newest else self.checks.start_total

    def remembered(self, slug: str) -> Remembered | None:
        """What to remember of a look without findings, None when there is no signed head."""
        if not (self.head and self.key):
            return None
        heights = {number: (found.leaves.size, found.leaves.root) for number, found in self.checks.editions.items()}
        checkpoint = self.head.checkpoint
        return Remembered(
            slug, self.key, checkpoint.size, checkpoint.root, str(self.head.note), heights, self.addresses
        )


def look_at(site: Site, trust: Trust, known: LogReading | None = None) -> Look:
    """Look at the letter. A log that was read before, and has the same root still, is not read again.

    Raises `Unreachable`.
    """
    site.mirror = find_mirror(site)
    look = Look(mirror=site.mirror)
    _take_head(site, look)
    if look.head:
        _take_log(site, trust, look, look.head, known)
    languages = _languages(look)
    if site.mirror and languages:
        check_folder(site, site.mirror, languages)
    answers = ask_site(site, languages)
    if answers.down:
        look.findings = answers.findings
        return look
    if look.head is None and _not_begun(trust, answers):
        said = (
            "The letter has no log so far, and nobody can check its number: it begins a moment after the letter opens."
        )
        look.findings = [Finding(Code.NO_LOG, said)]
    look.findings += answers.findings
    look.notes += answers.notes
    if look.head:
        _check_trust(site, trust, look, look.head, answers)
    if look.reading:
        _check_answers(site, look, look.reading, answers)
    return look


def _not_begun(trust: Trust, answers: Answers) -> bool:
    """Whether the site says that there is no log, and nobody has ever seen one."""
    known = trust.key or trust.policy or trust.sights
    return not known and answers.letter is not None and answers.letter.get("log") is None and answers.uncounted


def _take_head(site: Site, look: Look) -> None:
    try:
        look.head = read_head(site.get(f"{site.address.log}/checkpoint", LONGEST_NOTE))
    except (BadStatus, BadNote, BadCheckpoint) as wrong:
        look.findings.append(Finding(Code.UNREADABLE_CHECKPOINT, f"The checkpoint cannot be read. {wrong}"))


def _take_log(site: Site, trust: Trust, look: Look, head: SignedHead, known: LogReading | None) -> None:
    size, root = head.checkpoint.size, head.checkpoint.root
    if size > MOST_LEAVES:
        said = f"The log says that it has {size} leaves: at most {MOST_LEAVES} are read."
        look.findings.append(Finding(Code.LOG_TOO_LARGE, said))
        return
    try:
        same = known and (known.size, known.root) == (size, root)
        reading = known if known and same else _read_log(site, trust, size)
    except (BadStatus, BadBundle) as wrong:
        look.findings.append(Finding(Code.BAD_BUNDLE, f"The log's leaves cannot be read. {wrong}"))
        return
    look.reading, look.checks = reading, check_editions(reading)
    look.findings += [*_root_findings(reading, root), *reading.findings, *look.checks.findings]


def _read_log(site: Site, trust: Trust, size: int) -> LogReading:
    reading = LogReading(size, {height for sight in trust.sights for height in sight.heights})
    paths = (f"{site.address.log}/{TileAddress(ENTRIES, *bundle).path}" for bundle in bundle_widths(size))
    for number, bundle in enumerate(site.get_each(paths, BUNDLE_BYTES)):
        reading.take(number, bundle)
    return reading


def _root_findings(reading: LogReading, root: bytes) -> Iterator[Finding]:
    if reading.size == 0:
        yield Finding(Code.NO_BEGINNING, "The log is empty: expected leaf 0 with the letter's text.")
    if reading.root != root:
        said = f"The {reading.size} leaves of the log have the root {reading.root.hex()}"
        yield Finding(Code.WRONG_ROOT, f"{said}: expected {root.hex()}, as its checkpoint says.")


def _languages(look: Look) -> list[str]:
    beginning: Mapping[str, Any] = (look.reading.beginning if look.reading else None) or {}
    texts = beginning.get("texts")
    return list(texts) if isinstance(texts, dict) else []


def _check_trust(site: Site, trust: Trust, look: Look, head: SignedHead, answers: Answers) -> None:
    look.key, look.source = trust.key_for(head.checkpoint.origin) or (key_of(answers.key), Source.SITE)
    look.findings += signature_findings(head, look.key, site.address)
    look.addresses = trust.seen.addresses if trust.seen else ""
    official = ask_addresses(site, look.key, look.addresses, _languages(look)) if look.key else Official()
    look.copied = official.copied
    if look.mirror and look.copied:
        look.notes.append(_copied(look.mirror, look))
    elif head.checkpoint.origin != site.address.origin:
        look.notes.append(f"The log calls itself {head.checkpoint.origin}: it began at another address than this one.")
    if look.mirror and look.key and not look.copied:
        look.findings += own_folder_findings(site.address, look.mirror)
    if trust.policy:
        look.findings += witness_findings(head, trust.policy)
    for sight in trust.sights:
        look.findings += seen_findings(head.checkpoint, look.reading, sight, copied=look.copied)
    look.addresses = official.note
    look.findings += official.findings
    look.notes += official.notes


def _copied(mirror: Mirror, look: Look) -> str:
    made = f"of {in_short(mirror.of)}, made on {in_short(mirror.made_on)}"
    return f"This is a copy {made}, as of edition {look.checks.newest}; there may be newer ones."


def _check_answers(site: Site, look: Look, reading: LogReading, answers: Answers) -> None:
    _check_history(look, answers)
    if look.mirror:
        _check_age(look, "The mirror.json", look.mirror.editions.get(site.address.slug, 0), Code.WRONG_EDITIONS)
    if answers.count or answers.uncounted:
        number = answers.count.edition if answers.count else 0
        _check_age(look, "The count", number, Code.WRONG_EDITIONS)
    if answers.count:
        look.findings += printed_findings("The count", answers.count, look.checks.printed(answers.count.edition))
    for page, figures in answers.figures.items():
        _check_age(look, f"The {page}", figures.edition, Code.PAGE_EDITION)
        look.findings += page_findings(page, figures, look.checks)
    if reading.beginning is not None and answers.letter is not None:
        look.findings += text_findings(reading.beginning, answers.letter, answers.texts)
        look.findings += rule_findings(reading.beginning, answers.letter, site.address.slug, look.key)
        look.findings += letter_findings(answers.letter, look.checks)


def _check_history(look: Look, answers: Answers) -> None:
    checks, last = look.checks, None
    for step in answers.steps:
        number = step.printed.edition
        look.findings += printed_findings("The list of editions", step.printed, checks.printed(number))
        look.findings += step_findings(step, last, checks.editions.get(number), look.key)
        look.findings += pair_findings(step.printed, checks.policy) if checks.policy else ()
        if step.printed.pairs and step is not answers.steps[-1]:
            said = f"Edition {number} prints professions by region: expected them in the last edition of all only."
            look.findings.append(Finding(Code.CELLS_TOO_MANY, said))
        last = step
    look.findings += order_findings(answers.steps, checks)
    number = last.printed.edition if last else 0
    _check_age(look, "The list of editions", number, Code.WRONG_EDITIONS)
    if last and answers.newest:
        logged = checks.printed(number) or last.printed
        look.findings += printed_findings("The newest edition", answers.newest.printed, logged)
        before = answers.steps[-2] if len(answers.steps) > 1 else None
        look.findings += step_findings(answers.newest, before, checks.editions.get(number), look.key)


def _check_age(look: Look, where: str, edition: int, code: Code) -> None:
    if edition != look.checks.newest:
        said = f"{where} shows edition {edition}: expected {look.checks.newest}, the newest in the log."
        look.findings.append(Finding(code, said))
