"""Which encoding a browser gets, and the ETag of each."""

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.web.encodings import BR, ENCODINGS, GZIP, PLAIN, encoded, encoding_for, etag_of, has, stamp_of

ACCEPTED = [
    ("", PLAIN),
    ("identity", PLAIN),
    ("*", PLAIN),
    ("gzip", GZIP),
    ("br", BR),
    ("gzip, deflate", GZIP),
    ("gzip, deflate, br, zstd", BR),
    ("BR", BR),
    ("br;q=0, gzip", GZIP),
    ("br;q=0.0,gzip;q=0.000", PLAIN),
    ("br; q=0, gzip; q=0.001", GZIP),
    ("gzip;q=1.0, br;q=0.1", BR),
    ("brotli, xgzip", PLAIN),
    (";q=1,,", PLAIN),
]


@pytest.mark.parametrize(("accepted", "encoding"), ACCEPTED)
def test_the_smallest_that_the_browser_names_and_wants_is_taken(accepted: str, encoding: str) -> None:
    assert encoding_for(accepted) == encoding


@given(st.text(max_size=40))
def test_whatever_is_asked_for_there_is_an_encoding(accepted: str) -> None:
    assert encoding_for(accepted) in ENCODINGS


@given(st.binary(max_size=2000))
def test_each_encoding_holds_the_same_bytes_and_is_the_same_twice(body: bytes) -> None:
    assert gzip.decompress(encoded(body, GZIP)) == brotli.decompress(encoded(body, BR)) == encoded(body, PLAIN) == body
    assert encoded(body, GZIP) == encoded(body, GZIP)


@given(st.binary(), st.binary())
def test_other_bytes_have_another_etag(one: bytes, other: bytes) -> None:
    assert (etag_of(one) == etag_of(other)) == (one == other)
    assert 1 < stamp_of(one) < 2**31


@pytest.mark.parametrize("condition", ['"1-2"', 'W/"1-2"', '"0-0", "1-2"', 'W/"0-0",W/"1-2" ', "*"])
def test_who_has_the_page_is_known_weak_or_strong_alone_or_in_a_list(condition: str) -> None:
    assert has(condition, '"1-2"')


@pytest.mark.parametrize("condition", ["", "1-2", '"11-2"', '"1-2', 'w/"1-2"', '"*"', '"0-0", "1-22"'])
def test_who_does_not_have_it_is_not(condition: str) -> None:
    assert not has(condition, '"1-2"')
