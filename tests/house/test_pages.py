"""What the strict content security policy and readers without JavaScript rely on."""

import re

import pytest
from flask import Flask

from tests.house.sources import templates, text_files

IN_TEMPLATES = {
    "inline style": r"\sstyle\s*=|<style",
    "inline script": r"<script(?![^>]*\ssrc\s*=)",
    "inline handler": r"<[a-z][^>]*\son[a-z]+\s*=",
    "foreign address": r"(?:\bsrc|\bsrcset|<link[^>]*\shref|<form[^>]*\saction)\s*=\s*[\"']?(?:https?:)?//",
    "data address": r"[\"'(=\s]data:[a-z]+/",
}
IN_STATIC = {
    "foreign address": r"(?:url\(|@import)\s*[\"']?(?:https?:)?//",
    "data address": r"[\"'(=\s]data:[a-z]+/",
}
SERVED_AS_TEXT = (".css", ".js", ".svg")


@pytest.mark.parametrize("forbidden", IN_TEMPLATES)
def test_templates_keep_to_the_policy(forbidden: str) -> None:
    assert found_in(templates(), IN_TEMPLATES[forbidden]) == {}


@pytest.mark.parametrize("forbidden", IN_STATIC)
def test_static_files_keep_to_the_policy(forbidden: str) -> None:
    served = {name: text for name, text in text_files().items() if name.startswith("static/")}
    texts = {name: text for name, text in served.items() if name.endswith(SERVED_AS_TEXT)}
    assert texts
    assert found_in(texts, IN_STATIC[forbidden]) == {}


@pytest.mark.parametrize("database", ["sqlite"])
def test_every_template_compiles(app: Flask) -> None:
    names = set(templates())
    assert names
    assert names <= set(app.jinja_env.list_templates())
    for name in names:
        app.jinja_env.get_template(name)


def found_in(texts: dict[str, str], forbidden: str) -> dict[str, str]:
    matches = {name: re.search(forbidden, text, re.IGNORECASE) for name, text in texts.items()}
    return {name: match.group() for name, match in matches.items() if match}
