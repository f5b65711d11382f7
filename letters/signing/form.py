"""The form on a letter's page: WTForms' fields, our rules, and no session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from letters.models.signatures import Display, Standing, Suspicion
from letters.models.standing import standing_at
from letters.models.values import Letter
from letters.signing.cleaning import WORKPLACE, BadLine, clean_line, clean_name
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from verification.identity.addresses import Address, BadAddress, parse_address


@dataclass(frozen=True)
class Filled:
    """A valid form: what a signer asks for, what the address proves, and why the signature is to be held once it is
    confirmed. `press` says that a named journalist may ask the signer."""

    name: str
    address: Address
    profession: str
    region: str
    workplace: str
    display: Display
    updates: bool
    press: bool = False
    standing: Standing = Standing.MAILBOX
    suspicion: Suspicion | None = None


class SignForm(Form):
    """The fields of CONTRACT's `sign`, and `press`; validated in the reader's language, keeping whatever was typed."""

    name = StringField()
    email = StringField()
    profession = SelectField(validate_choice=False)
    region = SelectField(validate_choice=False)
    workplace = StringField()
    display = RadioField(validate_choice=False)
    updates = BooleanField()
    press = BooleanField()
    consent = BooleanField()
    website = StringField()

    def __init__(
        self, formdata: MultiDict[str, str] | None, letter: Letter, professions: Professions, regions: Regions
    ) -> None:
        super().__init__(formdata, data={"display": letter.displays[0].value})
        self._letter, self._professions, self._regions = letter, professions, regions
        self._repeated = {name for name in self._fields if formdata and len(formdata.getlist(name)) > 1}
        self.address: Address | None = None

    @property
    def letter(self) -> Letter:
        """The letter to be signed."""
        return self._letter

    def validate(self, extra_validators: Mapping[str, object] | None = None) -> bool:
        """Whether everything is in order; otherwise each field says beside itself what is not."""
        super().validate()
        for name in self._repeated:
            self[name].errors = [_("This field was sent more than once. Please fill it in again.")]
        return not self.errors

    def validate_name(self, field: Field) -> None:
        field.data = _cleaned(clean_name, field.data or "")

    def validate_email(self, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Please write your e-mail address: the confirmation goes there."))
        try:
            self.address = parse_address(field.data)
        except BadAddress:
            raise ValidationError(_("Please write one e-mail address, like name@example.org.")) from None

    def validate_profession(self, field: Field) -> None:
        if field.data not in self._professions:
            raise ValidationError(_("Please choose your profession from the list."))

    def validate_region(self, field: Field) -> None:
        if field.data not in self._regions:
            raise ValidationError(_("Please choose your region from the list."))

    def validate_workplace(self, field: Field) -> None:
        field.data = _cleaned(lambda text: clean_line(text, WORKPLACE), field.data or "")

    def validate_display(self, field: Field) -> None:
        if field.data not in self._letter.displays:
            raise ValidationError(_("Please choose how you want to appear."))

    def validate_consent(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Please tick this box: without it nothing may be kept."))

    def filled(self, suspicion: Suspicion | None = None) -> Filled:
        """The values of a form that `validate` has accepted."""
        assert self.address is not None, "filled() is for validated forms"
        return Filled(
            name=str(self.name.data),
            address=self.address,
            profession=str(self.profession.data),
            region=str(self.region.data),
            workplace=str(self.workplace.data),
            display=Display(self.display.data),
            updates=bool(self.updates.data),
            press=bool(self.press.data),
            standing=standing_at(self.address.domain, self._letter.institutions),
            suspicion=suspicion,
        )


def _cleaned(clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text)
    except BadLine as error:
        raise ValidationError(str(error)) from None
