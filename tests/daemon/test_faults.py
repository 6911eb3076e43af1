"""A venue that answers badly is not up, whatever it answers; and it is up again as soon as it answers well."""

import pytest

from monitor.bootstrap.once import look_once
from monitor.bootstrap.plain import wards
from monitor.config import load
from monitor.config.settings import Config
from monitor.demo.faults import Fault
from monitor.picture import AccountPicture
from monitor.ports import ErrorKind
from monitor.venues import Venues
from tests.daemon.house import House
from tests.venues.scene import WallClock

ACCOUNT_AT = {"binancecoinm": "main", "bybit": "hodl", "deribit": "treasury"}

KINDS = {
    Fault.HTML: {ErrorKind.INVALID},
    Fault.EMPTY: {ErrorKind.INVALID},
    Fault.EMPTY_OBJECT: {ErrorKind.INVALID},
    Fault.NULL: {ErrorKind.INVALID},
    Fault.CUT_JSON: {ErrorKind.INVALID},
    Fault.RATE_LIMITED: {ErrorKind.RATE_LIMITED},
    Fault.BANNED: {ErrorKind.RATE_LIMITED},
    Fault.SERVER_ERROR: {ErrorKind.UNAVAILABLE},
    Fault.MAINTENANCE: {ErrorKind.MAINTENANCE},
    Fault.PAYMENT_REQUIRED: {ErrorKind.UNAVAILABLE},
    Fault.OVERLOADED: {ErrorKind.UNAVAILABLE},
    Fault.REFUSED: {ErrorKind.REFUSED},
    Fault.STALL: {ErrorKind.TIMEOUT},
    Fault.RESET: {ErrorKind.UNAVAILABLE},
    Fault.REDIRECT: {ErrorKind.UNAVAILABLE},
    Fault.DUPLICATE_ROWS: {ErrorKind.INVALID},
    Fault.MISSING_KEYS: {ErrorKind.INVALID},
}
HARMLESS = {Fault.SLOW_BODY, Fault.SKEWED_CLOCK, Fault.NUMBERS_AS_TEXTS, Fault.TEXTS_AS_NUMBERS}
"""A slow answer is an answer; a clock that is off is measured and allowed for; a number is one in quotes too."""
ELSEWHERE = {Fault.DELISTED, Fault.MISSING_PAGE}
"""What depends on contracts and pages is looked at in tests/demo/test_fault_matrix.py, with all the others."""


def test_every_fault_is_looked_at() -> None:
    assert KINDS.keys() | HARMLESS | ELSEWHERE == set(Fault)


def configured(home: House) -> Config:
    return load(home.config, {})


async def seen(home: House, venue: str) -> AccountPicture:
    picture = await look_once(configured(home), ACCOUNT_AT[venue])
    return picture.accounts[0]


@pytest.mark.parametrize("venue", ACCOUNT_AT)
@pytest.mark.parametrize("fault", KINDS)
async def test_a_venue_that_answers_badly_is_not_up(home: House, venue: str, fault: Fault) -> None:
    home.exchanges.venues[venue].misbehave(fault)
    account = await seen(home, venue)
    assert (account.is_up, account.account, account.risk) == (False, None, None)
    assert account.failure is not None
    assert account.failure.kind in KINDS[fault]
    assert "demo-" not in account.failure.message
    home.exchanges.venues[venue].behave()
    assert (await seen(home, venue)).is_up


@pytest.mark.parametrize("venue", ACCOUNT_AT)
@pytest.mark.parametrize("fault", sorted(HARMLESS))
async def test_what_is_only_slow_skewed_or_written_otherwise_is_read_all_the_same(home: House, venue: str, fault: Fault) -> None:
    home.exchanges.venues[venue].misbehave(fault, seconds=0.2)
    account = await seen(home, venue)
    assert account.failure is None
    assert account.is_up


@pytest.mark.parametrize(
    ("venue", "path"),
    [
        ("binancecoinm", "/dapi/v1/account"),
        ("binancecoinm", "/dapi/v1/positionRisk"),
        ("binancecoinm", "/dapi/v2/leverageBracket"),
        ("bybit", "/v5/account/wallet-balance"),
        ("bybit", "/v5/position/list"),
        ("deribit", "/api/v2/private/get_account_summaries"),
        ("deribit", "/api/v2/private/get_positions"),
    ],
)
async def test_half_an_answer_is_no_answer(home: House, venue: str, path: str) -> None:
    home.exchanges.venues[venue].misbehave(Fault.EMPTY_OBJECT, paths=(path,))
    account = await seen(home, venue)
    assert (account.is_up, account.account) == (False, None)


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_a_clock_that_is_set_right_after_it_was_measured_fails_no_poll(home: House, seconds: float) -> None:
    """As NTP does it to a machine that has just started: each venue's clock has to be measured anew, for every request."""
    clock = WallClock()
    async with Venues(clock) as venues:
        accounts = wards(configured(home), venues, clock)
        for account in accounts:
            await account.examine(clock.now())
            await account.look()
        clock.off = seconds
        for account in accounts:
            assert (await account.look()).name == account.name
