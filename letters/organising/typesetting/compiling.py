"""Typesets one thing in a process of its own: JSON from standard input, a PDF or a PNG to standard output.

`starting.typeset` starts this file by its path, without the environment: typesetting takes a whole core and memory that
a longer-lived process would not give back, and here it holds no key and no database.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import typst

FONTS = Path(__file__).with_name("fonts")

ALIKE = 4
"""Bits of each channel in which colours of a picture have to agree to become one."""

RGBA = 6
"""The colour type of the pictures that the typesetter makes: four bytes for each pixel (PNG, 11.2.1)."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def typeset(template: Path, paper: str, form: str) -> bytes:
    """A PDF, tagged, or a PNG of one pixel for each point in few colours.

    A PDF conforms to PDF/UA-1 (ISO 14289-1) where the fonts hold every letter of it. A letter that none of them has is
    shown as a box, which PDF/UA-1 forbids. Better a box than no paper.
    """
    if form == "png":
        return fewer_colours(_compile(template, paper, form))
    try:
        return _compile(template, paper, form, ["ua-1"])
    except typst.TypstError:
        return _compile(template, paper, form)


def _compile(template: Path, paper: str, form: str, standards: Sequence[typst.PDFStandard] = ()) -> bytes:
    return typst.compile(
        str(template),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="png" if form == "png" else "pdf",
        ppi=72.0,
        sys_inputs={"paper": paper},
        pdf_standards=list(standards),
    )


def fewer_colours(png: bytes) -> bytes:
    """The same picture with a palette: colours that are nearly alike become the one of them that is there most.

    A third of the size for a page of text, whose edges are many shades of few colours. `png` is of the typesetter.
    """
    width, height, pixels = _read(png)
    alike: dict[bytes, int] = {}
    places: dict[int, int] = {}
    palette = b""
    for pixel, _count in Counter(pixels).most_common():
        colour = pixel.to_bytes(4, sys.byteorder)[:3]
        places[pixel] = place = alike.setdefault(bytes(channel >> (8 - ALIKE) for channel in colour), len(alike))
        palette += colour if place * 3 == len(palette) else b""
    if len(alike) > 256:
        return png
    indexes = bytes(map(places.__getitem__, pixels))
    lines = b"".join(b"\0" + indexes[at : at + width] for at in range(0, len(indexes), width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = {b"IHDR": head, b"PLTE": palette, b"IDAT": zlib.compress(lines, 9), b"IEND": b""}
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks.items())


def _read(png: bytes) -> tuple[int, int, memoryview]:
    """Width, height and pixels, four bytes each, of a picture that is not interlaced (PNG, 7.2 and 9.2)."""
    chunks = list(_chunks(png))
    width, height, depth, kind, *_rest = struct.unpack(">IIBBBBB", chunks[0][1])
    if (depth, kind) != (8, RGBA):
        raise ValueError("The picture has other pixels than those of the typesetter.")
    packed = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    length, above, lines = width * 4, bytes(width * 4), []
    for at in range(0, len(packed), length + 1):
        above = _unfiltered(packed[at], packed[at + 1 : at + 1 + length], above)
        lines.append(above)
    return width, height, memoryview(b"".join(lines)).cast("I")


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    """One line as it was before its filter (PNG, 9.2): none, sub, up, average, Paeth. Most are as the one above."""
    if kind == 0 or (kind == 2 and not any(line)):
        return above if kind else line
    if kind == 2:
        return bytes((value + over) & 255 for value, over in zip(line, above, strict=True))
    done = bytearray(4)  # of the pixel before the first one
    guess = {1: lambda left, _above, _corner: left, 3: lambda left, over, _corner: (left + over) >> 1, 4: _paeth}[kind]
    for value, over, corner in zip(line, above, bytes(4) + above, strict=False):
        done.append((value + guess(done[-4], over, corner)) & 255)
    return bytes(done[4:])


def _paeth(left: int, above: int, corner: int) -> int:
    by_left, by_above, by_corner = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
    if by_left <= by_above and by_left <= by_corner:
        return left
    return above if by_above <= by_corner else corner


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


if __name__ == "__main__":
    sys.stdout.buffer.write(typeset(Path(sys.argv[1]), sys.stdin.buffer.read().decode(), sys.argv[2]))
