"""The mail domains that a letter's organisers watch: whoever signs from one of them from then on is held."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from letters.models.batches import DomainRuleRow
from letters.organising.teams.trail import Act, Doing, record
from letters.publishing.editions import lock_letter
from verification.errors import Refusal
from verification.identity.addresses import BadAddress, parse_address

MOST_DOMAINS = 500


class BadDomains(Refusal):
    """Some lines are no mail domains; `lines` are their numbers, counted from 1."""

    def __init__(self, lines: tuple[int, ...]) -> None:
        super().__init__(f"No mail domain stands in line {', '.join(map(str, lines))}. Write one a line: example.org")
        self.lines = lines


class TooManyDomains(Refusal):
    """A letter watches at most `MOST_DOMAINS`."""


@dataclass(frozen=True)
class Watched:
    """What a change of the list did: how many domains are watched now, how many of them are new, how many went."""

    count: int
    added: int
    removed: int


def watched_domains(session: Session, letter_id: int) -> list[str]:
    """The canonical domains (lower case, punycode), in alphabetical order."""
    query = select(DomainRuleRow.domain).where(DomainRuleRow.letter_id == letter_id)
    return sorted(session.scalars(query))


def set_domains(session: Session, doing: Doing, slug: str, text: str) -> Watched:
    """Watch the domains in `text`, one a line, and no others; those below them count.

    A whole address, or an @ before the domain, stands for its domain. Raises `BadDomains` or `TooManyDomains`, and
    changes nothing then.
    """
    wanted = read_domains(text)
    letter = lock_letter(session, slug)
    before = set(watched_domains(session, letter.id))
    new, old = wanted - before, before - wanted
    gone = delete(DomainRuleRow).where(DomainRuleRow.letter_id == letter.id, DomainRuleRow.domain.in_(old))
    session.execute(gone)
    if new:
        session.execute(insert(DomainRuleRow), [{"letter_id": letter.id, "domain": domain} for domain in sorted(new)])
    if new or old:
        letter.revision += 1  # running processes read the letter again
        record(session, doing, Act.DOMAINS_CHANGED, count=len(wanted))
    return Watched(len(wanted), len(new), len(old))


def read_domains(text: str) -> set[str]:
    """The canonical domains in a text, one a line; empty lines are passed over. Raises as `set_domains`."""
    lines = [line.strip() for line in text.splitlines()]
    domains = {number: _canonical(line) for number, line in enumerate(lines, start=1) if line}
    bad = tuple(number for number, domain in domains.items() if domain is None)
    if bad:
        raise BadDomains(bad)
    found = {domain for domain in domains.values() if domain}
    if len(found) > MOST_DOMAINS:
        raise TooManyDomains(f"A letter watches at most {MOST_DOMAINS} domains; here are {len(found)}.")
    return found


def _canonical(line: str) -> str | None:
    try:
        return parse_address(f"staff@{line.rpartition('@')[2]}").domain
    except BadAddress:
        return None
