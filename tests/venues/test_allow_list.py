"""Read-only by construction: of everything that ccxt could ask of a venue, only what the venue files declare leaves."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from monitor.venues import TABLE, Venues
from monitor.venues.access import UnusableAccess
from monitor.venues.endpoint import Endpoint, holds
from monitor.venues.guard import Direct, bases, guarded, keyed
from monitor.venues.permit import Forbidden, permit
from tests.venues.loopback import Loopback
from tests.venues.scene import KEY, PASSPHRASE, SECRET, Scene, WallClock

Key = tuple[tuple[str, ...], str, str]
VERBS = ("get", "post", "put", "delete", "patch", "head", "options")


def whole_table(api: object, names: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every endpoint of ccxt's table, as `fetch2` is called with it."""
    assert isinstance(api, dict)
    for name, inner in api.items():
        if name.lower() in VERBS:
            yield from ((names, name.upper(), path) for path in inner)
        else:
            yield from whole_table(inner, (*names, name))


class Unsent(Exception):  # noqa: N818 - it says what a request should have stayed
    """A request got past both checks."""


class NoSession:
    """A session whose use is the failure that these tests look for."""

    headers: dict[str, str] = {}  # noqa: RUF012 - ccxt reads it and never writes it

    def __getattr__(self, verb: str) -> object:
        raise Unsent(verb)


def exchange_of(venue: str) -> Any:
    clock_less = guarded(venue, {}, NoSession())  # type: ignore[arg-type] # - it stands in for a session
    allowed = permit(TABLE[venue].dialect.endpoints, bases(clock_less))
    clock_less.arm(allowed, WallSigning())
    return keyed(clock_less, KEY, SECRET, PASSPHRASE)


class WallSigning:
    def milliseconds(self) -> int:
        return 1_700_000_000_000


@pytest.mark.parametrize("venue", sorted(TABLE))
async def test_the_first_check_refuses_all_of_ccxts_table_but_the_declared_endpoints(venue: str) -> None:
    exchange = exchange_of(venue)
    declared = {endpoint.key for endpoint in TABLE[venue].dialect.endpoints}
    table = set(whole_table(exchange.describe()["api"]))
    assert declared <= table
    assert len(table) > 40
    for api, method, path in table - declared:
        with pytest.raises(Forbidden):
            await exchange.fetch2(path, list(api), method, {})


@pytest.mark.parametrize("venue", sorted(TABLE))
async def test_the_second_check_alone_refuses_them_too(venue: str) -> None:
    exchange = exchange_of(venue)
    declared = {endpoint.key for endpoint in TABLE[venue].dialect.endpoints}
    refused = 0
    for key in set(whole_table(exchange.describe()["api"])) - declared:
        signed = sign(exchange, key)
        if signed and not is_declared(venue, *signed):
            refused += 1
            with pytest.raises(Forbidden):
                await exchange.fetch(signed[1], signed[0])
    assert refused > 30


def sign(exchange: Any, key: Key) -> tuple[str, str] | None:
    """What would be sent for an endpoint; None: ccxt cannot sign it without parameters."""
    api, method, path = key
    try:
        signed = exchange.sign(path, list(api), method, {})
    except Exception:  # noqa: BLE001 - ccxt fails in many ways on what it was not given
        return None
    return signed["method"], signed["url"]


def is_declared(venue: str, method: str, url: str) -> bool:
    """Whether it is the very address of a declared endpoint: ccxt names some addresses twice."""
    path = urlsplit(url).path
    return any(
        method == declared.method and path.endswith(declared.route or "/" + declared.path) and path.count("/") <= 4
        for declared in TABLE[venue].dialect.endpoints
    )


@pytest.mark.parametrize("path", ["buy", "sell", "edit", "cancel_all", "close_position", "withdraw", "create_api_key"])
async def test_what_deribit_does_on_a_get_is_refused_by_both_checks(path: str) -> None:
    exchange = exchange_of("deribit")
    with pytest.raises(Forbidden):
        await exchange.fetch2(path, ["private"], "GET", {})
    with pytest.raises(Forbidden):
        await exchange.fetch(f"https://www.deribit.com/api/v2/private/{path}", "GET")


