"""A number in an address has one spelling: ASCII digits, the first of them no zero."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter


class Whole(IntegerConverter):
    """A number from 1 to 999,999,999; whatever else stands there is no page."""

    regex = "[1-9][0-9]{0,8}"


def init_numbers(app: Flask) -> None:
    """Let `<int:…>` in a rule mean `Whole`."""
    app.url_map.converters["int"] = Whole
