"""`undersigned audit`: the same auditor, without an installation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.letters.commands.conftest import Shell
from tests.verification.ledger.auditing.letter_site import LetterSite, serving_letter


@pytest.fixture
def site() -> Iterator[LetterSite]:
    """A letter after one edition."""
    with serving_letter() as site:
        site.release(40)
        yield site


def test_an_honest_letter_ends_with_what_that_proves_and_what_not(computer: Shell, site: LetterSite) -> None:
    said = computer("audit", site.url).stdout
    assert f"Log {site.origin}: 42 leaves, 1 editions, total 40." in said
    assert "NOTHING WRONG was found.\nWhat this proves\n" in said
    assert "What it cannot prove\n- That each signature is a person." in said


def test_a_lie_is_exit_code_1_and_a_line(computer: Shell, site: LetterSite) -> None:
    site.changed(site.path("/count"), lambda count: count.update(total=41))
    said = computer("audit", site.url, status=1).stdout
    assert "FOUND: one thing is wrong.\nprinted-figure: The count prints edition 1 with total 41: expected 40" in said


def test_a_receipt_is_checked_offline(computer: Shell, site: LetterSite, tmp_path: Path) -> None:
    file = tmp_path / "mine.tlog-proof"
    file.write_text(site.receipt(2).encode())
    assert computer("audit", "--receipt", file, "--key", site.key).stdout.startswith("The receipt holds: leaf 3 of 42 ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Nothing to audit"),
        (("https://example.org/",), "is no letter"),
        (("http://example.org/letters/a",), "--insecure"),
        (("https://example.org/letters/a", "--watch", "0"), "--watch"),
        (("https://example.org/letters/a", "--watch", "nan"), "--watch"),
        (("https://example.org/letters/a", "--key", "x"), "no verifier key"),
    ],
)
def test_a_request_that_makes_no_sense_is_exit_code_2(computer: Shell, arguments: tuple[str, ...], words: str) -> None:
    result = computer("audit", *arguments, status=2)
    assert words in result.stderr
    assert result.stdout == ""


def test_a_policy_that_cannot_be_read_names_its_line(computer: Shell, site: LetterSite, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("log\n")
    assert "Line 1" in computer("audit", site.url, "--policy", tmp_path / "policy", status=2).stderr


def test_a_receipt_offline_needs_a_key(computer: Shell, tmp_path: Path) -> None:
    (tmp_path / "receipt").write_text("x")
    assert "--key or --policy" in computer("audit", "--receipt", tmp_path / "receipt", status=2).stderr
