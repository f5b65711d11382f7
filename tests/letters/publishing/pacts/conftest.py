"""A letter whose names wait, for each database in turn."""

import pytest

from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd
from tests.letters.publishing.pacts.letters import NEEDED


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """An ordinary letter whose names wait for three."""
    return open_crowd(runtime, pact=NEEDED)
