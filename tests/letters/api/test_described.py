"""The description is made from the code that answers, says what everything means, and shows what it would answer."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from letters.api.examples import EXAMPLES, WRONG_PAGE
from letters.api.pages import RESOURCES
from letters.api.routes import ROOT as API
from letters.models.values import FigurePolicy
from letters.publishing.figures import rest_of
from tests.house.sources import ROOT
from tests.letters.api.asking import PATHS, ask, live, refused
from tests.parts.campaign import Campaign
from tests.parts.clock import Clock

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def described(campaign: Campaign) -> dict[str, Any]:
    """The description, as a program reads it."""
    return campaign.client.get(f"{API}/openapi.json").json


def closed(described: dict[str, Any], schema: Any) -> dict[str, Any]:
    """The schema on its own, letting pass no field that it does not name."""
    shapes = described["components"]["schemas"].items()
    named = {name: {**shape, "additionalProperties": False} for name, shape in shapes}
    return {**schema, "components": {"schemas": named}}


def answers(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, status and content of every answer that has some."""
    for path, item in described["paths"].items():
        for status, answer in item["get"]["responses"].items():
            shared = answer.get("$ref", "").removeprefix("#/components/responses/")
            content = (described["components"]["responses"][shared] if shared else answer).get("content", {})
            for shown in content.values():
                yield path, status, shown


def test_every_resource_is_described(campaign: Campaign, described: dict[str, Any]) -> None:
    rules = {rule.rule for rule in campaign.app.url_map.iter_rules() if rule.rule.startswith(f"{API}/")}
    paths = {re.sub(r"<(\w+)>", r"{\1}", rule) for rule in rules - {f"{API}/"}}
    assert set(described["paths"]) == paths
    assert described["servers"] == [{"url": "https://undersigned.example"}]


def test_every_field_and_every_parameter_says_what_it_means(described: dict[str, Any]) -> None:
    for name, shape in described["components"]["schemas"].items():
        assert shape["description"], name
        for field, says in shape["properties"].items():
            assert says["description"].endswith("."), (name, field)
    for path, item in described["paths"].items():
        for parameter in (*item.get("parameters", ()), *item["get"].get("parameters", ())):
            assert parameter["description"].endswith("."), (path, parameter["name"])


def test_every_answer_has_an_example_that_it_could_be(described: dict[str, Any]) -> None:
    shown = [found for found in answers(described) if found[2] != {"schema": {"type": "object"}}]
    assert {status for _path, status, _content in shown} == {"200", "404", "405", "410", "422", "500", "503"}
    for path, status, content in shown:
        schema = closed(described, content["schema"])
        assert list(jsonschema_rs.iter_errors(schema, content["example"])) == [], (path, status)


def test_what_is_answered_is_what_is_described(campaign: Campaign, clock: Clock, described: dict[str, Any]) -> None:
    live(campaign, clock)
    for path in PATHS:
        written = path.replace("editions/1", "editions/{number}")
        answer = described["paths"][f"{API}/letters{written}"]["get"]["responses"]["200"]
        schema = closed(described, answer["content"]["application/json"]["schema"])
        assert list(jsonschema_rs.iter_errors(schema, ask(campaign, path).json)) == [], path


def test_examples_are_told_in_the_order_of_the_answers(database: str) -> None:
    for resource in RESOURCES:
        example = EXAMPLES[resource.__name__]
        assert list(example) == [name for name in resource.schema.fields if name in example]


def test_the_refusal_shown_is_the_one_that_is_said(campaign: Campaign) -> None:
    assert refused(ask(campaign, "?page=0"), 422) == WRONG_PAGE


def test_figures_in_the_examples_add_up(database: str) -> None:
    policy = FigurePolicy.usual(**EXAMPLES["OneLetter"]["figures"])
    unread = policy.moves_after - 1
    for name in ("Count", "OneEdition"):
        figures = EXAMPLES[name]
        assert figures["total"] == figures["signatures"] - figures["withdrawn"] - figures["voided"]
        for dimension in ("by_profession", "by_region", "by_standing"):
            cells = figures[dimension]
            shown = {cell["code"]: cell["count"] for cell in cells if cell["code"]}
            rest = [tuple(cell["range"]) for cell in cells if not cell["code"]]
            assert rest == ([] if dimension == "by_standing" else [rest_of(figures["total"], shown, policy, unread)])
    changes = EXAMPLES["OneEdition"]["changes"]
    assert changes["total"] == changes["signatures"] - changes["withdrawn"] - changes["voided"]


def test_the_document_names_every_path(described: dict[str, Any]) -> None:
    document = (ROOT / "docs/api.md").read_text()
    named = set(re.findall(rf"`({API}/[^`?]*)", document.replace("<slug>", "{slug}").replace("<n>", "{number}")))
    assert set(described["paths"]) <= named


def test_the_description_is_the_same_bytes_until_the_code_changes(campaign: Campaign) -> None:
    first = campaign.client.get(f"{API}/openapi.json")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = campaign.client.get(f"{API}/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
