"""A file that an organiser takes away."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response


def attachment(content: Iterable[bytes] | bytes, kind: str, name: str) -> Response:
    """A file that nobody on its way keeps: the last header asks nginx to put none of it down on a disk."""
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
