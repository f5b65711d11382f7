"""A mirror is a copy that a plain file server can serve and the auditor accepts."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, update

from letters.app import create_app
from letters.mirroring.folder import MirrorBusy, NotAMirror, replacing
from letters.mirroring.making import SETTLING, NothingPublic
from letters.mirroring.plan import NoAnswer
from letters.models.letters import FirstSignatoryRow, LetterRow
from letters.organising.addressing.mirrors import put_mirrors
from letters.organising.drawing.rounds import Drawings
from letters.organising.releasing import tend_letters
from letters.organising.takedown import take_down
from letters.publishing.editions import lock_letter
from letters.reading.pages import Signatories
from letters.settings import ROOT
from tests.letters.mirroring.serving import Maker, audited, file_server
from tests.letters.publishing.crowd import Crowd
from tests.parts.drawings import in_words

pytestmark = pytest.mark.parametrize("database", ["sqlite"])

LINK = re.compile(r'<[a-z][^<>]*?\s(href|src)="([^"]*)"')


def pages(mirror: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(mirror.rglob("*.html")):
        yield file, file.read_text()


def test_a_plain_file_server_serves_it_and_the_auditor_accepts_it(crowd: Crowd, mirror: Path) -> None:
    with file_server(mirror) as url:
        for where in ("", "/", "/index.html", f"/letters/{crowd.slug}", f"/ru/letters/{crowd.slug}/index.html"):
            status, said = audited(url + where)
            assert (status, "NOTHING WRONG" in said) == (0, True), said
            assert "This is a copy of 'https://undersigned.example', made on '2026-12-01', as of edition 2" in said
            assert "This address is not on the organisers' signed list" in said


def test_it_works_at_a_path_of_its_own(crowd: Crowd, mirror: Path) -> None:
    with file_server(mirror.parent) as url:
        for where in ("/mirror", f"/mirror/letters/{crowd.slug}/", f"/mirror/ru/letters/{crowd.slug}/count/index.html"):
            assert audited(url + where)[0] == 0
        assert audited(f"{url}/nothing/letters/{crowd.slug}")[0] == 1


def targets(mirror: Path) -> Iterator[tuple[Path, str, Path]]:
    """Every link in every page that leads to no other host: the page, the link, and the file."""
    for file, html in pages(mirror):
        for name, link in LINK.findall(html):
            parts = urlsplit(unescape(link))
            if parts.scheme:
                assert name == "href"
            else:
                assert not parts.path.startswith("/"), (file, link)
                yield file, link, (file.parent / unquote(parts.path)).resolve() if parts.path else file


def test_every_link_leads_to_a_file_or_to_the_site(mirror: Path) -> None:
    found = list(targets(mirror))
    for file, link, target in found:
        assert target.is_file(), (file, link)
    assert len(found) > 200
    shared = (mirror / "en/letters/stop-the-violence/share/index.html").read_text()
    assert 'src="../qr.png"' in shared


def test_it_has_no_form_no_script_and_says_what_it_is(mirror: Path) -> None:
    for file, html in pages(mirror):
        assert "<form" not in html, file
        assert "<script" not in html, file
        if file.parent.name != "embed":
            assert html.count('class="notice notice-info"') >= 1, file
    letter, framed = (
        (mirror / f"en/letters/stop-the-violence/{page}index.html").read_text() for page in ("", "embed/")
    )
    assert "This is a copy as of edition 2, made on 1 December 2026" in letter
    assert "This is a copy as of edition 2, made on 1 December 2026" in framed
    assert 'href="https://undersigned.example/letters/stop-the-violence"' in letter


def test_it_holds_drawings_and_what_programs_read_byte_for_byte(crowd: Crowd, maker: Maker, tmp_path: Path) -> None:
    app, own = create_app(crowd.runtime), f"letters/{crowd.slug}"
    Drawings(crowd.runtime, app, in_words).round()
    mirror, client = maker(tmp_path / "mirror"), app.test_client()
    for path in (
        f"{own}/log/checkpoint",
        f"{own}/log/tile/0/000.p/{crowd.letter.head.size}",
        f"{own}/addresses.txt",
        f"{own}/editions.csv",
        f"{own}/badge.svg",
        f"{own}/qr.png",
        f"ru/{own}/card.png",
        f"en/{own}/poster.pdf",
        f"ru/{own}/editions.atom",
        "audit.py",
    ):
        assert (mirror / path).read_bytes() == client.get(f"/{path}").data, path
    for path, file in {
        f"{own}/count": f"{own}/count.json",
        f"{own}/editions/2": f"{own}/editions/2.json",
        f"{own}/signatories": f"{own}/signatories.json",
        own: f"{own}.json",
        "letters": "letters.json",
    }.items():
        assert (mirror / "api/v1" / file).read_bytes() == client.get(f"/api/v1/{path}").data


def test_what_pages_need_is_beside_them(mirror: Path) -> None:
    assert (mirror / "static/undersigned.css").read_bytes() == (ROOT / "static/undersigned.css").read_bytes()
    assert list((mirror / "static" / "fonts").rglob("*.woff2"))
    assert not list(mirror.rglob("*.js"))


def test_every_page_of_a_list_is_there(crowd: Crowd, maker: Maker, tmp_path: Path) -> None:
    crowd.join_many(range(10, 110), display="pseudonym")
    crowd.release()
    own, mirror = f"letters/{crowd.slug}/signatories", maker(tmp_path / "mirror")
    assert (mirror / "api/v1" / own / "page-2.json").exists()
    assert not (mirror / own / "page-3").exists()
    assert 'href="page-2/index.html"' in (mirror / own / "index.html").read_text()
    assert 'href="../index.html"' in (mirror / own / "page-2/index.html").read_text()


def test_one_digit_that_was_changed_is_found(crowd: Crowd, mirror: Path) -> None:
    file = mirror / f"letters/{crowd.slug}/count/index.html"
    file.write_text(file.read_text().replace('value="4"', 'value="9"').replace(">4<", ">9<"))
    with file_server(mirror) as url:
        status, said = audited(f"{url}/letters/{crowd.slug}")
    assert (status, "page-total: " in said) == (1, True)


def test_an_older_copy_is_no_lie(crowd: Crowd, maker: Maker, mirror: Path, tmp_path: Path) -> None:
    older, state = tmp_path / "older", tmp_path / "letter.state"
    mirror.rename(older)
    crowd.join(5)
    crowd.release()
    newer = maker(mirror)
    with file_server(tmp_path) as url:
        assert audited(f"{url}/{newer.name}/", state=state)[0] == 0
        before = state.read_bytes()
        status, said = audited(f"{url}/older/", state=state)
        assert (status, "as of edition 2" in said) == (0, True)
        assert state.read_bytes() == before


def test_mirror_json_that_names_another_edition_is_found(crowd: Crowd, mirror: Path) -> None:
    said = json.loads((mirror / "mirror.json").read_bytes())
    said["letters"][0]["edition"] = 7
    (mirror / "mirror.json").write_text(json.dumps(said))
    with file_server(mirror) as url:
        assert audited(url)[0] == 1


def test_it_names_official_addresses_and_knows_its_own(crowd: Crowd, maker: Maker, mirror: Path) -> None:
    with file_server(mirror) as url:
        own = f"{url}/letters/{crowd.slug}"
        crowd.runtime.settle(lambda session: put_mirrors(session, lock_letter(session, crowd.slug), [own]))
        tend_letters(crowd.runtime)
        maker(mirror)
        assert f'href="{own}"' in (mirror / f"en/letters/{crowd.slug}/index.html").read_text()
        status, said = audited(own)
    assert (status, "This address is on the organisers' signed list" in said) == (0, True)


def test_running_again_takes_hidden_names_away(crowd: Crowd, maker: Maker, mirror: Path) -> None:
    names = mirror / f"en/letters/{crowd.slug}/signatories/index.html"
    assert "Signer" in names.read_text()
    crowd.tamper(update(LetterRow).values(locked_on=crowd.runtime.clock().date(), revision=LetterRow.revision + 1))
    maker(mirror)
    assert "All names are hidden" in names.read_text()
    assert [path.name for path in mirror.parent.iterdir() if path.name.startswith(".")] == []


def test_a_letter_that_was_taken_down_is_absent(crowd: Crowd, maker: Maker, mirror: Path) -> None:
    runtime = crowd.runtime
    runtime.settle(lambda session: take_down(lock_letter(session, crowd.slug), "Why.", runtime.clock().date()))
    maker(mirror)
    assert not list(mirror.rglob(f"*{crowd.slug}*"))
    assert (mirror / "index.html").exists()


def test_a_mirror_of_one_letter_follows_when_it_is_taken_down(crowd: Crowd, maker: Maker, tmp_path: Path) -> None:
    runtime, mirror = crowd.runtime, maker(tmp_path / "mirror", crowd.slug)
    assert (mirror / f"letters/{crowd.slug}/index.html").exists()
    runtime.settle(lambda session: take_down(lock_letter(session, crowd.slug), "Why.", runtime.clock().date()))
    maker(mirror, crowd.slug)
    assert not list(mirror.rglob(f"*{crowd.slug}*"))
    assert not any("Signer" in html for _file, html in pages(mirror))
    with pytest.raises(NothingPublic):
        maker(mirror, "none")


def half_way(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen once while a mirror is made: when the names were copied in some languages, not in all."""
    render, left = Signatories.get, [happens]

    def get(self: Signatories, slug: str) -> ResponseReturnValue:
        if left and request.path.startswith("/en/"):
            left.pop()()
        return render(self, slug)

    monkeypatch.setattr(Signatories, "get", get)


