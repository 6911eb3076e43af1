"""Strict readers: what is missing or malformed raises and says where; nothing becomes 0."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from monitor.core.account import Tier
from monitor.ports import VenueDataInvalid
from monitor.venues.parse import Row, ladder, readable, rows, understood, whole

D = Decimal


def row(**raw: object) -> Row:
    return Row(raw, "venue", "positions BTCUSD")


def test_numbers_keep_the_digits_that_were_sent() -> None:
    assert [str(row(x=raw).number("x")) for raw in ("1.10", 3, "1e-08", "-0.0")] == ["1.10", "3", "1E-8", "-0.0"]


@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", "-Infinity", True, [], {}])
def test_a_required_number_is_there_or_its_place_is_named(bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match="venue: in positions BTCUSD `markPrice` is"):
        row(markPrice=bad).number("markPrice")


def test_nothing_said_is_none_and_zero_is_zero() -> None:
    assert [row(x=raw).optional("x") for raw in (None, "", "0", 0)] == [None, None, 0, 0]
    assert row().optional("x") is None
    with pytest.raises(VenueDataInvalid, match="is not a number"):
        row(x="nine").optional("x")


def test_prices_are_above_zero() -> None:
    for bad in ("0", -1, None):
        with pytest.raises(VenueDataInvalid):
            row(x=bad).positive("x")


def test_texts_and_objects_are_what_they_should_be() -> None:
    assert row(x="a").text("x") == "a"
    assert row(x={"y": 1}).inner("x").number("y") == 1
    bad: object
    for bad in ("", None, 1, []):
        with pytest.raises(VenueDataInvalid):
            row(x=bad).text("x")
        with pytest.raises(VenueDataInvalid):
            row(x=bad).inner("x")


def test_times_are_milliseconds_and_zero_is_none() -> None:
    assert row(x="1798185600000").moment("x") == datetime(2026, 12, 25, 8, tzinfo=UTC)
    assert [row(x=raw).moment("x") for raw in (0, "0", "", None)] == [None] * 4
    with pytest.raises(VenueDataInvalid, match="is not a time"):
        row(x=10**20).moment("x")


def test_lists_hold_objects() -> None:
    assert [found.what for found in rows([{"n": "A"}, {}], "venue", "list", "n")] == ["list A", "list"]
    bad: object
    for bad in (None, {}, "[]", [1], [None]):
        with pytest.raises(VenueDataInvalid):
            list(rows(bad, "venue", "list", "n"))
    with pytest.raises(VenueDataInvalid):
        whole([], "venue", "answer")


def test_a_ladder_begins_at_zero_and_joins() -> None:
    low, high = Tier(floor=D(0), cap=D(5), rate=D("0.01")), Tier(floor=D(5), cap=None, rate=D("0.02"))
    assert ladder([high, low], "venue", "BTCUSD") == (low, high)
    for bad in ([], [high], [low, Tier(floor=D(6), cap=None, rate=D("0.02"))]):
        with pytest.raises(VenueDataInvalid, match="BTCUSD"):
            ladder(bad, "venue", "BTCUSD")


def test_one_odd_contract_is_left_out_but_not_all_of_them() -> None:
    good, odd = row(x=1), row(x=None)
    assert readable([("good", good), ("odd", odd)], lambda each: each.number("x")) == {"good": 1}
    assert readable([], lambda each: each) == {}
    with pytest.raises(VenueDataInvalid):
        readable([("odd", odd)], lambda each: each.number("x"))


async def test_what_parsers_stumble_on_is_an_error_of_the_data_without_its_text() -> None:
    async def stumble() -> None:
        raise KeyError("signature=cafe")

    with pytest.raises(VenueDataInvalid, match="KeyError") as caught:
        await understood("venue", stumble())
    assert "cafe" not in caught.value.message
    assert caught.value.__context__ is None
