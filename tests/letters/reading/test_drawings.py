"""Card, poster and QR code as readers and other sites are given them."""

import json
import struct
import zlib

import pytest
import segno
from flask import Flask
from werkzeug.test import TestResponse

from letters.organising.drawing.rounds import Drawings
from letters.reading.codes import MODULE, QUIET
from letters.reading.drawable import LONGEST_LINE, Drawable
from tests.parts.campaign import Campaign
from tests.parts.drawings import draw_all, in_words

pytestmark = pytest.mark.parametrize("database", ["sqlite"])


def get(campaign: Campaign, what: str, prefix: str = "/en", **headers: str) -> TestResponse:
    return campaign.client.get(f"{prefix}/letters/{campaign.slug}/{what}", headers=headers)


def test_before_anything_is_drawn_there_is_a_sentence(campaign: Campaign) -> None:
    for what in ("card.png", "poster.pdf"):
        answer = get(campaign, what)
        assert answer.status_code == 404
        assert "Look again in a minute." in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_card_shows_the_newest_edition_and_an_older_one_is_kept_by_nobody(campaign: Campaign) -> None:
    campaign.join(1)
    campaign.release()
    draw_all(campaign)
    first = get(campaign, "card.png")
    assert first.json is None
    assert json.loads(first.data)["total"] == "1"
    assert first.headers["Cache-Control"].startswith("public")
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert first.content_type == "image/png"
    campaign.join(2)
    campaign.release()
    older = get(campaign, "card.png?e=2")
    assert (older.data, older.headers["Cache-Control"]) == (first.data, "no-cache")
    draw_all(campaign)
    newest = get(campaign, "card.png?e=2")
    assert json.loads(newest.data)["total"] == "2"
    assert newest.headers["ETag"] != first.headers["ETag"]
    assert get(campaign, "card.png", **{"If-None-Match": newest.headers["ETag"]}).status_code == 304


def test_each_language_has_its_card_and_one_that_the_letter_does_not_speak_gets_the_first(campaign: Campaign) -> None:
    draw_all(campaign)
    titles = {
        language: json.loads(get(campaign, "card.png", f"/{language}").data)["title"] for language in ("ru", "en")
    }
    assert titles == {code: campaign.letter.texts[code].title for code in ("ru", "en")}
    by_browser = get(campaign, "card.png", "", **{"Accept-Language": "en"})
    assert json.loads(by_browser.data)["title"] == titles["en"]
    assert "Accept-Language" in by_browser.headers["Vary"]


def test_while_one_language_is_missing_another_one_is_shown(campaign: Campaign, app: Flask) -> None:
    made: list[Drawable] = []

    def one(drawable: Drawable) -> bytes:
        if made:
            raise SystemExit
        made.append(drawable)
        return in_words(drawable)

    with pytest.raises(SystemExit):
        Drawings(campaign.runtime, app, one).round()
    meanwhile = get(campaign, "card.png", "/en")
    assert (meanwhile.status_code, meanwhile.headers["Cache-Control"]) == (200, "no-cache")
    assert json.loads(meanwhile.data)["tongue"]["language"] == campaign.letter.languages[0] != "en"


def test_the_poster_is_a_file_with_a_name(campaign: Campaign) -> None:
    draw_all(campaign)
    answer = get(campaign, "poster.pdf", "/ru")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{campaign.slug}-poster-ru.pdf"'
    said = json.loads(answer.data)
    assert said["address"] == f"https://undersigned.example/letters/{campaign.slug}"
    assert campaign.letter.texts["ru"].body.startswith(said["text"][:200])


def test_of_a_title_without_end_only_its_beginning_is_typeset(campaign: Campaign) -> None:
    with campaign.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE letter_texts SET title = ?", ("W" * 200_000,))
        connection.exec_driver_sql("UPDATE letters SET revision = revision + 1")
    draw_all(campaign)
    for what in ("card.png", "poster.pdf"):
        assert json.loads(get(campaign, what).data)["title"] == "W" * LONGEST_LINE


def test_the_code_is_the_canonical_address(campaign: Campaign) -> None:
    answer = get(campaign, "qr.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    code = segno.make_qr(f"https://undersigned.example/letters/{campaign.slug}", error="m", boost_error=False)
    assert modules(answer.data) == [[bool(module) for module in row] for row in code.matrix]
    assert get(campaign, "qr.png", "").data == answer.data


def modules(png: bytes) -> list[list[bool]]:
    """Which modules are dark, read from the middle of each; a pixel is one bit, and the edge is quiet."""
    width, height, depth = struct.unpack(">IIB", png[16:25])
    assert (width, depth) == (height, 1)
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    packed, lines = zlib.decompress(data), [bytes((width + 7) // 8)]
    stride = len(lines[0]) + 1
    for at in range(0, len(packed), stride):
        up = lines[-1] if packed[at] == 2 else bytes(stride - 1)  # PNG, 9.2: the other filter here is none
        lines.append(bytes(a + b & 255 for a, b in zip(packed[at + 1 : at + stride], up, strict=True)))
    middles = range(MODULE // 2, width, MODULE)
    dark = [[not lines[y + 1][x // 8] >> (7 - x % 8) & 1 for x in middles] for y in middles]
    quiet = [*dark[:QUIET], *dark[-QUIET:], *(row[:QUIET] + row[-QUIET:] for row in dark)]
    assert not any(any(row) for row in quiet)
    return [row[QUIET:-QUIET] for row in dark[QUIET:-QUIET]]
