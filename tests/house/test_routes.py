"""Every route is asked for by some test of the run, by every method that it takes."""

from dataclasses import replace

import pytest

from letters.app import create_app
from letters.runtime import Runtime
from tests.parts.routes import VISITED

OF_COURSE = {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("database", ["sqlite"])
def test_every_route_was_visited(runtime: Runtime, pytestconfig: pytest.Config) -> None:
    if not ran_everything(pytestconfig):
        pytest.skip("only a run of all tests can tell")
    demo = replace(runtime, settings=replace(runtime.settings, smtp_url=None))
    known = {
        (method, rule.endpoint)
        for rule in create_app(demo).url_map.iter_rules()
        for method in (rule.methods or set()) - OF_COURSE
    }
    assert sorted(known - VISITED) == []


def ran_everything(config: pytest.Config) -> bool:
    option = config.option
    chosen = (option.file_or_dir, option.keyword, option.markexpr, option.deselect, option.lf)
    return not any(chosen)
