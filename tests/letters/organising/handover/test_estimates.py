"""What to expect of a download is never said too small."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.handover.downloads import Form
from letters.organising.handover.estimates import PACES, Estimate, expect

totals = st.integers(min_value=0, max_value=2_000_000)


def test_nothing_takes_no_time() -> None:
    assert expect(Form.CSV, 0) == Estimate(0, 0)


@pytest.mark.parametrize("form", Form)
def test_a_single_signature_is_within_a_megabyte_and_a_minute(form: Form) -> None:
    assert expect(form, 1) == Estimate(1, 1)


@given(st.sampled_from(Form), totals)
def test_an_estimate_holds_what_it_stands_for(form: Form, total: int) -> None:
    estimate = expect(form, total)
    assert estimate.megabytes * 1_000_000 >= total * PACES[form].size
    assert estimate.minutes * 60 * PACES[form].rate >= total
