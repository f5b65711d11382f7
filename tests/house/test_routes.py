"""A run of all tests fails when none has asked for some route by some method that it takes (`tests/parts/routes`)."""

from tests.parts.routes import unvisited


def test_whatever_was_not_asked_for_is_named() -> None:
    everything = set(unvisited(set()))
    assert {("GET", "letter"), ("POST", "sign"), ("GET", "caught_mail"), ("POST", "workspace_team")} <= everything
    assert unvisited(everything - {("POST", "sign")}) == [("POST", "sign")]
    assert unvisited(everything) == []
