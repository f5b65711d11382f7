"""What `deploy/` ships for containers and systemd names only what there is: settings, commands, files."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from letters.settings import ROOT, Settings
from tests.house.test_documents import unknown_part
from tests.parts.proxies import PAGES
from tests.parts.redis import running_redis

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("undersigned-*.*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAM = "/opt/undersigned/.venv/bin/undersigned"
MOST_EXPOSED = 1.5
"""Of ten, as `systemd-analyze security` counts."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


@pytest.fixture(scope="module")
def ours(compose: Mapping[str, Any]) -> dict[str, Any]:
    """The services that run our program."""
    return {name: one for name, one in compose["services"].items() if one["image"] == "undersigned"}


def written_settings() -> dict[str, str]:
    """The settings in the file that every machine reads."""
    lines = (DEPLOY / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_shipped_settings_can_be_used(ours: Mapping[str, Any]) -> None:
    documented = set(re.findall(r"UNDERSIGNED_[A-Z_]+", (ROOT / "docs" / "settings.md").read_text()))
    for added in ({}, *(one["environment"] for one in ours.values())):
        settings = {**written_settings(), **added}
        assert settings.keys() <= documented
        assert not Settings.read(settings).demo


def test_every_command_in_a_container_exists(ours: Mapping[str, Any]) -> None:
    assert {"web-1", "web-2", "worker-1", "worker-2"} < ours.keys()
    assert {name: wrong for name, one in ours.items() if (wrong := unknown_part([*map(str, one["command"])]))} == {}


def test_every_container_is_closed(compose: Mapping[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["ulimits"]["core"] == 0, name
        assert service["mem_limit"] == service["memswap_limit"], name
        assert service["restart"] == ("no" if name == "upgrade" else "always"), name
        assert {port.split(":")[0] for port in service.get("ports", ())} <= {"127.0.0.1"}, name


def test_every_long_lived_container_is_asked_whether_it_works(compose: Mapping[str, Any]) -> None:
    """But a worker, which listens nowhere: `/readyz` of the site tells of it."""
    unasked = {name for name, service in compose["services"].items() if "healthcheck" not in service}
    assert unasked == {"worker-1", "worker-2", "upgrade"}


def test_the_database_container_keeps_as_little_as_the_document_asks(compose: Mapping[str, Any]) -> None:
    block = re.search(r"```ini\n(.*?)```", (ROOT / "docs" / "hosting.md").read_text(), re.DOTALL)
    assert block
    program, *options = compose["services"]["database"]["command"]
    assert [option.removeprefix("-c").replace("=", " = ", 1) for option in options] == block[1].splitlines()
    assert program == "postgres"


def test_redis_keeps_none_of_what_it_was_asked(compose: Mapping[str, Any]) -> None:
    program, *options = compose["services"]["counts"]["command"]
    written = dict(zip(options[::2], options[1::2], strict=True))
    asked = re.search(r"```conf\n(.*?)\n +```", (ROOT / "docs" / "running.md").read_text(), re.DOTALL)
    assert program == "valkey-server"
    assert asked
    for name, value in map(str.split, asked[1].splitlines()):
        assert written[f"--{name}"] == value.strip('"')
    with running_redis(*options) as server, server.client() as redis:
        redis.eval("local t = redis.call('TIME')[2] repeat until math.abs(redis.call('TIME')[2] - t) > 20000", 0)
        assert redis.slowlog_len() == 0
        assert redis.config_get("crash-log-enabled") == {"crash-log-enabled": "no"}


def test_the_images_hold_what_is_named_and_no_secret() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)
    assert [name for names in copied for name in names.split() if not (ROOT / name).exists()] == []
    assert "--require-hashes" in text
    assert not re.search(r"UNDERSIGNED_|://|password =|\.key\b", text)
    assert all(":" in base for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE))


def test_mounted_folders_are_those_of_the_settings(ours: Mapping[str, Any], compose: Mapping[str, Any]) -> None:
    settings = written_settings()
    folders = {settings["UNDERSIGNED_KEYS"], settings["UNDERSIGNED_PAGES"]}
    assert settings["UNDERSIGNED_PAGES"] == PAGES
    for service in ours.values():
        assert folders < {volume["target"] for volume in service["volumes"]}
    assert PAGES in {volume["target"] for volume in compose["services"]["proxy"]["volumes"]}


def test_the_documented_change_of_nginx_finds_its_line_and_both_containers(compose: Mapping[str, Any]) -> None:
    document = (ROOT / "docs" / "running.md").read_text()
    found = re.search(r"s/server 127\\\.0\\\.0\\\.1:8000;/(.*)/'", document)
    assert found
    assert (DEPLOY / "nginx.conf").read_text().count("server 127.0.0.1:8000;") == 1
    ports = {service["ports"][0].rsplit(":", 1)[0] for name, service in compose["services"].items() if "web" in name}
    assert set(re.findall(r"server (\S+) fail_timeout=1s;", found[1])) == ports


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_every_command_of_a_unit_exists(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    words = shlex.split(line.partition(PROGRAM)[2].replace("'", ""))
    assert PROGRAM in line
    assert unknown_part(words) is None


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_units_write_only_where_folders_are_made(unit: Path) -> None:
    made = re.findall(r"^d\s+(\S+)", (DEPLOY / "systemd" / "undersigned.tmpfiles.conf").read_text(), re.MULTILINE)
    written = re.findall(r"^ReadWritePaths=(.*)$", unit.read_text(), re.MULTILINE)
    assert {path for line in written for path in line.split()} <= set(made)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here to ask")
def test_systemd_takes_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/undersigned/.venv/bin/undersigned", "/bin/true")
        (tmp_path / unit.name.replace("@", "@1")).write_text(text)
    files = sorted(tmp_path.iterdir())
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, files)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    for file in files:
        if file.suffix == ".service":
            asked = ["systemd-analyze", "security", "--offline=yes", f"--threshold={int(MOST_EXPOSED * 10)}"]
            found = subprocess.run([*asked, str(file)], capture_output=True, text=True, check=False)
            assert found.returncode == 0, found.stdout
