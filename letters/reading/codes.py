"""The QR code of an address (ISO/IEC 18004): some of it may be dirty or torn."""

from __future__ import annotations

import io

import segno

MODULE = 8
"""Pixels of one module of the picture."""

QUIET = 4
"""Modules around it that stay white (section 6.3.8)."""


def qr(address: str) -> segno.QRCode:
    """The code itself, of error correction level M: 15 % of it can be restored."""
    return segno.make_qr(address, error="m", boost_error=False)


def qr_png(address: str) -> bytes:
    """The code as a picture, black on white."""
    picture = io.BytesIO()
    qr(address).save(picture, kind="png", scale=MODULE, border=QUIET)
    return picture.getvalue()


def qr_svg(address: str) -> str:
    """The code as a drawing of any size, black on white."""
    drawing = io.BytesIO()
    qr(address).save(drawing, kind="svg", border=QUIET, xmldecl=False, light="white")
    return drawing.getvalue().decode()
