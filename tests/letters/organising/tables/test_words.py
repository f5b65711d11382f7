"""A refusal can be said in the reader's language."""

import re

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from letters.organising.tables.errors import SENTENCES, BadTable
from letters.organising.tables.words import words


@pytest.mark.parametrize("code", SENTENCES)
def test_words_fill_in_the_same_sentence(code: str) -> None:
    app = Flask("tables")
    Babel(app)
    error = BadTable(code, values={name: f"<{name}>" for name in re.findall(r"%\((\w+)\)s", SENTENCES[code])})
    with app.app_context(), force_locale("en"):
        assert words(error) == str(error)
    assert all(str(value) in str(error) for value in error.values.values())


def test_a_line_is_part_of_the_sentence() -> None:
    assert "9999" in str(BadTable("formula", line=9999, values={"column": "name"}))