def test_a_name_that_leaves_with_an_edition_while_it_is_written_is_not_in_it(
    crowd: Crowd, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = crowd.join(5, display="named", name="Vera Hidden")
    crowd.release()

    def hide() -> None:
        crowd.change(signer, display="counted")
        crowd.join(6)
        crowd.release()

    half_way(monkeypatch, hide)
    mirror = maker(tmp_path / "mirror")
    assert [file for file, html in pages(mirror) if "Vera Hidden" in html] == []
    assert crowd.letter.removals == 0


def test_a_mirror_is_of_one_edition_though_another_one_comes_meanwhile(
    crowd: Crowd, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.join_many(range(10, 106), display="pseudonym")
    crowd.release()

    def grow() -> None:
        crowd.join_many(range(106, 109), display="pseudonym")
        crowd.release()

    half_way(monkeypatch, grow)
    mirror = maker(tmp_path / "mirror")
    assert json.loads((mirror / "mirror.json").read_bytes())["letters"][0]["edition"] == 4
    assert [link for _file, link, target in targets(mirror) if not target.is_file()] == []


def test_a_first_signatory_who_goes_while_it_is_written_is_not_in_it(
    crowd: Crowd, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = crowd.letter.first_signatories[0].name["en"]
    remove = delete(FirstSignatoryRow).where(FirstSignatoryRow.position == 0)
    changed = update(LetterRow).values(revision=LetterRow.revision + 1)
    half_way(monkeypatch, lambda: crowd.tamper(remove, changed))
    assert [file for file, html in pages(maker(tmp_path / "mirror")) if gone in html] == []


def test_it_waits_for_a_list_of_addresses_that_is_being_signed(crowd: Crowd, maker: Maker, tmp_path: Path) -> None:
    runtime = crowd.runtime
    runtime.settle(lambda session: put_mirrors(session, lock_letter(session, crowd.slug), ["https://mirror.example"]))
    mirror = replace(maker, meanwhile=lambda: tend_letters(runtime))(tmp_path / "mirror")
    assert "https://mirror.example" in (mirror / f"letters/{crowd.slug}/addresses.txt").read_text()
    assert "https://mirror.example" in (mirror / f"en/letters/{crowd.slug}/addresses/index.html").read_text()


def test_a_list_that_changes_while_it_is_written_is_in_it(
    crowd: Crowd, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = crowd.runtime
    named = ["https://mirror.example"]
    half_way(monkeypatch, lambda: runtime.settle(lambda rows: put_mirrors(rows, lock_letter(rows, crowd.slug), named)))
    mirror = replace(maker, meanwhile=lambda: tend_letters(runtime))(tmp_path / "mirror")
    assert named[0] in (mirror / f"letters/{crowd.slug}/addresses.txt").read_text()


def test_a_mirror_may_lie_in_a_folder_that_is_called_as_a_language_is(
    crowd: Crowd, maker: Maker, tmp_path: Path
) -> None:
    (tmp_path / "copies").mkdir()
    maker(tmp_path / "copies" / "en")
    with file_server(tmp_path) as url:
        status, said = audited(f"{url}/copies/en/letters/{crowd.slug}?from=mail")
    assert status == 0, said


def test_a_mirror_can_be_checked_in_a_language_that_only_its_site_speaks(
    crowd: Crowd, maker: Maker, tmp_path: Path
) -> None:
    settings = replace(maker.runtime.settings, languages=("ru", "en", "de"))
    mirror = replace(maker, runtime=replace(maker.runtime, settings=settings))(tmp_path / "mirror")
    with file_server(mirror) as url:
        assert [audited(f"{url}/{language}/")[0] for language in ("ru", "de")] == [0, 0]


def test_a_list_that_nobody_signs_delays_a_mirror_but_does_not_prevent_it(
    crowd: Crowd, maker: Maker, tmp_path: Path
) -> None:
    waits: list[None] = []
    runtime = crowd.runtime
    runtime.settle(lambda session: put_mirrors(session, lock_letter(session, crowd.slug), ["https://mirror.example"]))
    mirror = replace(maker, meanwhile=lambda: waits.append(None))(tmp_path / "mirror")
    assert len(waits) == SETTLING
    assert (mirror / f"en/letters/{crowd.slug}/index.html").exists()


def test_other_files_are_left_alone(crowd: Crowd, maker: Maker, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    for place in ("home", "home/thesis.txt", "none/deeper"):
        with pytest.raises(NotAMirror):
            maker(tmp_path / place)
    assert (tmp_path / "home" / "thesis.txt").read_text() == "mine"


def test_a_link_put_in_its_way_empties_no_other_folder(crowd: Crowd, maker: Maker, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    (tmp_path / ".mirror.unfinished").symlink_to(tmp_path / "home")
    with pytest.raises(NotAMirror):
        maker(tmp_path / "mirror")
    assert (tmp_path / "home" / "thesis.txt").read_text() == "mine"


def test_where_its_name_is_a_link_the_folder_behind_it_is_replaced(mirror: Path) -> None:
    link = mirror.with_name("current")
    link.symlink_to(mirror)
    for body in (b"newer", b"newest"):
        with replacing(link) as fresh:
            fresh.write("mirror.json", (mirror / "mirror.json").read_bytes())
            fresh.write("index.html", body)
        assert (mirror / "index.html").read_bytes() == body
    assert link.is_symlink()


def test_a_page_that_cannot_be_rendered_is_not_left_out_in_silence(
    crowd: Crowd, maker: Maker, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (mirror / "index.html").read_bytes()

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("letters.reading.pages.CountPage.get", fail)
    with pytest.raises(NoAnswer):
        maker(mirror)
    assert (mirror / "index.html").read_bytes() == before


def test_two_at_once_and_one_that_fails_leave_the_old_one(mirror: Path) -> None:
    before = (mirror / "index.html").read_bytes()
    with suppress(ZeroDivisionError), replacing(mirror) as fresh:
        fresh.write("index.html", b"half")
        with pytest.raises(MirrorBusy):
            replacing(mirror).__enter__()
        raise ZeroDivisionError
    assert (mirror / "index.html").read_bytes() == before
    assert [path.name for path in mirror.parent.iterdir() if path.name.startswith(".")] == []
