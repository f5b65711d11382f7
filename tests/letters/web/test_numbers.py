"""A number in an address has one spelling."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound
from werkzeug.routing import MapAdapter

from letters.web.numbers import init_numbers

WITHIN_A_STEP = st.characters(exclude_characters="/")


def addresses() -> MapAdapter:
    app = Flask("numbers")
    init_numbers(app)
    app.add_url_rule("/things/<int:number>", "thing")
    return app.url_map.bind("undersigned.example")


@given(st.integers(1, 999_999_999))
def test_a_number_is_found_under_the_address_that_is_built_of_it(number: int) -> None:
    path = addresses().build("thing", {"number": number})
    assert addresses().match(path) == ("thing", {"number": number})


@given(st.one_of(st.text("0123456789+-. _٣９೧²", max_size=12), st.text(WITHIN_A_STEP, max_size=5)))
def test_nothing_else_is_a_number(text: str) -> None:
    try:
        _endpoint, values = addresses().match(f"/things/{text}")
    except NotFound:
        return
    assert str(values["number"]) == text


@pytest.mark.parametrize("text", ["0", "01", "1000000000", "9" * 5000, "٣", "９", "+1", "-1", "1.0", "1e3"])
def test_an_odd_number_is_no_page(text: str) -> None:
    with pytest.raises(NotFound):
        addresses().match(f"/things/{text}")
