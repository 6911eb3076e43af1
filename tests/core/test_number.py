from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.number import exact


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("37643.10000021", "37643.10000021"),
        (0.1, "0.1"),
        (1e-7, "1E-7"),
        (3, "3"),
        (Decimal("2.50"), "2.50"),
        ("-0.002966", "-0.002966"),
    ],
)
def test_the_digits_that_were_sent_are_the_digits_that_count(raw: object, digits: str) -> None:
    assert str(exact(raw)) == digits


@pytest.mark.parametrize(
    "raw", [None, True, False, "", "abc", "nan", "inf", float("nan"), float("inf"), "-Infinity", [], {}, b"1"]
)
def test_what_is_not_a_finite_number_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match="number is needed"):
        exact(raw)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_keeps_the_value_that_it_prints(value: float) -> None:
    assert float(exact(value)) == value
