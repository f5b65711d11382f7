"""An update as the workspace's templates show it: by language, beside the mail that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from letters.models.values import Letter
from letters.organising.updating.subscribers import Subscribers
from letters.signing.update_mail import UpdateText
from letters.vocabularies.languages import LANGUAGES

Write = Callable[[str, UpdateText], tuple[str, str]]
"""Subject and body of the mail for a text in a language."""

EMPTY = UpdateText("", "")


@dataclass(frozen=True)
class LanguageView:
    """One language. `subject` and `body` are what the form holds, `mail_subject` and `mail_body` the mail as saved.

    `at_least` so many subscribers get it in this language, 0 for few; `needed` says whether there are any.
    """

    code: str
    name: str
    direction: str
    subject: str
    body: str
    error: str
    error_field: str
    mail_subject: str
    mail_body: str
    written: bool
    needed: bool
    at_least: int


def language_views(
    letter: Letter,
    saved: Mapping[str, UpdateText],
    subscribers: Subscribers,
    write: Write,
    typed: Mapping[str, UpdateText] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[LanguageView]:
    """The letter's languages, the first one first; `errors` are by field."""
    return [
        _view(code, saved.get(code, EMPTY), (typed or saved).get(code, EMPTY), subscribers, write, errors or {})
        for code in letter.languages
    ]


def _view(
    code: str,
    saved: UpdateText,
    typed: UpdateText,
    subscribers: Subscribers,
    write: Write,
    errors: Mapping[str, str],
) -> LanguageView:
    field = next((name for name in (f"subject-{code}", f"body-{code}") if name in errors), "")
    mail_subject, mail_body = write(code, saved)
    return LanguageView(
        code=code,
        name=LANGUAGES[code].name,
        direction=LANGUAGES[code].direction,
        subject=typed.subject,
        body=typed.body,
        error=errors.get(field, ""),
        error_field=field,
        mail_subject=mail_subject,
        mail_body=mail_body,
        written=bool(saved.body.strip()),
        needed=subscribers.by_language.get(code, 0) > 0,
        at_least=subscribers.at_least(code),
    )
