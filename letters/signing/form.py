"""The form on a letter's page: its fields, our rules, and no session."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from letters.models.signatures import Display, Standing, Suspicion
from letters.models.standing import standing_at
from letters.models.values import Letter
from letters.signing.appearing import NotOffered, choice_of, read_choice
from letters.signing.cleaning import WORKPLACE, clean_line, clean_name
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from verification.errors import Refusal
from verification.identity.addresses import Address, BadAddress, parse_address


@dataclass(frozen=True)
class Filled:
    """A valid form: what a signer asks for, what the address proves, and why the signature is to be held once it is
    confirmed. `press` says that a named journalist may ask the signer, `pact` that the name is to wait for the letter's
    pact."""

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
    pact: bool = False


class Mistake(Refusal):
    """A field cannot be taken as it was sent; the message says why in the reader's language."""


@dataclass
class Typed:
    """One field as it was sent, later tidied, and what is wrong with it."""

    name: str
    value: str
    errors: list[str] = field(default_factory=list)


class SignForm:
    """The fields of a letter's form (docs/interface.md): validated in the reader's language, kept as they were typed.

    Every page of a letter posts here, so each field is one string and one rule, made without a form library.
    """

    def __init__(
        self, formdata: MultiDict[str, str] | None, letter: Letter, professions: Professions, regions: Regions
    ) -> None:
        self._letter, self._professions, self._regions = letter, professions, regions
        sent = formdata.to_dict(flat=False) if formdata else {}
        self._fields = {name: Typed(name, sent.get(name, (default,))[0]) for name, default in _DEFAULTS.items()}
        if "display" not in sent:
            self["display"].value = letter.displays[0].value
        self._repeated = [name for name in self._fields if len(sent.get(name, ())) > 1]
        self.address: Address | None = None

    def __getitem__(self, name: str) -> Typed:
        return self._fields[name]

    @property
    def letter(self) -> Letter:
        """The letter to be signed."""
        return self._letter

    @property
    def by_robot(self) -> bool:
        """Whether the field was filled in that nobody sees."""
        return bool(self["website"].value)

    def is_ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self[name].value not in ("", "false")

    def validate(self) -> bool:
        """Whether everything is in order; otherwise each field says beside itself what is not."""
        checks = {
            "name": self._check_name,
            "email": self._check_email,
            "profession": self._check_profession,
            "region": self._check_region,
            "workplace": self._check_workplace,
            "display": self._check_display,
            "consent": self._check_consent,
        }
        for name, check in checks.items():
            try:
                check(self[name])
            except Refusal as mistake:
                self[name].errors = [str(mistake)]
        for name in self._repeated:
            self[name].errors = [_("This field was sent more than once. Please fill it in again.")]
        return not any(typed.errors for typed in self._fields.values())

    def _check_name(self, typed: Typed) -> None:
        typed.value = clean_name(typed.value)

    def _check_email(self, typed: Typed) -> None:
        if not typed.value.strip():
            raise Mistake(_("Please write your e-mail address: the confirmation goes there."))
        try:
            self.address = parse_address(typed.value)
        except BadAddress:
            raise Mistake(_("Please write one e-mail address, like name@example.org.")) from None

    def _check_profession(self, typed: Typed) -> None:
        if typed.value not in self._professions:
            raise Mistake(_("Please choose your profession from the list."))

    def _check_region(self, typed: Typed) -> None:
        if typed.value not in self._regions:
            raise Mistake(_("Please choose your region from the list."))

    def _check_workplace(self, typed: Typed) -> None:
        typed.value = clean_line(typed.value, WORKPLACE)

    def _check_display(self, typed: Typed) -> None:
        try:
            chosen = read_choice(self._letter, typed.value)
        except NotOffered:
            raise Mistake(_("Please choose how you want to appear.")) from None
        typed.value = choice_of(self._letter, chosen.display, pact=chosen.pact)

    def _check_consent(self, typed: Typed) -> None:
        if not self.is_ticked("consent"):
            raise Mistake(_("Please tick that you agree to the privacy notice: without that nothing may be kept."))

    def filled(self, suspicion: Suspicion | None = None) -> Filled:
        """The values of a form that `validate` has accepted."""
        assert self.address is not None, "filled() is for validated forms"
        chosen = read_choice(self._letter, self["display"].value)
        return Filled(
            name=self["name"].value,
            address=self.address,
            profession=self["profession"].value,
            region=self["region"].value,
            workplace=self["workplace"].value,
            display=chosen.display,
            pact=chosen.pact,
            updates=self.is_ticked("updates"),
            press=self.is_ticked("press"),
            standing=standing_at(self.address.domain, self._letter.institutions),
            suspicion=suspicion,
        )


BOXES = ("updates", "press", "consent")
_DEFAULTS = dict.fromkeys(("name", "email", "profession", "region", "workplace", "display", *BOXES, "website"), "")
