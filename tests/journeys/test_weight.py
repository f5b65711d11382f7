"""What a first visit to a letter fetches, as the shipped proxies send it, stays below its limit."""

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response

from letters.laying.assets import COMPRESSED
from letters.web.encodings import BR, encoded
from tests.journeys.views import VIEWS, View
from tests.parts.browser import Visitor

LIMIT, HEADS, WITHOUT_A_WINDOW = 60_000, 900, 2_500
"""Bytes of a first visit; of each answer's head; and of the icons, which a browser without a window does not fetch."""
SHEET = 8_000


def on_the_wire(answer: Response) -> int:
    """Bytes of an answer whose body is compressed wherever the laid-down files are."""
    body, suffix = answer.body(), PurePosixPath(urlsplit(answer.url).path).suffix
    return HEADS + len(encoded(body, BR) if suffix in COMPRESSED or not suffix else body)


@pytest.mark.parametrize("language", ["ru", "de", "ar"])
def test_a_first_visit_to_a_letter_is_light(
    language: str, visitor: Visitor, address: Callable[[View, str], str]
) -> None:
    page = visitor(language=language)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
    page.goto(address(VIEWS["letter"], language), wait_until="networkidle")
    weights = {urlsplit(answer.url).path: on_the_wire(answer) for answer in answers}
    assert any(path.endswith(".css") for path in weights)
    assert sum(weights.values()) + WITHOUT_A_WINDOW < LIMIT, weights
    assert all(size < SHEET for path, size in weights.items() if path.endswith(".css"))
    assert any(path.endswith(".woff2") for path in weights) is (language != "ar")
