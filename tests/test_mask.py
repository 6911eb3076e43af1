"""Masked JSON keeps its form and shows no figure."""

import pytest

from monitor.bootstrap.mask import masked


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("1234.50", "1111.10"),
        ("-0.00012", "-0.00011"),
        ("2.5e-7", "1.1e-7"),
        ("0", "0"),
        ("", ""),
        (1234, 1111),
        (-12.75, -11.11),
        (0, 0),
        (True, True),
        (None, None),
        ("BTCUSD", "BTCUSD"),
        ("BTC-25DEC26", "BTC-25DEC26"),
        ("Sell", "Sell"),
        ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "********"),
    ],
)
def test_digits_become_ones_and_words_stay(value: object, hidden: object) -> None:
    assert masked(value) == hidden


def test_everything_below_is_masked() -> None:
    assert masked({"list": [{"size": "42", "side": "Buy"}], "n": 7}) == {"list": [{"size": "11", "side": "Buy"}], "n": 1}
