from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.number import ZERO
from monitor.core.piecewise import Piece, Piecewise, at, constant, first_above, first_below, highest, total
from tests.build import D

small = st.integers(-20, 20).map(Decimal)


def pieces(bounds: list[int], polynomials: list[tuple[Decimal, Decimal, Decimal]]) -> Piecewise:
    starts = sorted({0, *bounds})[: len(polynomials)]
    ends = [*map(Decimal, starts[1:]), None]
    return Piecewise(tuple(Piece(D(start), end, *p) for start, end, p in zip(starts, ends, polynomials, strict=False)))


functions = st.builds(
    Piecewise.plus_line,
    st.builds(
        pieces,
        st.lists(st.integers(1, 9), min_size=3, max_size=3),
        st.lists(st.tuples(small, small, st.integers(0, 3).map(Decimal)), min_size=1, max_size=4),
    ),
    small,
    small,
)
points = st.decimals(min_value=0, max_value=12, places=2)


@given(st.lists(functions, min_size=1, max_size=4), points)
def test_the_sum_of_functions_is_the_sum_of_their_values(parts: list[Piecewise], x: Decimal) -> None:
    assert at(total(parts), x) == sum((at(part, x) for part in parts), ZERO)


def test_the_sum_of_nothing_is_nothing() -> None:
    assert total(()) == constant(ZERO)


@given(functions, points)
def test_the_pieces_from_a_point_upwards_and_downwards_are_all_the_pieces(function: Piecewise, x: Decimal) -> None:
    upwards, downwards = list(function.from_left(x)), list(function.from_right(x))
    assert upwards[0].start <= x
    assert all(piece.start < x for piece in downwards)
    assert {*upwards, *downwards} == set(function.from_left(ZERO))
    assert all(piece.at(piece.start) == at(function, piece.start) for piece in upwards)


@given(functions, points)
def test_a_line_is_added_everywhere(function: Piecewise, x: Decimal) -> None:
    assert at(function.plus_line(D(3), D(2)), x) == at(function, x) + 3 + 2 * x


@given(functions, points)
def test_no_crossing_lies_between_the_point_and_the_first_one_found(function: Piecewise, x: Decimal) -> None:
    if at(function, x) >= 0:
        return
    above, below = first_above(function, x), first_below(function, x)
    steps = [D(n) / 200 for n in range(1, 200)]
    upto = above if above is not None else D(30)
    assert all(at(function, x + (upto - x) * step) < D("1e-20") for step in steps)
    assert all(at(function, x + ((below or ZERO) - x) * step) < D("1e-20") for step in steps)
    for found in (above, below):
        assert found is None or at(function, found) > D("-1e-20") or _jumps(function, found)


def _jumps(function: Piecewise, x: Decimal) -> bool:
    return any(piece.end == x and piece.at(x) >= 0 for piece in function.from_left(ZERO))


def test_a_jump_over_zero_is_a_crossing_from_both_sides() -> None:
    up = Piecewise((Piece(ZERO, D(5), D(-1)), Piece(D(5), None, D(1))))
    down = Piecewise((Piece(ZERO, D(5), D(1)), Piece(D(5), None, D(-1))))
    assert first_above(up, D(2)) == 5
    assert first_below(down, D(7)) == 5
    assert first_below(up, D(2)) is None


def test_a_jump_to_zero_or_a_little_above_it_is_a_crossing() -> None:
    for reached in (D(0), D("0.5")):
        assert first_above(Piecewise((Piece(ZERO, D(5), D(-1)), Piece(D(5), None, reached))), D(2)) == 5
        assert first_below(Piecewise((Piece(ZERO, D(5), reached), Piece(D(5), None, D(-1)))), D(7)) == 5


def test_a_piece_has_its_start_and_not_its_end() -> None:
    rises_to_zero = Piecewise((Piece(ZERO, D(5), D(-5), D(1)), Piece(D(5), None, D(-1))))
    assert first_above(rises_to_zero, D(2)) is None
    falls_from_zero = Piecewise((Piece(ZERO, D(5), D(-1)), Piece(D(5), None, D(5), D(-1))))
    assert first_below(falls_from_zero, D(7)) == 5


def test_a_parabola_without_real_roots_is_never_crossed() -> None:
    assert Piece(ZERO, None, D(1), ZERO, D(1)).roots() == ()
    assert Piece(ZERO, None, ZERO, ZERO, D(1)).roots() == (ZERO,)


def test_a_root_that_is_tiny_beside_the_other_keeps_all_its_digits() -> None:
    small, large = Piece(ZERO, None, D(1), D("-1e30"), D(1)).roots()
    assert (small, large) == (D("1e-30"), D("1e30"))


@given(functions, points, points)
def test_nothing_in_a_range_is_higher_than_the_highest(function: Piecewise, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    top = highest(function, low, high)
    assert all(at(function, low + (high - low) * n / 50) <= top + D("1e-20") for n in range(51))


def test_the_highest_is_of_the_pieces_in_the_range_and_only_as_far_as_they_go() -> None:
    rises_then_flat = Piecewise((Piece(ZERO, D(5), ZERO, D(1)), Piece(D(5), None, D(2))))
    assert highest(rises_then_flat, D(1), D(9)) == 5
    assert highest(rises_then_flat, D(5), D(9)) == 2
