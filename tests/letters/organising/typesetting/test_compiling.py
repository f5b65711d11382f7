"""Pictures with fewer colours show what they showed."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.typesetting.compiling import _chunk, _chunks, _read, _unfiltered, fewer_colours

LINE = 12
PAPER, INK = (251, 250, 247), (29, 28, 26)
LINES = st.binary(min_size=LINE, max_size=LINE)


def filtered(kind: int, line: bytes, above: bytes) -> bytes:
    """What an encoder writes for a line (PNG, 9.2), from the standard's own formulas."""
    written = []
    for at, value in enumerate(line):
        left, corner = (line[at - 4], above[at - 4]) if at >= 4 else (0, 0)
        up = above[at]
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda each: abs(guess - each))
        written.append(value - (0, left, up, (left + up) // 2, paeth)[kind] & 255)
    return bytes(written)


def picture(*colours: tuple[int, int, int], width: int = 4) -> bytes:
    """A picture of these colours as the typesetter writes one, without filters."""
    pixels = b"".join(bytes((*colour, 255)) for colour in colours)
    lines = b"".join(b"\0" + pixels[at : at + width * 4] for at in range(0, len(pixels), width * 4))
    head = struct.pack(">IIBBBBB", width, len(colours) // width, 8, 6, 0, 0, 0)
    parts = {b"IHDR": head, b"IDAT": zlib.compress(lines), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts.items())


def shown(png: bytes) -> list[tuple[int, ...]]:
    """The colours of a picture with a palette, pixel by pixel."""
    parts = dict(_chunks(png))
    width = struct.unpack(">I", parts[b"IHDR"][:4])[0]
    packed, palette = zlib.decompress(parts[b"IDAT"]), parts[b"PLTE"]
    places = b"".join(packed[at + 1 : at + 1 + width] for at in range(0, len(packed), width + 1))
    return [tuple(palette[place * 3 : place * 3 + 3]) for place in places]


@given(st.integers(0, 4), LINES, LINES)
def test_every_filter_is_undone(kind: int, line: bytes, above: bytes) -> None:
    assert _unfiltered(kind, filtered(kind, line, above), above) == line


@given(
    st.lists(st.sampled_from([(251, 250, 247), (29, 28, 26), (31, 63, 119), (87, 83, 76)]), min_size=16, max_size=16)
)
def test_colours_that_are_not_alike_stay_as_they_are(colours: list[tuple[int, int, int]]) -> None:
    assert shown(fewer_colours(picture(*colours))) == colours


def test_a_colour_becomes_the_one_like_it_that_is_there_most() -> None:
    assert shown(fewer_colours(picture(PAPER, (250, 249, 246), PAPER, INK))) == [PAPER, PAPER, PAPER, INK]


def test_a_picture_of_too_many_colours_is_left_as_it_is() -> None:
    many = picture(*((red * 16, green * 16, blue * 128) for red in range(16) for green in range(16) for blue in (0, 1)))
    assert fewer_colours(many) == many


def test_a_picture_of_another_kind_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="other pixels"):
        _read(fewer_colours(picture(*[(0, 0, 0)] * 4)))