@pytest.mark.parametrize("path", ["exchange/wallets/confirm/withdraw", "assets/transfer", "uta-account/switch-mode"])
async def test_what_phemex_confirms_on_a_get_is_refused_by_both_checks(path: str) -> None:
    exchange = exchange_of("phemex")
    with pytest.raises(Forbidden):
        await exchange.fetch2(path, ["private"], "GET", {})
    with pytest.raises(Forbidden):
        await exchange.fetch(f"https://api.phemex.com/{path}?code=1", "GET")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.bybit.com.evil.example/v5/position/list",
        "https://api.bybit.com@evil.example/v5/position/list",
        "http://api.bybit.com/v5/position/list",
        "https://api.bybit.com:444/v5/position/list",
        "https://api.bybit.com/v5/position/list/../../order/create",
        "https://api.bybit.com/v5/order/create",
        "https://api.bybit.com/v5/position/list%2f..",
        "https://user@api.bybit.com/v5/position/list",
    ],
)
async def test_addresses_that_only_look_right_are_refused(url: str) -> None:
    exchange = exchange_of("bybit")
    with pytest.raises(Forbidden):
        await exchange.fetch(url, "GET")


async def test_a_declared_address_passes_only_by_its_own_method() -> None:
    exchange = exchange_of("bybit")
    with pytest.raises(Unsent, match="get"):
        await exchange.fetch("https://api.bybit.com/v5/position/list?x=1", "GET")
    with pytest.raises(Forbidden):
        await exchange.fetch("https://api.bybit.com/v5/position/list", "POST")


@pytest.mark.parametrize("attempt", ["withdraw", "cancel_all_orders", "set_leverage", "load_markets"])
async def test_ccxts_own_methods_cannot_reach_past_the_list(scene: Scene, loopback: Loopback, attempt: str) -> None:
    async with Venues(WallClock()) as venues:
        adapter: Any = venues.open(scene.access(loopback.origin))
        method = getattr(adapter._seat.client._exchange, attempt)
        arguments = {"withdraw": ("BTC", 1, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"), "set_leverage": (5, "BTC/USD:BTC")}
        with suppress(Exception):  # ccxt may stumble before it asks, or ask only what is declared; what counts is below
            await method(*arguments.get(attempt, ()))
    declared = [endpoint.path for endpoint in TABLE[scene.venue].dialect.endpoints]
    assert all(any(asked.path.endswith(path) for path in declared) for asked in loopback.asked)


async def test_nothing_can_be_asked_before_the_permit_is_there() -> None:
    exchange = guarded("bybit", {}, Direct(None))  # type: ignore[arg-type] # - it is never used
    with pytest.raises(Forbidden):
        await exchange.fetch2("v5/market/time", ["public"], "GET", {})


async def test_plain_http_is_for_loopback_only(venues: Venues, scene: Scene) -> None:
    with pytest.raises(UnusableAccess, match="plain http"):
        venues.open(scene.access("http://192.0.2.1:8080"))
    for origin in ("http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://192.0.2.1"):
        venues.open(scene.access(origin))


def test_parameters_in_a_path_stand_for_one_segment() -> None:
    endpoint = Endpoint(api=("public",), path="{settle}/contracts", shape=holds(list))
    allowed = permit([endpoint], {"public": "https://venue.example/api/v4/futures"})
    allowed.check_address("GET", "https://venue.example/api/v4/futures/btc/contracts?limit=1")
    for path in ("btc/usd/contracts", "/contracts", "btc/contracts/x"):
        with pytest.raises(Forbidden):
            allowed.check_address("GET", f"https://venue.example/api/v4/futures/{path}")


async def test_accounts_do_not_share_credentials_or_what_was_asked_last() -> None:
    first = exchange_of("bybit")
    second = keyed(first, "another", "other", None)
    assert (first.apiKey, second.apiKey) == (KEY, "another")
    assert copy.copy(second).secret == "other"
