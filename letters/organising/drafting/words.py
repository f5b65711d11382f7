"""What a letter lacks, and why something about it was refused, as organisers read it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from letters.organising.drafting.beginnings import NoFile, NotTheirs
from letters.organising.drafting.changing import ClosesAtOnce, NotOpenYet
from letters.organising.drafting.checks import NoNames, OpensNever, SlugFixed, SlugTaken
from letters.organising.drafting.drafts import BecameLetter, DraftGone, HasOpened, Overtaken, TooLong
from letters.organising.drafting.opening import DraftMoved
from letters.organising.folder import BadFolder, Need, Problem
from letters.organising.loading import LetterFrozen, NoOpeningTime, WrongState
from letters.organising.lockdown import BadOrganisers
from letters.vocabularies.errors import MissingLabels, VocabularyRefusal
from letters.vocabularies.languages import LANGUAGES
from verification.errors import Refusal
from verification.identity.keypairs import BadPublicKey

SAID: Mapping[type[Refusal], object] = {
    BadFolder: _("Something in the letter is not in order. Look at its check list."),
    BadOrganisers: _("To lift a lockdown, at least two different public keys are needed."),
    BadPublicKey: _("This is not a public key. Paste the whole line that begins with “undersigned-public-”."),
    BecameLetter: _("This draft has become a letter, so it stays."),
    ClosesAtOnce: _("This moment has passed. To close the letter now, use the button “Close the letter”."),
    DraftGone: _("This draft is gone."),
    DraftMoved: _("A colleague has changed the draft in the meantime. Look at it again before you open it."),
    HasOpened: _("The letter has opened, so its text is frozen. What may still change is changed on its own page."),
    LetterFrozen: _("People signed the letter as it stands, so this cannot change. You can add a correction."),
    MissingLabels: _("Not every name in this list exists in all languages of the letter. Choose another, or fewer."),
    NoFile: _("Please choose the zip file of a letter’s folder."),
    NoNames: _("Nobody in the team may see names, so nobody could open them. Let one member see names first."),
    NoOpeningTime: _("The letter is scheduled, so it needs a time to open. A moment that has passed opens it now."),
    NotOpenYet: _("The letter has not opened yet. Change its draft and open it again from there."),
    NotTheirs: _("Your team has no such letter."),
    OpensNever: _("This moment has passed: the letter would be closed at once. Choose a later one."),
    Overtaken: _("A colleague has changed this part in the meantime."),
    SlugFixed: _("The letter is scheduled under its address already, so the address stays as it was."),
    SlugTaken: _("Another letter has this address already. Please choose another one."),
    TooLong: _("This is longer than 256 kB, about forty pages. A letter is for people to read: please shorten it."),
    VocabularyRefusal: _("Please choose from the list."),
    WrongState: _("The letter is in another state by now, so this was not done. Look at it again."),
}

_NEEDS: Mapping[Need, object] = {
    Need.TEXT: _("Please write something here."),
    Need.TEXTS: _("Please choose at least one."),
    Need.ONCE: _("Please choose each only once."),
    Need.EACH_LANGUAGE: _("Please write this in every language."),
    Need.ONE_OF: _("Please choose one."),
    Need.SOME_OF: _("Please choose from the list."),
    Need.NUMBER: _("Please write a whole number, 1 or more."),
    Need.MOMENT: _("Please write day and time, such as 2026-12-01 06:00."),
    Need.DAY: _("Please write a day, such as 2026-12-01."),
    Need.SLUG: _(
        "Please write up to 80 small Latin letters and digits, with hyphens between, such as stop-the-violence."
    ),
    Need.AFTER_OPENING: _("The letter must close after it opens."),
    Need.CLOSING_FIRST: _("Name the closing time too. The names can be deleted on that day or later."),
    Need.INTERVAL: _("Please write a whole number; the time may be up to 365 days."),
    Need.UP_TO_THRESHOLD: _("This number may not be larger than the smallest group that is shown."),
    Need.PACT: _("Please write a whole number from 2 to 100000, and let signers appear with their name."),
    Need.UNKNOWN_FIELD: _("Nobody knows this entry of letter.toml. Correct it in the folder and bring it in again."),
    Need.MISSING: _("This is not written yet."),
    Need.NO_TITLE: _("Please write both a title and a text."),
    Need.NO_NOTICE: _("Please write what is kept about signers, and for how long."),
    Need.TOO_LARGE: SAID[TooLong],
    Need.NUL: _("There is a character here that is no text. Please delete it."),
    Need.NOT_UTF8: _("There is a character here that is no text. Please delete it."),
}

_FIELDS: Mapping[str, object] = {
    "slug": _("Address on this site"),
    "languages": _("Languages"),
    "addressee": _("To whom the letter is written"),
    "responsible.name": _("Who is responsible"),
    "responsible.contact": _("How to reach them"),
    "first_signatories.name": _("First signatories"),
    "first_signatories.title": _("First signatories"),
    "countries": _("Countries"),
    "professions": _("Professions"),
    "display": _("How signers may appear"),
    "pact": _("Together first"),
    "opens": _("Opens"),
    "closes": _("Closes"),
    "identities_until": _("Sealed names are deleted after"),
    "goal": _("Goal"),
    "edition.every": _("Time between editions"),
    "edition.at_least": _("New signatures for an edition"),
    "figures.threshold": _("Smallest group that is shown"),
    "figures.step": _("Rounded down to"),
    "custody": _("Who can open names"),
    "public_key": _("Public key"),
    "organisers": _("Who lifts a lockdown"),
    "corrections.on": _("Day of the correction"),
    "corrections.text": _("Correction"),
    "delivered.on": _("Delivered on"),
    "delivered.answer": _("Answer"),
}


def problem_words(problem: Problem) -> str:
    """What to do about a problem, in one sentence or two."""
    said = _NEEDS.get(problem.need)
    sentence = str(said) if said is not None else gettext(problem.need.value) % problem.values
    if problem.need is Need.EACH_LANGUAGE and problem.languages:
        names = ", ".join(LANGUAGES[code].name for code in problem.languages)
        missing = gettext("Missing: %(languages)s.", languages=names)
        return f"{sentence} {missing}"
    return sentence


def file_words(refusal: BadFolder) -> str:
    """Why files could not be brought in."""
    return f"{refusal.problem.field}: {gettext(refusal.need.value) % refusal.problem.values}."


def field_words(field: str) -> str:
    """What the field of a problem is called in the forms."""
    if field.endswith(".md"):
        kind, _dot, code = field.removesuffix(".md").rpartition(".")
        name = LANGUAGES[code].name if code in LANGUAGES else code
        return (
            gettext("Privacy notice (%(language)s)", language=name)
            if kind
            else gettext("Text (%(language)s)", language=name)
        )
    return str(_FIELDS.get(field, field))
