"""A draft as signers will see it: the public letter's own page, whose form does nothing."""

from __future__ import annotations

from typing import Any

from flask import render_template

from letters.models.letters import LetterState
from letters.models.values import Letter
from letters.organising.draft import FolderText
from letters.organising.drafting.previews import preview_letter
from letters.signing.form import SignForm
from letters.signing.form_view import FormView, form_view
from letters.vocabularies.errors import VocabularyRefusal
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from letters.web.present import count_view, letter_view
from letters.web.site import Site


def show_letter(site: Site, text: FolderText, spoken: str, **values: Any) -> str:
    """The page in one language; `values` are what stands around it."""
    letter = preview_letter(text)
    return render_template(
        "organising/drafting/preview.html",
        letter=letter_view(letter, spoken, LetterState.OPEN.value),
        count=count_view(letter),
        form=_form(site, letter, spoken),
        private=True,
        **values,
    )


def _form(site: Site, letter: Letter, spoken: str) -> FormView:
    professions, regions = _professions(site, letter), _regions(site, letter)
    form = SignForm(None, letter, professions, regions)
    return form_view(form, "", professions.choices(spoken), regions.choices(spoken), carried={})


def _professions(site: Site, letter: Letter) -> Professions:
    try:
        return site.professions(letter)
    except VocabularyRefusal:
        return Professions.load("health")


def _regions(site: Site, letter: Letter) -> Regions:
    try:
        return site.regions(letter)
    except VocabularyRefusal:
        return Regions.load(())
