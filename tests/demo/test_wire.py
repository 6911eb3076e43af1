"""What the simulated venues answer to the real ccxt classes, over real HTTP."""

from collections.abc import Mapping
from typing import Any

import ccxt.async_support as ccxt
import pytest

from monitor.demo.exchange import SIMULATED
from monitor.demo.venue import SimulatedVenue
from tests.demo.wires import WIRES
from tests.demo.worlds import QUARTER, STILL, resident, world

SIGNED = [(kind, method) for kind in SIMULATED for method in WIRES[kind.id].private]
TIMED = [(kind, method) for kind, method in SIGNED if WIRES[kind.id].signs_time]


@pytest.mark.parametrize(("kind", "method"), SIGNED)
async def test_what_ccxt_signs_is_accepted(kind: type[SimulatedVenue], method: str) -> None:
    async with world(kind) as (_, exchange):
        assert await getattr(exchange, method)(WIRES[kind.id].private[method])


@pytest.mark.parametrize(("kind", "method"), SIGNED)
@pytest.mark.parametrize("wrong", [{"secret": "YW5vdGhlcg=="}, {"apiKey": "another"}])
async def test_a_wrong_key_or_secret_is_refused_in_the_venue_s_words(
    kind: type[SimulatedVenue], method: str, wrong: dict[str, str]
) -> None:
    async with world(kind, **wrong) as (_, exchange):
        with pytest.raises(ccxt.AuthenticationError):
            await getattr(exchange, method)(WIRES[kind.id].private[method])


@pytest.mark.parametrize(("kind", "method"), TIMED)
@pytest.mark.parametrize("skew", [-90_000, 90_000])
async def test_a_clock_that_is_off_is_refused(kind: type[SimulatedVenue], method: str, skew: int) -> None:
    async with world(kind) as (simulated, exchange):
        exchange.milliseconds = lambda: simulated.now_ms() + skew
        with pytest.raises((ccxt.InvalidNonce, ccxt.AuthenticationError, ccxt.BadSymbol)):  # the last at BingX
            await getattr(exchange, method)(WIRES[kind.id].private[method])


@pytest.mark.parametrize("kind", SIMULATED)
async def test_ccxt_loads_the_inverse_markets(kind: type[SimulatedVenue]) -> None:
    async with world(kind, **WIRES[kind.id].markets) as (_, exchange):
        exchange.has["fetchCurrencies"] = False
        markets = await exchange.load_markets()
        found = {symbol for symbol, m in markets.items() if m["settle"] == m["base"] and m["type"] in ("swap", "future")}
        dated = {f"{coin}/USD:{coin}-{QUARTER:%y%m%d}" for coin in kind.dated}
        assert found == {f"{coin}/USD:{coin}" for coin in kind.coins} | dated


@pytest.mark.parametrize("kind", SIMULATED)
async def test_nothing_of_ccxt_s_addresses_leads_outside(kind: type[SimulatedVenue]) -> None:
    simulated = kind(quotes=lambda: STILL, clock=lambda: 0.0, quarter=QUARTER)
    real = getattr(ccxt, kind.id)()
    ours, theirs = flat(simulated.ccxt_urls("")), flat(real.urls["api"])
    assert set(ours) == set(theirs)
    for name, url in ours.items():
        assert theirs[name].replace("{hostname}", "host").endswith(url)


def flat(urls: Mapping[str, Any]) -> dict[str, str]:
    """Addresses by name; some venues have them in folders."""
    folders = {f"{name}.{inner}": url for name, found in urls.items() if isinstance(found, dict) for inner, url in found.items()}
    return folders | {name: found for name, found in urls.items() if isinstance(found, str)}


@pytest.mark.parametrize("kind", SIMULATED)
async def test_requests_are_counted_by_path_and_what_is_unknown_is_not_found(kind: type[SimulatedVenue]) -> None:
    async with world(kind) as (simulated, exchange):
        wire = WIRES[kind.id]
        await getattr(exchange, wire.served)()
        await getattr(exchange, wire.served)()
        assert list(simulated.requests.values()) == [2]
        with pytest.raises(ccxt.BaseError):
            await getattr(exchange, wire.elsewhere)()


@pytest.mark.parametrize("kind", [kind for kind in SIMULATED if WIRES[kind.id].withdraws])
async def test_what_the_key_may_do_is_told(kind: type[SimulatedVenue]) -> None:
    wire = WIRES[kind.id]
    assert wire.withdraws
    method = [*wire.private][-1]
    for able in (True, False):
        async with world(kind, resident(may_trade=able, may_withdraw=able)) as (_, exchange):
            assert wire.withdraws(await getattr(exchange, method)(wire.private[method])) is able
