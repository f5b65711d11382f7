"""The auditor at a static mirror: what it reads, what it says of an old copy, and what no copy may be."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verification.ledger.auditing.letter_site import TEXTS, LetterSite, page_of, serving_letter
from verification.ledger.auditing.command import Request, run
from verification.ledger.auditing.mirror_files import MIRROR_FORMAT, mirrored_file
from verification.ledger.notes import Note
from verification.ledger.official import AddressList, list_origin

ROOT = "/copies/mine"
FORGED = page_of("Another letter", "<p>Other words.</p>", 1, 99_999).encode()


@pytest.fixture
def site() -> Iterator[LetterSite]:
    with serving_letter() as site:
        site.release(30)
        yield site


def paths(site: LetterSite) -> list[str]:
    """All that an auditor asks a site for."""
    newest, own = len(site.editions), f"/letters/{site.slug}"
    pages = [own, f"{own}/count", f"{own}/editions/{newest}", *(f"/{language}{own}" for language in TEXTS)]
    answers = [site.path(rest) for rest in ("", "/count", "/editions?page=1", f"/editions/{newest}")]
    size = len(site.entries)
    return [*pages, *answers, *map(site.log_path, ("checkpoint", f"tile/entries/000.p/{size}")), f"{own}/addresses.txt"]


def copy(site: LetterSite, where: str = ROOT, **said: Any) -> str:
    """Lay down a mirror of the site as it is now, and return its address; keywords replace what mirror.json says."""
    for path in paths(site):
        status, body = site.answer(path)
        if status == 200:
            site.overrides[f"{where}/{mirrored_file(path)}"] = body
    letters = [{"letter": site.slug, "edition": len(site.editions)}]
    told = {
        "format": MIRROR_FORMAT,
        "root": "",
        "of": f"http://{site.host}",
        "made_on": "2026-12-01",
        "letters": letters,
    }
    site.overrides[f"{where}/mirror.json"] = json.dumps({**told, **said}).encode()
    site.overrides[f"{where}/en/mirror.json"] = json.dumps({**told, "root": "../"}).encode()
    return f"http://{site.host}{where}"


def audited(url: str, **more: Any) -> tuple[int, str]:
    lines: list[str] = []
    return run(Request(url, **more), lines.append), "\n".join(lines)


@pytest.mark.parametrize("rest", ["", "/", "/index.html", "/letters/{}", "/letters/{}/index.html", "/en/letters/{}/"])
def test_every_address_of_a_mirror_leads_to_its_letter(site: LetterSite, rest: str) -> None:
    status, said = audited(copy(site) + rest.format(site.slug))
    assert (status, "made on '2026-12-01', as of edition 1" in said) == (0, True), said


def test_a_mirror_of_many_letters_asks_which(site: LetterSite, capsys: pytest.CaptureFixture[str]) -> None:
    url = copy(site, letters=[{"letter": "one", "edition": 1}, {"letter": "two", "edition": 2}])
    assert audited(url)[0] == 2
    assert "has these letters: 'one', 'two'" in capsys.readouterr().err


@pytest.mark.parametrize("junk", [b"", b"<html>", b"[]", b"{}", b'{"format": "undersigned mirror 2"}'])
def test_a_site_that_answers_anything_is_no_mirror(site: LetterSite, junk: bytes) -> None:
    site.overrides["/mirror.json"] = junk
    status, said = audited(site.url)
    assert (status, "copy" in said) == (0, False)
    site.overrides[f"{ROOT}/mirror.json"] = junk
    assert audited(f"http://{site.host}{ROOT}/letters/{site.slug}")[0] == 1


def test_a_live_site_is_asked_for_one_file_more(site: LetterSite) -> None:
    asked: list[str] = []

    def nothing_at(path: str) -> Callable[[], tuple[int, bytes]]:
        def answer() -> tuple[int, bytes]:
            asked.append(path)
            return 404, b""

        return answer

    for path in ("/mirror.json", "/en/mirror.json"):
        site.overrides[path] = nothing_at(path)  # type: ignore[assignment]
    assert audited(f"http://{site.host}/en/letters/{site.slug}")[0] == 0
    assert asked == ["/en/mirror.json"]


def test_a_folder_beside_a_mirror_does_not_pass_for_the_mirror(site: LetterSite) -> None:
    copy(site)
    site.overrides[f"{ROOT}/~visitor/mirror.json"] = site.overrides[f"{ROOT}/en/mirror.json"]
    status, said = audited(f"http://{site.host}{ROOT}/~visitor/letters/{site.slug}/")
    assert (status, "Nothing was checked." in said) == (1, True)


def test_a_folder_of_somebody_else_does_not_pass_for_a_language_of_the_mirror(site: LetterSite) -> None:
    host = f"http://0.0.0.0:{site.host.partition(':')[2]}"
    sign_list(site, site.url, host)
    copy(site, "")
    site.overrides["/bob/mirror.json"] = site.overrides["/en/mirror.json"]
    site.overrides[f"/bob/letters/{site.slug}/index.html"] = FORGED
    status, said = audited(f"{host}/bob/letters/{site.slug}/index.html", insecure=True)
    assert (status, "the letter's languages are 'en', 'ru'. Nothing was checked" in said) == (1, True), said


@pytest.mark.parametrize("listed", [True, False])
def test_no_site_hides_its_other_pages_behind_a_folder_of_its_own(site: LetterSite, *, listed: bool) -> None:
    if listed:
        sign_list(site, site.url)
    copy(site, "/en")
    site.overrides[f"/letters/{site.slug}"] = site.overrides[f"/ru/letters/{site.slug}"] = FORGED
    status, said = audited(f"http://{site.host}/en/letters/{site.slug}")
    assert (status, "unreadable-page: " in said, f"Audit {site.url} instead." in said) == (1, True, True), said
    assert "page-total: " in audited(site.url)[1]


@pytest.mark.parametrize("ending", ["", "/"])
@pytest.mark.parametrize("path", ["/letters/{}", "/letters/{}/count", "/en/letters/{}", "/ru/letters/{}"])
@pytest.mark.parametrize("where", ["", ROOT])
def test_honest_files_do_not_hide_what_readers_open(site: LetterSite, where: str, path: str, ending: str) -> None:
    sign_list(site, site.url)
    url, opened = copy(site, where), f"{where}{path.format(site.slug)}{ending}"
    site.overrides[opened] = FORGED
    status, said = audited(f"{url}/letters/{site.slug}/index.html")
    assert (status, f"page-total: The page at {opened} shows 99999 signatures" in said) == (1, True), said
    has_text = "/count" not in path
    assert (f"page-text: The letter's text on the page at {opened} has the hash" in said) == has_text


def test_a_server_of_files_that_leads_to_the_index_is_followed(site: LetterSite) -> None:
    url = copy(site)
    for path in (f"/letters/{site.slug}", f"/letters/{site.slug}/count", f"/en/letters/{site.slug}"):
        site.overrides[f"{ROOT}{path}"] = (301, f"{ROOT}{path}/".encode())
        site.overrides[f"{ROOT}{path}/"] = site.overrides[f"{ROOT}{path}/index.html"]
    assert audited(url)[0] == 0
    site.overrides[f"{ROOT}/letters/{site.slug}/"] = FORGED
    assert "page-total: " in audited(url)[1]
    site.overrides[f"{ROOT}/letters/{site.slug}"] = (301, b"https://elsewhere.example/")
    assert "unreadable-page: " in audited(url)[1]


@pytest.mark.parametrize("status", [403, 404])
def test_a_store_of_files_without_indexes_is_no_finding(site: LetterSite, status: int) -> None:
    url = copy(site)
    for language in ("", "/en", "/ru"):
        for ending in ("", "/"):
            site.overrides[f"{ROOT}{language}/letters/{site.slug}{ending}"] = (status, b"")
    found, said = audited(f"{url}/letters/{site.slug}")
    assert (found, said.count("Not all pages of this mirror are there without index.html")) == (0, 1), said


@pytest.mark.parametrize("rest", ["?from=mail", "/count/?a=б", "/index.html?a"])
@pytest.mark.parametrize("mirrored", [True, False])
def test_the_page_that_was_named_is_read_whatever_it_is(site: LetterSite, rest: str, *, mirrored: bool) -> None:
    where = ROOT if mirrored else "/fr"
    if mirrored:
        copy(site)
    path = f"{where}/letters/{site.slug}{rest.replace('б', '%D0%B1')}"
    site.overrides[path] = FORGED
    status, said = audited(f"http://{site.host}{where}/letters/{site.slug}{rest}")
    assert (status, f"page-total: The page at {path} shows 99999" in said) == (1, True), said


@pytest.mark.parametrize("rest", ["/log", "/editions/1", "/countless"])
def test_of_another_page_that_was_named_it_is_said_that_it_is_not_read(site: LetterSite, rest: str) -> None:
    status, said = audited(f"{site.url}{rest}")
    assert (status, "The page that was named is not read itself" in said) == (0, True)
    assert "The page that was named is not read itself" not in audited(site.url)[1]


@pytest.mark.parametrize("where", ["/letters", "/copies/letters", "/letters/letters", "/letters/copies"])
@pytest.mark.parametrize("rest", ["/letters/{}", "/letters/{}/count/index.html", "/en/letters/{}/"])
def test_a_mirror_may_lie_in_a_folder_called_letters(site: LetterSite, where: str, rest: str) -> None:
    url = copy(site, where, letters=[{"letter": site.slug, "edition": 1}, {"letter": "two", "edition": 2}])
    status, said = audited(url + rest.format(site.slug))
    assert (status, "made on '2026-12-01', as of edition 1" in said) == (0, True), said


@pytest.mark.parametrize("rest", ["", "/", "/count", "/log"])
@pytest.mark.parametrize("language", ["", "/en"])
def test_a_letter_may_be_called_letters(site: LetterSite, language: str, rest: str) -> None:
    site.slug, site.editions = "letters", []
    site.begin()
    site.release(30)
    status, said = audited(f"http://{site.host}{language}/letters/letters{rest}")
    assert (status, f"Log {site.host}/letters/letters/log: 32 leaves" in said) == (0, True), said


def test_an_older_copy_is_said_to_be_one_and_a_forked_one_is_found(site: LetterSite, tmp_path: Path) -> None:
    url, state = copy(site), tmp_path / "state"
    site.release(30)
    assert audited(site.url, state=state)[0] == 0
    assert audited(url, state=state)[0] == 0
    site.begin()
    site.editions, site.signers = [], []
    site.release(30)
    status, said = audited(copy(site), state=state)
    assert (status, "log-rewritten: " in said or "log-forked: " in said) == (1, True)


def set_back(site: LetterSite, editions: int) -> None:
    """Let the site forget its newest editions, whatever they have in them."""
    del site.editions[editions:]
    del site.entries[site.editions[-1]["log"]["size"] :]


def sign_list(site: LetterSite, *addresses: str, number: int = 1) -> None:
    made = AddressList(list_origin(site.origin), number, date(2026, 12, number), addresses)
    note = str(Note(made.text, (site.signer.sign(made.text),)))
    site.overrides[f"/letters/{site.slug}/addresses.txt"] = note.encode()


@pytest.mark.parametrize("listed", [["https://mirror.example"], []])
@pytest.mark.parametrize("of", ["", "https://elsewhere.example"])
@pytest.mark.parametrize("language", ["", "/en"])
def test_no_site_passes_for_a_copy_of_itself(
    site: LetterSite, tmp_path: Path, listed: list[str], of: str, language: str
) -> None:
    url, state = f"http://{site.host}{language}/letters/{site.slug}", tmp_path / "state"
    if listed:
        sign_list(site, site.url, *listed)
    site.release(30)
    assert audited(url, state=state)[0] == 0
    set_back(site, 1)
    copy(site, "", of=of or f"http://{site.host}")
    copy(site, "/en", of=of or f"http://{site.host}")
    status, said = audited(url, state=state)
    assert (status, "log-shrank: " in said, "This is a copy" in said) == (1, True, False), said


def test_what_the_list_said_before_tells_the_site_from_its_copies(site: LetterSite, tmp_path: Path) -> None:
    state = tmp_path / "state"
    sign_list(site, site.url)
    site.release(30)
    assert audited(site.url, state=state)[0] == 0
    set_back(site, 1)
    sign_list(site, "https://elsewhere.example", site.url, number=2)
    copy(site, "")
    status, said = audited(site.url, state=state)
    assert (status, "log-shrank: " in said) == (1, True)


def test_no_site_hides_a_receipt_from_itself(site: LetterSite, tmp_path: Path) -> None:
    receipt = tmp_path / "mine.tlog-proof"
    site.release(30)
    receipt.write_text(site.receipt(40).encode())
    set_back(site, 1)
    copy(site, "")
    status, said = audited(site.url, receipt=receipt)
    assert (status, "The copy is older than the receipt" in said) == (1, False), said


def test_a_site_whose_files_are_all_that_is_left_of_it_is_audited(site: LetterSite, tmp_path: Path) -> None:
    sign_list(site, site.url)
    copy(site, "")
    assert audited(site.url, state=tmp_path / "state")[0] == 0
    assert audited(site.url, state=tmp_path / "state")[0] == 0


def test_of_an_older_copy_it_is_not_said_that_it_goes_on(site: LetterSite, tmp_path: Path) -> None:
    url, state = copy(site), tmp_path / "state"
    site.release(30)
    assert "does continue the one seen before" not in audited(site.url, state=state)[1]
    assert "does continue the one seen before" in audited(site.url, state=state)[1]
    status, said = audited(url, state=state)
    assert (status, "does continue" in said, "older than the one seen before" in said) == (0, False, True)


def test_an_older_copy_knows_nothing_of_a_newer_receipt(site: LetterSite, tmp_path: Path) -> None:
    url, receipt = copy(site), tmp_path / "mine.tlog-proof"
    site.release(30)
    receipt.write_text(site.receipt(40).encode())
    status, said = audited(url, receipt=receipt)
    assert (status, "The copy is older than the receipt" in said) == (0, True)
    receipt.write_text(site.receipt(4).encode())
    assert audited(url, receipt=receipt)[0] == 0


def test_an_old_copy_is_measured_by_the_newest_list_that_is_known(site: LetterSite, tmp_path: Path) -> None:
    state, mirror = tmp_path / "state", f"http://0.0.0.0:{site.host.partition(':')[2]}{ROOT}"
    for number, addresses in ((1, (site.url, mirror)), (2, (site.url,))):
        sign_list(site, *addresses, number=number)
        if number == 1:
            copy(site)
    assert audited(mirror, insecure=True)[0] == 0
    assert audited(site.url, state=state)[0] == 0
    status, said = audited(mirror, insecure=True, state=state)
    assert (status, "impostor: " in said) == (1, True)
    assert "The copy has list 1 of official addresses; list 2 is known." in said


@pytest.mark.parametrize("listed", [True, False])
def test_a_copy_from_before_the_first_list_is_measured_by_the_list_that_is_known(
    site: LetterSite, tmp_path: Path, *, listed: bool
) -> None:
    state, mirror = tmp_path / "state", f"http://0.0.0.0:{site.host.partition(':')[2]}{ROOT}"
    copy(site)
    sign_list(site, site.url, *([mirror] if listed else []))
    site.release(30)
    assert audited(site.url, state=state)[0] == 0
    status, said = audited(mirror, insecure=True, state=state)
    assert "The copy has no list of official addresses; list 1 is known." in said
    assert ("no-addresses: " in said, "impostor: " in said) == (False, not listed)
    assert status == (0 if listed else 1)


def test_what_a_mirror_changed_is_found(site: LetterSite) -> None:
    url = copy(site)
    place = f"{ROOT}/en/letters/{site.slug}/index.html"
    site.overrides[place] = site.answer(place)[1].replace(b">30<", b">90<")
    status, said = audited(url)
    assert (status, "page-total: " in said) == (1, True)


@given(
    st.lists(st.sampled_from(["letters", "a", "log", "api", "v1", "editions", "3", "x.csv"]), max_size=5),
    st.integers(1, 30),
)
def test_no_two_paths_share_a_file_and_none_leads_out(parts: list[str], page: int) -> None:
    place = f"/{'/'.join(parts)}"
    file, paged = mirrored_file(place), mirrored_file(f"{place}?page={page}")
    assert (file == paged) == (page == 1)
    assert not file.startswith("/")
    assert ".." not in file.split("/")
