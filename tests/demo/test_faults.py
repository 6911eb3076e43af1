"""Every fault, as a plain HTTP client meets it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest

from monitor.demo.bybit import SimulatedBybit
from monitor.demo.exchange import SIMULATED
from monitor.demo.faults import Fault
from monitor.demo.server import serve
from monitor.demo.venue import SimulatedVenue
from tests.demo.worlds import NOW, venue

TICKERS = "/v5/market/tickers"
QUERY = "?category=inverse"
STATUSES = {
    Fault.HTML: 200,
    Fault.EMPTY: 200,
    Fault.EMPTY_OBJECT: 200,
    Fault.NULL: 200,
    Fault.CUT_JSON: 200,
    Fault.RATE_LIMITED: 429,
    Fault.BANNED: 418,
    Fault.SERVER_ERROR: 500,
    Fault.MAINTENANCE: 503,
    Fault.PAYMENT_REQUIRED: 402,
    Fault.OVERLOADED: 529,
    Fault.REDIRECT: 302,
}


@pytest.fixture
def bybit() -> SimulatedVenue:
    return venue(SimulatedBybit)


@pytest.fixture
async def web(bybit: SimulatedVenue) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=5)
    async with serve(bybit) as address, aiohttp.ClientSession(address, timeout=timeout) as session:
        yield session


@pytest.mark.parametrize(("fault", "status"), STATUSES.items())
async def test_a_fault_has_its_status_and_no_usable_body(
    fault: Fault, status: int, bybit: SimulatedVenue, web: aiohttp.ClientSession
) -> None:
    bybit.misbehave(fault)
    async with web.get(TICKERS + QUERY, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status
        assert "markPrice" not in text or not text.endswith("}")
        assert ("Retry-After" in answer.headers) == (status in (429, 418))


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("kind", SIMULATED)
async def test_a_venue_that_behaves_again_is_as_before(fault: Fault, kind: type[SimulatedVenue]) -> None:
    simulated = venue(kind)
    path = next(iter(simulated.public))
    async with serve(simulated) as address, aiohttp.ClientSession(address) as session:
        before = await (await session.get(path)).json()
        simulated.misbehave(fault)
        simulated.behave()
        assert await (await session.get(path)).json() == before


async def test_a_fault_on_one_path_leaves_the_others_alone(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.HTML, paths=["/v5/market/time"])
    assert (await (await web.get(TICKERS + QUERY)).json())["retCode"] == 0
    assert (await web.get("/v5/market/time")).content_type == "text/html"


def test_a_fault_on_a_path_that_is_not_served_is_a_mistake(bybit: SimulatedVenue) -> None:
    with pytest.raises(ValueError, match="bybit does not serve /v5/market/tikkers"):
        bybit.misbehave(Fault.HTML, paths=["/v5/market/tikkers"])


async def test_a_cut_body_is_the_beginning_of_the_true_one(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    whole = await (await web.get(TICKERS + QUERY)).text()
    bybit.misbehave(Fault.CUT_JSON)
    cut = await (await web.get(TICKERS + QUERY)).text()
    assert whole.startswith(cut)
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut)


async def test_duplicate_rows_come_twice(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.DUPLICATE_ROWS)
    rows = (await (await web.get(TICKERS + QUERY)).json())["result"]["list"]
    assert rows[: len(rows) // 2] == rows[len(rows) // 2 :]


async def test_named_keys_go_missing_everywhere_and_unnamed_ones_from_rows(
    bybit: SimulatedVenue, web: aiohttp.ClientSession
) -> None:
    whole = (await (await web.get(TICKERS + QUERY)).json())["result"]["list"][0]
    bybit.misbehave(Fault.MISSING_KEYS, keys=["markPrice"])
    named = (await (await web.get(TICKERS + QUERY)).json())["result"]["list"][0]
    assert set(whole) - set(named) == {"markPrice"}
    bybit.behave()
    bybit.misbehave(Fault.MISSING_KEYS)
    unnamed = (await (await web.get(TICKERS + QUERY)).json())["result"]["list"][0]
    assert set(unnamed) == set(sorted(whole)[1::2])


async def test_a_skewed_clock_tells_another_time(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.SKEWED_CLOCK)
    assert (await (await web.get("/v5/market/time")).json())["time"] == (NOW + 120) * 1000


async def test_a_refusal_concerns_what_needs_a_key(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.REFUSED)
    assert (await (await web.get("/v5/account/info")).json())["retCode"] == 10003
    assert (await (await web.get(TICKERS + QUERY)).json())["retCode"] == 0


async def test_a_slow_body_arrives_whole(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    whole = await (await web.get(TICKERS + QUERY)).text()
    bybit.misbehave(Fault.SLOW_BODY, seconds=0.1)
    assert await (await web.get(TICKERS + QUERY)).text() == whole


async def test_a_stall_lasts_until_the_venue_behaves(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.STALL)
    with pytest.raises(TimeoutError):
        await web.get(TICKERS + QUERY, timeout=aiohttp.ClientTimeout(total=0.1))
    bybit.behave()
    assert (await web.get(TICKERS + QUERY)).status == 200


async def test_a_venue_closes_at_once_in_the_middle_of_a_stall(bybit: SimulatedVenue) -> None:
    bybit.misbehave(Fault.STALL)
    async with asyncio.timeout(2), aiohttp.ClientSession() as session:
        async with serve(bybit) as address:
            waiting = asyncio.create_task(session.get(address + TICKERS + QUERY))
            await asyncio.wait({waiting}, timeout=0.05)
            assert bybit.requests
        with suppress(aiohttp.ClientError):
            (await waiting).close()


async def test_a_reset_breaks_the_connection(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.RESET)
    with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
        await web.post(TICKERS)


async def test_who_follows_a_redirect_is_seen_at_the_other_host(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    bybit.misbehave(Fault.REDIRECT)
    async with web.get(TICKERS + QUERY) as answer:
        assert answer.url.host == "localhost"
        assert (await answer.json())["retCode"] == 0
    assert bybit.requests == {TICKERS: 1, "/elsewhere" + TICKERS: 1}


async def test_a_script_decides_at_each_request(bybit: SimulatedVenue, web: aiohttp.ClientSession) -> None:
    mood: list[Fault | None] = [None]
    bybit.follow(lambda: mood[-1])
    for fault, status in ((None, 200), (Fault.MAINTENANCE, 503), (None, 200)):
        mood.append(fault)
        assert (await web.get(TICKERS + QUERY)).status == status
