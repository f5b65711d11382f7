"""Letters with their people, for each database in turn."""

import pytest

from letters.runtime import Runtime
from tests.letters.publishing.crowd import Crowd, open_crowd


@pytest.fixture
def crowd(runtime: Runtime) -> Crowd:
    """An ordinary letter: 1 minute, 1 signature, every cell shown."""
    return open_crowd(runtime)
