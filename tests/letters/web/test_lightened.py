"""What pages have Babel say stays as it was when the rest of a locale is taken out."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from babel import localedata
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import lighten, locale_of


def said(language: str) -> list[str]:
    """Everything that pages have Babel say."""
    locale = locale_of(language)
    times = [format_timedelta(timedelta(seconds=seconds), locale=locale) for seconds in (1, 7, 90, 3600, 86400 * 3)]
    moment = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
    dates = [format_date(moment, "long", locale=locale), format_datetime(moment, "HH:mm", locale=locale)]
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
