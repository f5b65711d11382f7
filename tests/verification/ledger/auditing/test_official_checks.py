"""The auditor knows an impostor by its address, and a forged list, or one that was set back, by its signature."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.verification.ledger.auditing.letter_site import LetterSite, serving_letter
from tests.verification.ledger.auditing.test_mirrors import copy
from verification.ledger.auditing.command import Request, run
from verification.ledger.auditing.letter_address import LetterAddress
from verification.ledger.auditing.running import Asked, audit
from verification.ledger.notes import Note, NoteSigner, VerifierKey
from verification.ledger.official import AddressList, list_origin

REAL = "https://letters.example/letters/example-letter"
DAY = date(2026, 12, 1)


@pytest.fixture
def site() -> Iterator[LetterSite]:
    with serving_letter() as site:
        site.release(30)
        yield site


def show(site: LetterSite, number: int, *addresses: str, seed: bytes | None = None) -> None:
    """Let the site show this list."""
    made = AddressList(list_origin(site.origin), number, DAY, addresses)
    signer = NoteSigner(site.origin, seed or site.seed)
    note = str(Note(made.text, (signer.sign(made.text),)))
    site.overrides[f"/letters/{site.slug}/addresses.txt"] = note.encode()


def audited(url: str, state: Path | None = None) -> tuple[int, str]:
    lines: list[str] = []
    return run(Request(url, state, insecure=True), lines.append), "\n".join(lines)


def elsewhere(site: LetterSite) -> str:
    """The same server under a name that is not this machine's own, as far as the auditor knows."""
    return site.url.replace("127.0.0.1", "0.0.0.0")


def without_list(site: LetterSite, url: str) -> tuple[int, str]:
    """An audit by the log's own key, which does not wait for a list to be signed."""
    lines: list[str] = []
    asked = Asked(LetterAddress.parse(url, insecure=True), key=VerifierKey.parse(site.key))
    return audit(asked, lines.append, lambda _seconds: None), "\n".join(lines)


def test_an_old_site_without_a_list_is_not_accused_where_its_log_began(site: LetterSite) -> None:
    site.host, site.editions = site.host.replace("127.0.0.1", "0.0.0.0"), []
    site.begin()
    site.release(30)
    status, said = without_list(site, site.url)
    assert (status, "The site has no signed list of official addresses" in said) == (0, True)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("copied", ["none", "", "/copies"])
def test_no_impostor_is_silent_by_leaving_the_list_out(site: LetterSite, copied: str, status: int) -> None:
    host, folder = elsewhere(site).removesuffix(f"/letters/{site.slug}"), copied.removeprefix("none")
    if copied != "none":
        copy(site, folder)
    site.overrides[f"{folder}/letters/{site.slug}/addresses.txt"] = (status, b"")
    found, said = without_list(site, f"{host}{folder}/letters/{site.slug}")
    assert (found, "no-addresses: This address is on no signed list of official addresses" in said) == (1, True), said
    assert f"the log began at {site.origin}." in said


def test_who_leaves_out_a_list_that_is_known_is_measured_by_it(site: LetterSite, tmp_path: Path) -> None:
    state = tmp_path / "state"
    show(site, 1, site.url)
    assert audited(site.url, state)[0] == 0
    del site.overrides[f"/letters/{site.slug}/addresses.txt"]
    status, said = audited(elsewhere(site), state)
    assert (status, "no-addresses: " in said, "impostor: " in said) == (1, True, True)


def test_a_language_may_stand_in_a_listed_address(site: LetterSite) -> None:
    host, own = elsewhere(site).removesuffix(f"/letters/{site.slug}"), f"/letters/{site.slug}"
    show(site, 3, REAL, f"{host}/en{own}", f"{host}/copies/ru{own}")
    copy(site, "/copies")
    copy(site, "/others")
    site.overrides["/copies/ru/mirror.json"] = site.overrides["/copies/en/mirror.json"]
    for place in (f"/en{own}", f"/ru{own}", own, f"/copies/ru{own}/index.html", f"/copies/en{own}/index.html"):
        status, said = audited(f"{host}{place}")
        assert (status, "This address is on the organisers' signed list" in said) == (0, True), said
    assert "impostor: " in audited(f"{host}/others{own}/index.html")[1]


