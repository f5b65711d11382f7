"""The form in words: labels, choices, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from letters.models.signatures import Display
from letters.models.values import Letter
from letters.signing.appearing import PACT, offered
from letters.signing.form import BOXES, SignForm
from letters.web.fields import Choice, FieldView

Groups = Sequence[tuple[str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True)
class FormView:
    """Everything that the form's template shows."""

    token: str
    fields: Mapping[str, FieldView]
    professions: Groups
    regions: Groups
    displays: Sequence[Choice]
    press_hint: str
    errors: Sequence[tuple[str, str]]
    stale: bool
    carried: Mapping[str, str]
    """Hidden fields that a form which came back brings again."""


def form_view(
    form: SignForm,
    token: str,
    professions: Groups,
    regions: Groups,
    *,
    stale: bool = False,
    carried: Mapping[str, str],
) -> FormView:
    labels = {
        "name": _("Your name"),
        "email": _("Your e-mail address"),
        "profession": _("Your profession"),
        "region": _("Where you work"),
        "workplace": _("Your workplace"),
        "display": _("How you want to appear"),
        "updates": _("Write to me when there is news about this letter"),
        "press": _("A journalist may ask me whether I signed"),
        "consent": _("I have read the privacy notice and agree"),
        "website": _("Leave this field empty"),
    }
    fields = {name: _field_view(form, name, label) for name, label in labels.items()}
    errors = [(field.id, error) for field in fields.values() for error in field.errors]
    chosen = fields["display"].value
    return FormView(
        token=token,
        fields=fields,
        professions=professions,
        regions=regions,
        displays=display_choices(form.letter, chosen),
        press_hint=press_hint(form.letter),
        errors=errors,
        stale=stale,
        carried=carried,
    )


def _field_view(form: SignForm, name: str, label: str) -> FieldView:
    value = form[name].value
    if name in BOXES:
        value = "1" if form.is_ticked(name) else ""
    return FieldView(name, label, value, tuple(form[name].errors))


def display_choices(letter: Letter, chosen: str) -> list[Choice]:
    """The radio buttons for how a signer appears, in the letter's order."""
    return [replace(display_choice(letter, value), checked=value == chosen) for value in offered(letter)]


def display_choice(letter: Letter, value: str) -> Choice:
    """One of them, chosen, with what it makes public under this letter's rules."""
    if value == PACT:
        return _together(letter)
    made_up = (
        _(
            "The list shows a made-up name such as “Quiet Lake 417”, with profession and region only as finely "
            "as enough others share them."
        )
        if letter.policy.threshold > 1
        else _(
            "The list shows a made-up name such as “Quiet Lake 417”, with your profession and region: where few "
            "share them, people may guess who it is."
        )
    )
    words = {
        Display.COUNTED: (
            _("Only counted"),
            _("You are part of the total. Nothing about you is on the list."),
        ),
        Display.PSEUDONYM: (_("Under a pseudonym"), made_up),
        Display.NAMED: (
            _("With my name"),
            _(
                "Your name, profession and region are public, and others may copy them for ever. "
                "Until they appear, this server can read the name."
            ),
        ),
    }
    return Choice(value, *words[Display(value)], checked=True)


def _together(letter: Letter) -> Choice:
    needed = letter.pact.needed if letter.pact else 0
    label = ngettext(
        "With my name, but only once %(number)s colleague has agreed to",
        "With my name, but only once %(number)s colleagues have agreed to",
        needed,
        number=format_decimal(needed),
    )
    hint = _(
        "Until then your name waits, encrypted under this server’s key; then it is public with the others, and if the "
        "letter closes before, it is erased."
    )
    return Choice(PACT, label, hint, checked=True)


def press_hint(letter: Letter) -> str:
    """What happens to a signer who agreed and is drawn, under the letter's custody."""
    if letter.custody == "offline":
        return _(
            "A few signers may be drawn by lot, to show that signers are real. If you are drawn, whoever keeps the key "
            "file opens your sealed name and address on their own computer and gives them, with your profession and "
            "region, to one journalist, named beforehand."
        )
    return _(
        "A few signers may be drawn by lot, to show that signers are real. If you are drawn, the organisers sign in, "
        "open your sealed name and address and give them, with your profession and region, to one journalist, named "
        "beforehand."
    )
