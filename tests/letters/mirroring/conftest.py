"""A letter of which mirrors are made."""

from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from letters.organising.releasing import tend_letters
from letters.runtime import Runtime
from tests.letters.mirroring.serving import Maker
from tests.letters.publishing.crowd import Crowd, open_crowd


@pytest.fixture
def maker(runtime: Runtime, compiled_templates: FileSystemBytecodeCache) -> Maker:
    settings = replace(runtime.settings, languages=("ru", "en"))
    return Maker(replace(runtime, settings=settings), compiled_templates)


@pytest.fixture
def crowd(maker: Maker) -> Crowd:
    """A letter after two editions, with a signed list of addresses."""
    crowd = open_crowd(maker.runtime)
    for number in range(1, 4):
        crowd.join(number, display="named")
    crowd.release()
    crowd.join(4)
    crowd.release()
    tend_letters(maker.runtime)
    return crowd


@pytest.fixture
def mirror(crowd: Crowd, maker: Maker, tmp_path: Path) -> Path:
    return maker(tmp_path / "mirror")
