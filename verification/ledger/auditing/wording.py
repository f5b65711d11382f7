"""What the auditor says in the end: what it found, what that proves, and what nobody can prove this way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from verification.ledger.auditing.findings import Finding
from verification.ledger.auditing.looking import Look
from verification.ledger.auditing.trusting import Source, Trust

MOST_OF_ONE_KIND = 10
"""Findings of one code that are listed; how many more there are is said."""

_SOURCES = {
    Source.GIVEN: "The log's key is the one you gave.",
    Source.POLICY: "The log's key is the one in your policy.",
    Source.STATE: "The log's key is the one that was seen before.",
    Source.SITE: (
        "The log's key came from the site itself, and was trusted because it is the first one seen. Keep it with "
        "--state, or compare it with one from elsewhere:"
    ),
}

PROVES = """\
What this proves
- The number is the sum of the log's leaves, in every edition. None was counted twice or taken away in silence.
- The text on the page is the one that the log was begun with, before anybody signed here.
- The figures by profession, region and standing are the ones in the log, and keep to the letter's own rules."""

CANNOT = """\
What it cannot prove
- That each signature is a person. Each was confirmed from a mailbox; one person may have several.
- Who signed: nothing in the log says anything about anybody.
- That organisers were right to void a signature, or let every signature in.
- Where a link in the text leads, what a style sheet hides or adds on a screen, and what other words beside it say.
- What the site shows elsewhere: charts and tables on pages, older editions' pages, badge, feeds.
- What it shows to others: a site may take the auditor for itself, and them for somebody else."""

_ALONE = """\
- That others are shown the same log. Ask again with --state, and with --policy for witnesses that you trust."""
_AGAIN = """\
- That others are shown the same log. It does continue the one seen before; --policy asks witnesses too."""
_OLDER = """\
- That others are shown the same log. The copy is older than the one seen before; --policy asks witnesses too."""
_WITNESSED = """\
- That others are shown the same log, unless the witnesses in your policy are honest: then nobody is shown another."""


def findings_said(findings: list[Finding]) -> Iterator[str]:
    """A line for each finding, and for those that are too many to list."""
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.code] += 1
        if seen[finding.code] <= MOST_OF_ONE_KIND:
            yield f"{finding.code}: {finding.sentence}"
    for code, count in seen.items():
        if count > MOST_OF_ONE_KIND:
            yield f"{code}: {count - MOST_OF_ONE_KIND} more of this kind."


def look_said(look: Look, trust: Trust, *, briefly: bool = False) -> Iterator[str]:
    """The lines of one look: its figures, where the key came from, what was found, and otherwise what that proves.

    Briefly is for whoever has just read the rest.
    """
    if look.reading and look.head:
        checkpoint = look.head.checkpoint
        yield f"Log {checkpoint.origin}: {checkpoint.size} leaves, {look.checks.newest} editions, total {look.total}."
    if look.source and look.key and not briefly:
        yield _SOURCES[look.source]
        yield from [f"  {look.key}"] if look.source is Source.SITE else []
    yield from _cosigned_said(look, trust)
    yield from look.notes
    if look.findings:
        count = len(look.findings)
        yield f"FOUND: {count} things are wrong." if count > 1 else "FOUND: one thing is wrong."
        yield from findings_said(look.findings)
        return
    yield "NOTHING WRONG was found."
    if briefly:
        return
    yield PROVES
    yield CANNOT
    yield _others_said(look, trust)


def _others_said(look: Look, trust: Trust) -> str:
    """How far it is known that others are shown the same log."""
    if trust.policy is not None and trust.policy.quorum is not None:
        return _WITNESSED
    if trust.seen is None:
        return _ALONE
    older = look.head is not None and look.head.checkpoint.size < trust.seen.size
    return _OLDER if older else _AGAIN


def _cosigned_said(look: Look, trust: Trust) -> Iterator[str]:
    if not (trust.policy and look.head) or look.findings:
        return
    names = sorted(trust.policy.cosigned_by(look.head.note))
    yield f"Witnesses of your policy that cosigned: {', '.join(names) or 'none, and it asks for none'}."


def printable(line: str) -> str:
    """A line that no stranger's text can turn into commands of a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in line)
