"""The paper of a letter as it stands: its current edition's facts and nothing newer, in one of its languages.

The caller lets messages, numbers and dates speak that language (`force_locale(locale_of(language))`), and reads the
letter in the same session: whether names are hidden is what the letter says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from letters.models.heads import head_at
from letters.models.values import Edition, Letter
from letters.organising.handover.paper import Breakdown, Figure, Line, Paper, Signatory
from letters.organising.handover.words import breakdowns_note, hidden, noun, pairs_note, proofs, too_many, words
from letters.publishing.listing import Entry, EntryPage, list_entries
from letters.publishing.pseudonyms import render as render_pseudonym
from letters.vocabularies.spoken import Labels
from letters.web.present import CellView, breakdowns, letter_view, pairs
from letters.web.site import Site
from letters.web.templating import day, moment
from verification.errors import Refusal

MOST_NAMES = 20_000
"""Public names on one paper: about 330 pages, and 700 MB for the seconds of its making."""


class NoEditionYet(Refusal):
    """There is no figure to hand over."""


class NotInThisLanguage(Refusal):
    """The letter or the site does not speak the language."""


def paper_of(
    site: Site, session: Session, letter: Letter, language: str, reported: Mapping[str, int] | None = None
) -> Paper:
    """The paper of a letter; `reported` are unverified figures by what they are called.

    Raises `NoEditionYet` and `NotInThisLanguage`.
    """
    edition = _checked(site, letter, language)
    view = letter_view(letter, language, site.state(letter))
    signatories, unlisted = _signatories(site, session, letter, language)
    return Paper(
        language=language,
        day=edition.released_at.astimezone(UTC).date(),
        title=view.title,
        addressee=view.addressee,
        text=letter.texts[language].body,
        corrections=[Line(day(dated), text) for dated, text in view.corrections],
        responsible=f"{view.responsible}, {view.contact}",
        edition=_(
            "Edition %(number)s, %(moment)s",
            number=format_decimal(edition.number),
            moment=moment(edition.released_at),
        ),
        total=format_decimal(edition.total),
        signatures=noun(edition.total),
        sum=_sum(edition),
        breakdowns_note=breakdowns_note(letter.policy),
        breakdowns=_breakdowns(edition, letter, site.labels(letter, language)),
        reported=[Figure(label, format_decimal(count)) for label, count in (reported or {}).items()],
        proofs=proofs(),
        addresses=_addresses(site, letter, language),
        log_head=_log_head(session, letter, edition),
        hidden=hidden(letter) or unlisted,
        first_signatories=[Signatory(name, title) for name, title in view.first_signatories],
        signatories=signatories,
        words=words(),
    )


def _log_head(session: Session, letter: Letter, edition: Edition) -> str | None:
    """The signed checkpoint of the edition, with its cosignatures; None before it is signed."""
    head = head_at(session, letter.id, edition.log_size)
    return head.checkpoint or None if head else None


def _checked(site: Site, letter: Letter, language: str) -> Edition:
    if letter.edition is None:
        raise NoEditionYet("No edition of this letter has been released. Its first one makes a figure to hand over.")
    spoken = [code for code in site.languages(letter) if code in letter.texts]
    if language not in spoken:
        raise NotInThisLanguage(f"This letter has no paper in {language!r}; choose one of {', '.join(spoken)}.")
    return letter.edition


def _sum(edition: Edition) -> str:
    return str(
        _(
            "%(total)s = %(signatures)s signatures − %(withdrawn)s withdrawn − %(voided)s voided. The total is exact.",
            total=format_decimal(edition.total),
            signatures=format_decimal(edition.signatures),
            withdrawn=format_decimal(edition.withdrawn),
            voided=format_decimal(edition.voided),
        )
    )


def _addresses(site: Site, letter: Letter, language: str) -> list[Line]:
    page = site.url(f"/{language}/letters/{letter.slug}")
    return [
        Line(_("The count as it stands when you look"), f"{page}/count"),
        Line(_("This edition, which never changes"), f"{page}/editions/{letter.number}"),
        Line(_("The log, and how to check it"), f"{page}/log"),
        Line(_("Names and pseudonyms"), f"{page}/signatories"),
    ]


def _breakdowns(edition: Edition, letter: Letter, labels: Labels) -> list[Breakdown]:
    """The cells as the edition printed them; professions by region too, once the last edition has them."""
    cells = breakdowns(edition, labels)
    tables = [
        Breakdown(_("By profession"), _("Profession"), _figures(cells["profession"])),
        Breakdown(_("By region"), _("Region"), _figures(cells["region"])),
        Breakdown(_("How signatures were checked"), _("Check"), _figures(cells["standing"])),
    ]
    both = pairs(edition, labels)
    if both:
        figures = [
            Figure(f"{pair.profession}, {pair.region}", format_decimal(pair.count), pair.count / edition.total)
            for pair in both
        ]
        title, head = _("Professions by region"), _("Profession and region")
        tables.append(Breakdown(title, head, figures, pairs_note(letter.policy)))
    return [table for table in tables if table.figures]


def _figures(cells: Sequence[CellView]) -> list[Figure]:
    """Only what is counted has a bar: a range has no length."""
    return [Figure(cell.label, cell.text, cell.share if cell.count is not None else 0.0) for cell in cells]


def _signatories(site: Site, session: Session, letter: Letter, language: str) -> tuple[list[Signatory], str]:
    """The public list, or why it is not printed."""
    if hidden(letter):
        return [], ""
    names_key = site.runtime.keyring.server("names")
    first = list_entries(session, letter.id, 1, names_key)
    if first.found > MOST_NAMES:
        return [], too_many(first.found)
    labels = site.labels(letter, language)
    entries = _entries(session, letter, names_key, first)
    return [_signatory(entry, labels, language) for entry in entries], ""


def _entries(session: Session, letter: Letter, names_key: bytes, first: EntryPage) -> Iterator[Entry]:
    """Every entry of the public list, page by page."""
    yield from first.entries
    for page in range(2, first.pages + 1):
        yield from list_entries(session, letter.id, page, names_key).entries


def _signatory(entry: Entry, labels: Labels, language: str) -> Signatory:
    about = [labels.profession(entry.profession), labels.region(entry.region)]
    name = entry.name or render_pseudonym(entry.pseudonym or 0, language)
    return Signatory(name, _(", ").join(filter(None, about)), pseudonymous=entry.name is None)
