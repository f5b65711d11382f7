"""`undersigned bounces`: from files, from a pipe, and nothing of an address in what it says."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from letters.cli import main
from letters.runtime import Runtime
from tests.letters.commands.conftest import Shell
from tests.letters.organising.updating.subscribing import Post, begin, handle_of, returned, subscribe
from tests.parts.campaign import Campaign

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture
def bounces(campaign: Campaign) -> dict[bytes, bytes]:
    """What comes back of an update that two subscribers got, by signature."""
    ids = subscribe(campaign, 1, 2)
    begin(campaign)
    Post.of(campaign).deliver()
    mails = [campaign.mail_server.to(f"signer{number}@example.org")[0] for number in (1, 2)]
    return {id: returned(mail["Message-ID"]) for id, mail in zip(ids, mails, strict=True)}


def subscribed(runtime: Runtime, bounces: dict[bytes, bytes]) -> list[bool]:
    return [handle_of(runtime, id) is not None for id in bounces]


def test_files_are_read_one_bounce_each(
    undersigned: Shell, runtime: Runtime, bounces: dict[bytes, bytes], tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.eml" for number in range(3)]
    for file, content in zip(files, [*bounces.values(), b"Subject: hello\n\nNo bounce."], strict=True):
        file.write_bytes(content)
    said = undersigned("bounces", *files, files[0]).output
    assert said == "2 ended a subscription, 1 changed nothing, 1 were no bounces.\n"
    assert subscribed(runtime, bounces) == [False, False]


def test_a_mail_server_pipes_one_in(undersigned: Shell, runtime: Runtime, bounces: dict[bytes, bytes]) -> None:
    first = next(iter(bounces.values()))
    result = CliRunner(env=undersigned.environment).invoke(main, ["bounces"], input=first)
    assert (result.exit_code, result.output) == (0, "1 ended a subscription, 0 changed nothing, 0 were no bounces.\n")
    assert subscribed(runtime, bounces) == [False, True]
    assert "marker" not in result.output


def test_garbage_in_the_pipe_is_no_failure(undersigned: Shell) -> None:
    result = CliRunner(env=undersigned.environment).invoke(main, ["bounces"], input=b"\xff\0" * 1000)
    assert (result.exit_code, result.output) == (0, "0 ended a subscription, 0 changed nothing, 1 were no bounces.\n")


def test_a_file_that_is_not_there_is_named(undersigned: Shell, tmp_path: Path) -> None:
    assert "missing.eml" in undersigned("bounces", tmp_path / "missing.eml", status=2).output
