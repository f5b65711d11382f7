"""A filter as a form, as the query of an address, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _

from letters.models.signatures import Display, SignatureState, Standing, Suspicion
from letters.organising.defending.filters import Filter
from letters.organising.defending.refusals import UnknownFilter
from letters.organising.defending.words import DISPLAYS, STANDINGS, STATES, SUSPICIONS
from letters.vocabularies.labels import Choices
from letters.vocabularies.professions import Professions
from letters.vocabularies.regions import Regions
from letters.vocabularies.spoken import Labels
from letters.web.fields import FieldView

Code = TypeVar("Code", bound=StrEnum)

RELEASED: Mapping[str, bool] = {"yes": True, "no": False}


@dataclass(frozen=True)
class SelectView:
    """One select of the filter's form."""

    field: FieldView
    choices: Choices

    @property
    def chosen(self) -> str:
        """The label of what was chosen, empty where nothing was."""
        labels = {value: label for _group, options in self.choices for value, label in options}
        return labels.get(self.field.value, "")


def read_filter(given: Mapping[str, str], labels: Labels) -> Filter:
    """The filter that a form or an address asks for; of pending ones nothing but all. Raises `UnknownFilter`."""
    released = given.get("released", "")
    if released and released not in RELEASED:
        raise UnknownFilter("Choose from the lists.")
    state = _one_of(SignatureState, given.get("state", ""))
    if state is SignatureState.PENDING:
        return Filter(state=state)
    return Filter(
        state=state,
        held_for=_one_of(Suspicion, given.get("held_for", "")),
        profession=_known(given.get("profession", ""), labels.professions),
        region=_known(given.get("region", ""), labels.regions),
        standing=_one_of(Standing, given.get("standing", "")),
        display=_one_of(Display, given.get("display", "")),
        released=RELEASED.get(released),
    )


def query_of(chosen: Filter) -> dict[str, str]:
    """The filter as the query of an address, and as hidden fields: what `read_filter` reads."""
    released = next((word for word, value in RELEASED.items() if value is chosen.released), None)
    given = {
        "state": chosen.state,
        "held_for": chosen.held_for,
        "profession": chosen.profession,
        "region": chosen.region,
        "standing": chosen.standing,
        "display": chosen.display,
        "released": released,
    }
    return {name: str(value) for name, value in given.items() if value}


def filter_selects(chosen: Filter, labels: Labels) -> list[SelectView]:
    """The filter's form."""
    query = query_of(chosen)
    released = {"yes": _("counted already"), "no": _("not counted yet")}
    selects = [
        ("state", _("State"), _choices(STATES.items())),
        ("held_for", _("Held because of"), _choices(SUSPICIONS.items())),
        ("released", _("Editions"), _choices(released.items())),
        ("profession", _("Profession"), labels.profession_choices),
        ("region", _("Region"), labels.region_choices),
        ("display", _("How the signer appears"), _choices(DISPLAYS.items())),
        ("standing", _("How it is proven"), _choices(STANDINGS.items())),
    ]
    return [SelectView(FieldView(name, label, query.get(name, ""), ()), choices) for name, label, choices in selects]


def rule_words(chosen: Filter, labels: Labels) -> list[tuple[str, str]]:
    """What a filter asks for, as (what, which); empty where it lets everything through."""
    return [(select.field.label, select.chosen) for select in filter_selects(chosen, labels) if select.chosen]


def _one_of(codes: type[Code], value: str) -> Code | None:
    try:
        return codes(value) if value else None
    except ValueError as error:
        raise UnknownFilter("Choose from the lists.") from error


def _known(value: str, vocabulary: Professions | Regions) -> str | None:
    if value and value not in vocabulary:
        raise UnknownFilter("Choose from the lists.")
    return value or None


def _choices(words: Iterable[tuple[str, object]]) -> Choices:
    return (("", tuple((str(value), str(text)) for value, text in words)),)
