"""Whatever is asked of the API, as its description has it or not quite: it never fails and keeps to the description."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from letters.api.routes import ROOT as API
from tests.letters.api.asking import live, pad_editions, pad_entries
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

Operation = APIOperation[Any, Any, Any, Any]
Question = Case[Any]
Repetitions = Callable[[int, int], int]


@pytest.fixture
def operations(campaign: Campaign, clock: Clock) -> list[Operation]:
    """Every operation of the description, on a letter of two pages of editions and of signatories."""
    live(campaign, clock)
    pad_editions(campaign, 101)
    pad_entries(campaign, 99)
    described = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", campaign.app)
    return list(map(unwrapped, described.get_all_operations()))


def unwrapped(found: Any) -> Operation:
    """The operation that was found; AssertionError when the description of it is broken."""
    assert isinstance(found, Ok), found
    return found.ok()


def fuzz(questions: st.SearchStrategy[Question], times: int) -> list[int]:
    """Ask so many of the real application and hold each answer against the description; returns the statuses."""
    statuses: list[int] = []

    @settings(max_examples=times, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(questions)
    def ask(question: Question) -> None:
        answer = question.call(headers={"Accept-Encoding": "identity"})  # it is asked without what decodes
        question.validate_response(answer)
        statuses.append(answer.status_code)

    ask()
    return statuses


def questions(
    operations: list[Operation], mode: GenerationMode, known: dict[str, Any] | None
) -> st.SearchStrategy[Question]:
    """Questions of a mode, about the places in `known` where an address has them."""

    def about(operation: Operation) -> st.SearchStrategy[Question]:
        places = {name: value for name, value in (known or {}).items() if f"{{{name}}}" in operation.path}
        return operation.as_strategy(mode, path_parameters=places or None)

    return st.one_of([about(operation) for operation in operations])


def test_what_keeps_to_the_description_is_answered(
    operations: list[Operation], campaign: Campaign, repetitions: Repetitions
) -> None:
    asked = questions(operations, GenerationMode.POSITIVE, {"slug": campaign.slug})
    assert {200, 404} <= set(fuzz(asked, repetitions(120, 1200)))


def test_any_letter_may_be_asked_for(operations: list[Operation], repetitions: Repetitions) -> None:
    assert 404 in fuzz(questions(operations, GenerationMode.POSITIVE, None), repetitions(80, 800))


def test_what_breaks_the_description_is_refused(
    operations: list[Operation], campaign: Campaign, repetitions: Repetitions
) -> None:
    asked = questions(operations, GenerationMode.NEGATIVE, {"slug": campaign.slug})
    assert 422 in fuzz(asked, repetitions(120, 1200))
