import io
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.console import Console

from monitor.core.account import Collateral, PoolMode
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.words import coin_text, enough_text, price_text
from monitor.views.columns import liquidation_texts
from monitor.views.scopes import Seen, assessed, scopes, seen
from monitor.views.table import Notice, table
from tests.build import D, account, isolated, long, pool, risk, short
from tests.views.build import account_picture, alert, swap, unread_picture

WIDTH = 100


def printed(*accounts: Seen, notices: tuple[Notice, ...] = (), width: int = WIDTH) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(table(accounts, notices))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def row(lines: list[str], *words: str) -> list[str]:
    """Return the cells of the first row that begins with *words*."""
    return next(line.split() for line in lines if line.split()[: len(words)] == list(words))


def test_a_pool_is_a_row_with_its_figures() -> None:
    lines = printed(assessed(risk(pool(101, long(10_000_000, 45_000)))))
    cells = row(lines, "main", "BTC")
    assert cells[2] == "ok"
    assert cells[5] == "45,000"
    assert cells[-1].replace(",", "").replace(".", "").isdigit()


def test_an_isolated_position_is_a_row_of_its_own() -> None:
    lines = printed(assessed(risk(pool(1, isolated(short(90_000, 45_000), "0.4")))))
    assert any("BTC/USD" in line for line in lines)


def test_what_no_price_liquidates_says_none_and_what_is_not_known_says_unknown() -> None:
    lines = printed(assessed(risk(pool(1, short(45_000, 45_000)), pool(5, long(1, 45_000, maintenance=None), coin="BTC"))))
    assert "none" in row(lines, "main", "BTC", "ok")
    assert row(lines, "main", "BTC", "unassessed")[3] == "unknown"
    assert any("its maintenance margin rule is not known" in line for line in lines)


def test_an_isolated_position_whose_size_is_misread_shows_no_figure_of_that_size() -> None:
    misread = isolated(short(90_000, 45_000, symbol="X", venue_coin_value=D("0.2")), "0.4")
    cells = row(printed(assessed(risk(pool(1, misread)))), "main", "X")
    assert cells[cells.index("unassessed") :] == ["unassessed", "unknown", "45,000", *["unknown"] * 5]


def test_the_nearest_danger_is_on_top_and_unknown_above_it() -> None:
    near, far = account(pool(40, swap()), name="near"), account(pool(400, swap()), name="far")
    lines = printed(seen(account_picture(far)), seen(account_picture(near)), seen(unread_picture()))
    assert [line.split()[0] for line in lines[2:5]] == ["new", "near", "far"]


def test_an_account_that_is_not_up_is_named_with_the_reason_and_the_age_of_its_figures() -> None:
    lines = printed(seen(account_picture(is_up=False)), seen(unread_picture()))
    assert "not up     main: the venue is under maintenance (figures from 6 min ago)" in lines
    assert "not up     new: not read yet (no figures)" in lines


def test_each_alert_or_finding_that_is_not_ok_is_a_line_worst_first() -> None:
    keys = [AlertKey(account="main", rule="units", subject=subject) for subject in "abc"]
    found = [
        Finding(key=key, venue="bybit", level=level, summary=f"finding {key.subject}")
        for key, level in zip(keys, (Level.WARNING, Level.OK, None), strict=True)
    ]
    lines = printed(assessed(risk(pool(1))), notices=(*found, alert(Level.CRITICAL)))
    assert lines[-2:] == [
        "critical   main: BTC: 8.0 % to liquidation (liquidation_distance)",
        "warning    main: finding a (units)",
    ]


def test_it_fits_its_width_and_never_breaks_a_figure() -> None:
    long_name = replace(account_picture(account(pool("123456.789", swap()))), name="a-name-of-thirty-two-characters-x")
    lines = printed(seen(long_name), seen(account_picture()))
    assert max(map(len, lines)) <= WIDTH
    assert not [line for line in lines if "…" in line]


@pytest.mark.parametrize("width", [40, 60, 70])
def test_on_a_narrow_terminal_a_row_is_a_sentence_that_names_every_figure_whole(width: int) -> None:
    of = assessed(
        risk(pool("101.1234", long(10_000_000, 45_000), short(1_000_000, 44_000), isolated(long(90_000, 45_000), "0.4")))
    )
    wide = [line.split() for line in printed(of, width=200)]
    figures = {cell for cells in wide if cells[0] == "main" for cell in cells if cell[0].isdigit()}
    lines = printed(of, width=width)
    assert max(map(len, lines)) <= width
    assert figures <= set(" ".join(lines).replace(";", "").split())
    assert "main BTC: status ok; distance " in " ".join(lines)
    assert " ".join(lines).count("margin ratio ") == 2


def test_a_terminal_is_not_given_orders_by_what_it_prints() -> None:
    (line,) = printed(assessed(risk(pool(1))), notices=(alert(summary="\x1b[2J[red]\u202e"),))[-1:]
    assert line == "critical   main: ?[2J[red]? (liquidation_distance)"


@pytest.mark.parametrize(
    ("price", "shown"),
    [("33599.42", "33,599"), ("2512.34", "2,512.3"), ("163.456", "163.46"), ("1.234567", "1.2346"), ("0.0812345", "0.08123450")],
)
def test_prices_keep_five_digits(price: str, shown: str) -> None:
    assert price_text(D(price)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0"),
        ("22.32", "22.32"),
        ("12345.678", "12,345.68"),
        ("100", "100"),
        ("0.00000001", "< 0.000001"),
        ("-0.00000001", "> -0.000001"),
    ],
)
def test_amounts_lose_no_weight_and_only_nothing_is_zero(amount: str, shown: str) -> None:
    assert coin_text(D(amount)) == shown


def test_what_is_to_be_added_suffices_as_it_is_shown() -> None:
    assert enough_text(D("22.32001")) == "22.3201"
    assert enough_text(Decimal("0.0000000001")) == "0.000001"


BACKED = Collateral(coin="BTC", balance=D(2), price=D(51_000), haircut=D(0), beta=D(1))
SEVERAL = pool(
    0,
    long(300_000, 50_000, 51_000, settle="BTC"),
    isolated(short(50_000, 50_000, symbol="ETH/USD:ETH", settle="ETH"), "0.2"),
    coin="USD",
    mode=PoolMode.MULTI_COIN,
    collateral=(BACKED,),
)


def test_coins_that_back_each_other_are_liquidated_by_a_move_and_not_by_none() -> None:
    found = {scope.coin: scope for scope in scopes([assessed(risk(SEVERAL))])}
    assert found.keys() == {"USD", "ETH"}
    assert liquidation_texts(found["USD"]) == ("-26.1 %",)