def test_an_address_on_the_list_is_said_to_be_on_it(site: LetterSite) -> None:
    show(site, 3, REAL, elsewhere(site))
    status, said = audited(elsewhere(site))
    assert (status, "This address is on the organisers' signed list" in said) == (0, True)


def test_a_host_on_the_list_stands_for_the_letter_at_its_usual_place(site: LetterSite) -> None:
    host = elsewhere(site).removesuffix(f"/letters/{site.slug}")
    show(site, 3, REAL, host)
    status, said = audited(elsewhere(site))
    assert (status, "This address is on the organisers' signed list" in said) == (0, True)
    show(site, 4, REAL, f"{host}/folder")
    assert audited(elsewhere(site))[0] == 1


def test_an_impostor_is_named_with_where_the_letter_is(site: LetterSite) -> None:
    show(site, 3, REAL)
    status, said = audited(elsewhere(site))
    assert status == 1
    assert "impostor: This address is not on the organisers' signed list" in said
    assert REAL in said


def test_ones_own_machine_is_no_impostor(site: LetterSite) -> None:
    show(site, 3, REAL)
    status, said = audited(site.url)
    assert (status, "as it is one of your own machine" in said) == (0, True)


def test_a_list_that_another_key_signed_is_found(site: LetterSite) -> None:
    show(site, 3, site.url, seed=b"\x09" * 32)
    status, said = audited(site.url)
    assert (status, "wrong-addresses: " in said) == (1, True)


def test_a_list_that_was_changed_after_signing_is_found(site: LetterSite) -> None:
    show(site, 3, REAL)
    path = f"/letters/{site.slug}/addresses.txt"
    site.overrides[path] = site.answer(path)[1].replace(REAL.encode(), site.url.encode())
    status, said = audited(site.url)
    assert (status, "wrong-addresses: " in said) == (1, True)


@pytest.mark.parametrize("junk", [b"", b"<html>", b"\xff\xfe\n\n", b"x" * 200_000])
def test_what_is_no_list_is_found(site: LetterSite, junk: bytes) -> None:
    site.overrides[f"/letters/{site.slug}/addresses.txt"] = junk
    status, said = audited(site.url)
    assert (status, "unreadable-addresses: " in said) == (1, True)


def test_a_checkpoint_in_its_place_is_found(site: LetterSite) -> None:
    site.overrides[f"/letters/{site.slug}/addresses.txt"] = site.checkpoint.encode()
    status, said = audited(site.url)
    assert (status, "unreadable-addresses: " in said) == (1, True)


def test_a_list_in_the_checkpoints_place_is_found(site: LetterSite) -> None:
    show(site, 3, REAL)
    site.overrides[site.log_path("checkpoint")] = site.answer(f"/letters/{site.slug}/addresses.txt")[1]
    status, said = audited(site.url)
    assert (status, "unreadable-checkpoint: " in said) == (1, True)


def test_a_list_that_was_set_back_is_found(site: LetterSite, tmp_path: Path) -> None:
    state = tmp_path / "state"
    show(site, 3, REAL)
    assert audited(site.url, state)[0] == 0
    show(site, 4, REAL, site.url)
    assert audited(site.url, state)[0] == 0
    show(site, 3, REAL)
    status, said = audited(site.url, state)
    assert (status, "old-addresses: The site shows list 3" in said) == (1, True)


def test_two_lists_of_one_number_are_found(site: LetterSite, tmp_path: Path) -> None:
    show(site, 3, REAL)
    assert audited(site.url, tmp_path / "state")[0] == 0
    show(site, 3, site.url)
    status, said = audited(site.url, tmp_path / "state")
    assert (status, "forked-addresses: " in said) == (1, True)


def test_a_state_from_before_there_were_lists_is_read(site: LetterSite, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert audited(site.url, state)[0] == 0
    state.write_text(state.read_text().replace(' "addresses": "",\n', ""))
    show(site, 1, REAL)
    assert audited(site.url, state)[0] == 0
    assert REAL in state.read_text()


def test_a_list_that_is_gone_is_found_once_it_stays_away(site: LetterSite, tmp_path: Path) -> None:
    state = tmp_path / "state"
    show(site, 1, REAL)
    assert audited(site.url, state)[0] == 0
    site.overrides.clear()
    site.release(30, total=1)  # wrong besides, so that the auditor need not wait
    status, said = audited(site.url, state)
    assert (status, "no-addresses: " in said) == (1, True)
