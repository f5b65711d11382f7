"""Letters of every kind, whole and fit to be stored."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from letters.models.signatures import Display
from letters.models.values import Correction, EditionRule, FigurePolicy, LetterText, Person
from letters.organising.fields import LARGEST_NUMBER
from letters.organising.folder import Draft
from letters.organising.folder_checks import LARGEST_PACT
from letters.vocabularies.languages import LANGUAGES
from letters.web.markdown import split_title

ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
STRANGE = st.sampled_from("ab#\\\"' \t\n\r\x0b\x1c\x1f\x7f\x85\u2028\ufeffя")

raw = st.text(ANY | STRANGE, max_size=30)
texts = raw.map(str.strip).filter(bool)
numbers = st.integers(1, LARGEST_NUMBER)
days = st.dates(date(2000, 1, 2), date(2099, 12, 30))
moments = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
intervals = st.builds(
    lambda count, unit: timedelta(**{unit: count}),
    st.integers(1, 999_999),
    st.sampled_from(["seconds", "minutes", "hours", "days"]),
).filter(lambda every: every <= timedelta(days=365))


@st.composite
def letter_texts(draw: st.DrawFn) -> LetterText:
    """What any Markdown file with a title and a text, and any notice, are read as."""
    lines = draw(raw), f"# {draw(raw)}", draw(raw)
    title, body = split_title("\n".join(lines))
    return LetterText(title or "Title", body if body.strip() else "Text\n", draw(raw.filter(str.strip)))


@st.composite
def policies(draw: st.DrawFn) -> FigurePolicy:
    threshold = draw(numbers)
    return FigurePolicy(threshold, draw(numbers), draw(numbers), draw(st.integers(1, threshold)))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Any letter; its countries, professions and keys are any texts."""
    languages = tuple(draw(some(st.sampled_from(sorted(LANGUAGES)))))
    by_language = st.fixed_dictionaries(dict.fromkeys(languages, texts))
    closes_at = draw(st.none() | moments)
    delivered_on = draw(st.none() | days)
    displays = tuple(draw(some(st.sampled_from(Display))))
    return Draft(
        slug=draw(st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)),
        languages=languages,
        texts={language: draw(letter_texts()) for language in languages},
        addressee=draw(by_language),
        responsible={"name": draw(by_language), "contact": draw(texts)},
        countries=tuple(draw(some(raw.filter(str.strip)))),
        professions=draw(texts),
        opens_at=draw(st.none() | (moments.filter(lambda moment: closes_at is None or moment < closes_at))),
        closes_at=closes_at,
        goal=draw(st.none() | numbers),
        custody=draw(st.sampled_from(["offline", "team"])),
        public_key=draw(st.just("") | texts),
        organisers=tuple(draw(st.just(()) | some(raw.filter(str.strip)))),
        identities_until=closes_at and draw(st.none() | st.dates(closes_at.date(), date(2099, 12, 30))),
        displays=displays,
        pact=draw(st.none() | st.integers(2, LARGEST_PACT)) if Display.NAMED in displays else None,
        rule=EditionRule(draw(intervals), draw(numbers)),
        policy=draw(policies()),
        first_signatories=draw(st.lists(st.builds(Person, by_language, by_language), max_size=2)),
        corrections=draw(st.lists(st.builds(Correction, days, by_language), max_size=2)),
        delivered_on=delivered_on,
        answer=draw(st.none() | by_language) if delivered_on else None,
    )


def some(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Sequence[Any]]:
    """One or a few different ones."""
    return st.lists(items, min_size=1, max_size=3, unique=True)
