"""The table of `docs/accessibility.md`: which states of which pages a full run has looked at, and what it found."""

from collections.abc import Iterable
from dataclasses import dataclass

BEGIN, END = "<!-- covered: begin -->\n", "<!-- covered: end -->\n"


@dataclass(frozen=True)
class Look:
    """One state of a page, in one language and scheme, at these widths in CSS pixels; `part` is a room of the site."""

    part: str
    view: str
    language: str
    scheme: str
    widths: tuple[int, ...]
    violations: int = 0


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
