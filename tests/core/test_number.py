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


@pytest.mark.parametrize(
    "raw",
    [
        "1e400",
        "1e-400",
        "1e5000000",
        "1e999999",
        10**30,
        pytest.param(10**5000, id="5001 digits"),
        1e300,
        "9" * 5000,
        "1_000",
        " 5 ",
        "\u0661\u0662",
        "+",
        "1e",
        ".",
    ],
)
def test_absurd_numbers_are_refused_before_they_stall_anything(raw: object) -> None:
    with pytest.raises(ValueError, match="a number ") as caught:
        exact(raw)
    assert len(str(caught.value)) < 150


def test_the_largest_integers_that_venues_send_are_numbers() -> None:
    assert exact(2**63 - 1) == 2**63 - 1
    assert exact("1672737855000000000") == 1672737855000000000


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e19, max_value=1e19))
def test_a_float_keeps_the_value_that_it_prints(value: float) -> None:
    if value and abs(value) < 1e-29:
        return
    assert float(exact(value)) == value
