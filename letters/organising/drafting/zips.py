"""A letter's folder as a zip to take along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import Response

from letters.organising.draft import FolderText
from letters.organising.drafting.parts import languages_of
from letters.organising.drafting.typed import written
from letters.organising.folder import files_of
from letters.organising.folder_zip import pack
from letters.web.headers import personal

_NAME = re.compile(r"[a-z0-9-]{1,80}")


def zip_answer(text: FolderText, day: date) -> Response:
    """The zip, named for the letter; texts in languages that it no longer speaks stay behind."""
    spoken = languages_of(text)
    folder = replace(text, texts=_in(text.texts, spoken), privacy=_in(text.privacy, spoken))
    slug = written(text.toml.get("slug"))
    response = personal("")
    response.set_data(pack(files_of(folder), day))
    response.content_type = "application/zip"
    name = slug if _NAME.fullmatch(slug) else "letter"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


def _in(texts: Mapping[str, str], spoken: tuple[str, ...]) -> dict[str, str]:
    return {code: text for code, text in texts.items() if code in spoken}
