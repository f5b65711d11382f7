"""Cards and posters as bytes, read by the programs that their readers use. Each takes a process: few are made."""

import struct
from dataclasses import replace

import pytest

from letters.organising.drawing.drawing import draw, plain
from letters.organising.handover.blocks import to_blocks
from letters.organising.typesetting.starting import NotTypeset
from letters.reading.drawable import Tongue
from tests.letters.organising.drawing.drawables import ARABIC, CARD, POSTER
from tests.letters.organising.handover.pdf import facts_of, metadata_of, poppler, structure_of, text_of, widest_of

A4_WIDTH = 595.3
SMALL = 60_000
HOSTILE = '#read("/etc/passwd") #{1+1} *bold* _it_ $x$ @ref \\u{41} "q" <label> = Head [a] {b} //c `raw` ---'
LONG_WORD = "Krankenhauspflegepersonaluntergrenzenausnahmegenehmigungsgesetz"


def test_a_card_is_a_small_picture_of_the_size_that_links_ask_for() -> None:
    hard = replace(CARD, title=f"Gegen das {LONG_WORD} {HOSTILE} " * 2, addressee=f"An {LONG_WORD}" * 3)
    for card in (CARD, hard):
        png = draw(card)
        assert png.startswith(b"\x89PNG")
        assert struct.unpack(">II", png[16:24]) == (1200, 630)
        assert len(png) < SMALL
    assert draw(CARD) == draw(CARD)


def test_a_poster_is_one_tagged_page_with_the_address_in_letters() -> None:
    pdf = draw(POSTER)
    facts, text = facts_of(pdf), text_of(pdf)
    assert (facts["Pages"], facts["Tagged"], facts["Title"]) == ("1", "yes", "Stop the violence")
    assert facts["Page size"].endswith("(A4)")
    assert "CreationDate" not in facts
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata_of(pdf)
    for said in (
        "Minister of Health",
        "We write openly, and together (https://example.org/).",
        "Do no harm.",
        "Give a private e-mail",
    ):
        assert said in text, said
    assert text.replace(" ", "").count(POSTER.short) == 1 + 10
    assert POSTER.address in poppler("pdfinfo", pdf, "-url", "-")
    structure = structure_of(pdf)
    assert structure.count("Figure") == 1, "the strips are for scissors"
    assert "H1" in structure


@pytest.mark.parametrize(
    ("title", "text", "tongue"),
    [
        (HOSTILE, f"    {HOSTILE}\n", POSTER.tongue),
        ("w" * 300, f"{LONG_WORD} " * 200, POSTER.tongue),
        ("أوقفوا العنف ضد Vera Example", "نكتب علنًا (2026).\n\n" * 90, ARABIC),
    ],
)
def test_whatever_was_typed_stays_on_the_one_page(title: str, text: str, tongue: Tongue) -> None:
    pdf = draw(replace(POSTER, title=title, text=text, tongue=tongue))
    assert facts_of(pdf)["Pages"] == "1"
    assert "pdfuaid" in metadata_of(pdf)
    left, right = widest_of(pdf)
    assert left > 20
    assert right < A4_WIDTH - 20
    if title == HOSTILE:
        assert text_of(pdf).count(HOSTILE) == 2


def test_a_poster_shows_a_text_without_its_marks() -> None:
    assert list(plain(to_blocks(POSTER.text))) == [
        "We write openly, and together (https://example.org/).",
        "Do no harm.",
        "• First",
        "• Second",
    ]


def test_impatience_has_a_name() -> None:
    with pytest.raises(NotTypeset):
        draw(CARD, patience=0.001)
