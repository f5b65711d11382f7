"""The dashboard, the alerts and the runbook speak of metrics that exist, and a real server speaks in lines."""

import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from letters.settings import ROOT
from letters.web.logs import HOUR
from tests.parts.campaign import Campaign
from tests.parts.server import Undersigned, running_web, running_worker

sqlite_only = pytest.mark.parametrize("database", ["sqlite"])

METRIC = re.compile(r"\bundersigned_[a-z_]+")
LABEL = re.compile(r"(\w+)=~?\"([^\"]*)\"")
RUNBOOK = (ROOT / "docs" / "operating.md").read_text()


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> list[str]:
    """Every query of the dashboard and of the alerts."""
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert len(shown) > 15
    return [*shown, *(rule["expr"] for rule in rules())]


@pytest.fixture
def told(campaign: Campaign, client: FlaskClient) -> str:
    return client.get("/metrics").text


@sqlite_only
def test_every_query_names_metrics_and_labels_that_exist(told: str) -> None:
    exist = set(re.findall(r"^(undersigned_\w+)", told, re.MULTILINE))
    labels = set(LABEL.findall(told))
    asked = " ".join(queries())
    assert set(METRIC.findall(asked)) <= exist
    pairs = [(name, value) for name, values in LABEL.findall(asked) for value in values.split("|")]
    assert [pair for pair in pairs if pair not in labels and pair != ("job", "undersigned")] == []


@sqlite_only
def test_every_metric_is_explained_and_every_one_explained_exists(told: str) -> None:
    families = set(re.findall(r"^# TYPE (undersigned_\w+)", told, re.MULTILINE))
    assert set(METRIC.findall(RUNBOOK)) == families


def test_every_alert_has_its_place_in_the_runbook() -> None:
    places = re.findall(r"^### (Undersigned\w+)$", RUNBOOK, re.MULTILINE)
    assert [rule["alert"] for rule in rules()] == places
    assert {rule["annotations"]["runbook"] for rule in rules()} == {
        f"docs/operating.md#{name.lower()}" for name in places
    }


@pytest.fixture
def web(environment: Mapping[str, str], campaign: Campaign, tmp_path: Path) -> Iterator[tuple[str, Undersigned]]:
    """Two web processes; nobody has come yet."""
    with running_web(environment, tmp_path, workers=2) as running:
        yield running


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until_metrics_say(url: str, wanted: str) -> str:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:
            text: str = answer.read().decode()
        if wanted in text:
            return text
        time.sleep(0.1)
    raise AssertionError(f"{wanted!r} never came:\n{text}")


@sqlite_only
def test_processes_tell_their_figures_together_and_fail_in_lines_without_a_visitor(
    web: tuple[str, Undersigned], environment: Mapping[str, str], tmp_path: Path
) -> None:
    url, server = web
    until_metrics_say(url, "undersigned_web_processes 2.0")
    with running_worker({**environment, "UNDERSIGNED_BASE_URL": url}, tmp_path) as worker:
        until_metrics_say(url, "undersigned_workers 1.0")
        worker.stop()
    until_metrics_say(url, "undersigned_workers 0.0")
    os.kill(children(server.pid)[0], signal.SIGKILL)
    end = time.monotonic() + 20
    while "Unexpected exit" not in server.log.read_text() and time.monotonic() < end:
        time.sleep(0.1)
    server.kill()  # at once, as it is about to replace the other
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    said = [(line["event"], line.get("says", "")[:22]) for line in lines]
    assert said == [("web server", "Unexpected exit from w")]
    assert [datetime.strptime(line["timestamp"], HOUR) for line in lines]  # noqa: DTZ007 - the format is what counts
