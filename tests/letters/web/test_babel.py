"""What pages have Babel say fits into sentences, and stays as it was when the rest of a locale is taken out."""

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest
from babel import localedata
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import day_pattern, lighten, locale_of


def said(language: str) -> list[str]:
    """Everything that pages have Babel say."""
    locale = locale_of(language)
    times = [format_timedelta(timedelta(seconds=seconds), locale=locale) for seconds in (1, 7, 90, 3600, 86400 * 3)]
    moment = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
    dates = [format_date(moment, day_pattern(language), locale), format_datetime(moment, "HH:mm", locale=locale)]
    return [*times, *dates, format_decimal(12345.5, locale=locale), format_percent(0.217, locale=locale)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_taken_out_of_a_locale_is_never_said(language: str) -> None:
    localedata._cache.clear()
    before = said(language)
    lighten(language)
    assert said(language) == before
    assert len(pickle.dumps(dict(localedata.load(locale_of(language))))) < 300_000
    lighten(language)
    assert said(language) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_can_stand_at_the_end_of_a_sentence(language: str) -> None:
    """As "11 октября 2026 г.." would have one full stop too many."""
    written = format_date(date(2026, 10, 11), day_pattern(language), locale_of(language))
    assert not written.endswith(".")
    assert "11" in written
    assert written.endswith("2026")
