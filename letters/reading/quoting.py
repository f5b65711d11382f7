"""An edition in one sentence, ready to be quoted, in each language that its letter speaks."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import force_locale, format_decimal, ngettext

from letters.models.values import Edition, Letter
from letters.vocabularies.languages import LANGUAGES
from letters.web.locale import locale_of
from letters.web.templating import moment


@dataclass(frozen=True)
class Quotation:
    """The sentence in the language of that code; `name` is what the language calls itself."""

    code: str
    name: str
    sentence: str


def quotations(letter: Letter, edition: Edition, languages: tuple[str, ...], first: str) -> list[Quotation]:
    """The edition in each of the languages, `first` on top."""
    in_order = sorted(languages, key=lambda code: code != first)
    return [Quotation(code, LANGUAGES[code].name, quoted(letter, edition, code)) for code in in_order]


def quoted(letter: Letter, edition: Edition, language: str) -> str:
    """The edition in one sentence of a language; the title in the letter's own where it has none in that."""
    text = letter.texts.get(language, letter.texts[letter.languages[0]])
    with force_locale(locale_of(language)):
        return ngettext(
            "By %(moment)s, “%(title)s” had %(total)s signature, confirmed by e-mail (edition %(number)s).",
            "By %(moment)s, “%(title)s” had %(total)s signatures, each confirmed by e-mail (edition %(number)s).",
            edition.total,
            moment=moment(edition.released_at),
            total=format_decimal(edition.total),
            title=text.title,
            number=format_decimal(edition.number),
        )
