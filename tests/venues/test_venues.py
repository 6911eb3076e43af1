"""The table of venues, and what accounts at one venue share."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from monitor.core.convention import CONVENTIONS
from monitor.ports import Venue, VenueDataInvalid
from monitor.venues import ALIASES, GONE, TABLE, Venues, check_venue
from monitor.venues.access import UnusableAccess, signing_secret
from tests.venues.loopback import Loopback
from tests.venues.scene import KEY, SECRET, Scene, WallClock, rows_in
from tests.venues.scenes import SCENES


def pem(key: Any, form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> str:
    return str(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode())


ED25519 = pem(ed25519.Ed25519PrivateKey.generate())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize("venue", [*GONE, "coinbase", "", "Bybit"])
def test_an_unknown_venue_is_refused_with_those_that_are_known(venue: str) -> None:
    with pytest.raises(UnusableAccess, match=f"supported venues: {', '.join(sorted(TABLE))}"):
        check_venue(venue)


def test_no_reason_speaks_of_a_venue_that_is_not_supported_and_each_new_id_is_one() -> None:
    assert not any("not supported" in reason for reason in GONE.values())
    named = {reason.rpartition(" ")[2] for reason in GONE.values()} - {"2026-09-23"}
    assert named <= TABLE.keys()
    assert not GONE.keys() & TABLE.keys()


def test_ids_that_are_gone_say_what_happened() -> None:
    with pytest.raises(UnusableAccess, match="bitmex closed on 2026-09-23"):
        check_venue("bitmex")
    for old, new in (("huobi", "htx"), ("gateio", "gate"), ("okex", "okx")):
        with pytest.raises(UnusableAccess, match=f"^{old} is now {new}; supported venues: binancecoinm, bingx, bybit"):
            check_venue(old)


def test_the_table_names_each_venue_by_its_own_id() -> None:
    assert all(entry.dialect.id == venue for venue, entry in TABLE.items())
    assert sorted(TABLE) == sorted([*SCENES, *ALIASES])


@pytest.mark.parametrize(("alias", "venue"), ALIASES.items())
async def test_an_alias_is_read_like_its_venue_at_its_own_hosts(venues: Venues, alias: str, venue: str) -> None:
    async with Loopback(SCENES[venue].answers()) as loopback:
        one, other = (venues.open(SCENES[venue].access(loopback.origin, venue=name)) for name in (alias, venue))
        assert (await one.look()).pools == (await other.look()).pools
    venues.open(SCENES[venue].access("", venue=alias, options={}))
    venues.open(SCENES[venue].access("", options={}))
    origins = [connection._exchange.permit.origins for connection in venues._connections.values()]
    assert len(origins[-1]) == len(origins[-2]) == 1
    assert origins[-1] != origins[-2]
    assert CONVENTIONS[alias] is CONVENTIONS[venue]


@pytest.mark.parametrize("password", [None, ""])
async def test_a_key_without_its_passphrase_is_refused_where_there_is_one(
    venues: Venues, scene: Scene, password: str | None
) -> None:
    access = scene.access("http://127.0.0.1:1", api_password=password)
    if not TABLE[scene.venue].dialect.passphrase:
        venues.open(access)
        return
    with pytest.raises(UnusableAccess, match=f"api_password is missing: a key of {scene.venue} has a passphrase"):
        venues.open(access)


async def test_an_access_shows_no_secret(scene: Scene) -> None:
    shown = repr(scene.access("http://127.0.0.1:1", api_password="the-passphrase"))
    assert not any(secret in shown for secret in (KEY, SECRET, "the-passphrase"))


@pytest.mark.parametrize(
    "option",
    ["apiKey", "secret", "password", "session", "verbose", "enableRateLimit", "verify", "proxyUrl", "proxy", "httpProxyCallback"],
)
async def test_options_that_would_undo_a_guard_are_refused(venues: Venues, scene: Scene, option: str) -> None:
    with pytest.raises(UnusableAccess, match=option):
        venues.open(scene.access("http://127.0.0.1:1", options={option: "x"}))


async def test_a_socks_proxy_needs_its_package(venues: Venues, scene: Scene) -> None:
    with pytest.raises(UnusableAccess, match="aiohttp_socks"):
        venues.open(scene.access("http://127.0.0.1:1", options={"socksProxy": "socks5://127.0.0.1:1"}))


async def test_nothing_opens_outside_of_the_block(scene: Scene) -> None:
    with pytest.raises(RuntimeError):
        Venues(WallClock()).open(scene.access("http://127.0.0.1:1"))


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
async def test_an_rsa_key_is_refused_with_the_reason(venues: Venues, form: serialization.PrivateFormat) -> None:
    with pytest.raises(UnusableAccess, match="RSA key: one signature blocks every account for 33 ms"):
        venues.open(SCENES["binancecoinm"].access("http://127.0.0.1:1", api_secret=pem(RSA, form)))


@pytest.mark.parametrize("secret", [ED25519, pem(RSA), pem(RSA).replace("\n", "\r\n"), f"\n{pem(RSA)}"])
async def test_a_private_key_file_is_refused_wherever_ccxt_would_sign_with_rsa_or_not_at_all(
    venues: Venues, scene: Scene, secret: str
) -> None:
    """ccxt would take any such file for an RSA key at Bybit, and for a plain secret at venues that know no such keys."""
    if scene.venue == "binancecoinm" and secret is ED25519:
        return
    with pytest.raises(UnusableAccess, match="create an HMAC"):
        venues.open(scene.access("http://127.0.0.1:1", api_secret=secret))


async def test_an_ed25519_key_signs_at_binance(venues: Venues) -> None:
    scene = SCENES["binancecoinm"]
    async with Loopback(scene.answers()) as loopback:
        await venues.open(scene.access(loopback.origin, api_secret=ED25519.replace("\n", "\r\n"))).look()
        signature = loopback.asked[0].params["signature"]
    assert signature.endswith("==")
    assert signing_secret("plain", ed25519=False) == "plain"


def private_and_public(scene: Scene, loopback: Loopback) -> tuple[int, int]:
    """How often what belongs to an account, and what is public and read in every cycle, have been asked for."""
    public = sum(loopback.count(path) for path in set(scene.public))
    return sum(loopback.count(path) for path in scene.private), public - len({*scene.public} & {*scene.listed})


def sets(scene: Scene, accounts: int, cycles: int) -> tuple[int, int]:
    """How many private and public requests so many looks are."""
    return accounts * len(scene.private), cycles * len(scene.public)


async def test_many_accounts_cost_their_private_requests_and_one_public_set(
    venues: Venues, scene: Scene, loopback: Loopback
) -> None:
    accounts = [venues.open(scene.access(loopback.origin, account=f"a{number}")) for number in range(20)]
    await asyncio.gather(*(account.look() for account in accounts))
    assert private_and_public(scene, loopback) == sets(scene, 20, 1)
    await asyncio.gather(*(account.look() for account in accounts))
    assert private_and_public(scene, loopback) == sets(scene, 40, 1)


async def test_what_is_public_is_asked_once_in_a_cycle(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    account = venues.open(scene.access(loopback.origin, interval=timedelta(0)))
    for _ in range(3):
        await account.look()
    assert private_and_public(scene, loopback) == sets(scene, 3, 3)


async def test_public_answers_are_not_shared_across_connection_settings(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    async with Loopback(scene.answers()) as testnet:
        for origin in (loopback.origin, testnet.origin):
            await venues.open(scene.access(origin)).look()
        assert private_and_public(scene, testnet) == private_and_public(scene, loopback) == sets(scene, 1, 1)


async def test_public_requests_carry_no_key(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    await venues.open(scene.access(loopback.origin)).look()
    public = [asked for asked in loopback.asked if asked.path.endswith(scene.public)]
    assert public
    assert not any(KEY in str(asked) or "signature" in str(asked) for asked in public)


async def test_no_secret_is_ever_in_an_address(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    account = venues.open(scene.access(loopback.origin))
    await account.look()
    await account.examine()
    assert not any(SECRET in str(asked) for asked in loopback.asked)
    assert not any(KEY in asked.path for asked in loopback.asked)
    assert scene.has_key_in_query or not any(KEY in str(asked.params) for asked in loopback.asked)


async def test_an_unknown_contract_is_looked_for_at_once_and_then_kept_although_it_vanishes(venues: Venues) -> None:
    scene = SCENES["deribit"]
    async with Loopback(scene.answers()) as loopback:
        account = venues.open(scene.access(loopback.origin))
        await account.look()
        _swap(loopback, "25DEC26", "27MAR27")
        adapter: Any = account
        adapter._seat.book._instruments._read_at -= 61
        assert "BTC/USD:BTC-261225" in str(await account.look())
        _swap(loopback, "25DEC26", "27MAR27")
        assert loopback.count("get_instruments") == 2


def _swap(loopback: Loopback, old: str, new: str) -> None:
    instruments: Any = loopback.answers["/api/v2/public/get_instruments"]
    positions: Any = loopback.answers["/api/v2/private/get_positions"]
    listed = [dict(row, instrument_name=row["instrument_name"].replace(old, new)) for row in instruments["result"]]
    loopback.answers["/api/v2/public/get_instruments"] = dict(instruments, result=listed)
    held = [dict(row, instrument_name="BTC-27MAR27") for row in positions["result"]]
    loopback.answers["/api/v2/private/get_positions"] = dict(positions, result=held)


async def test_a_duplicate_position_is_no_account(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    path = next(path for path in loopback.answers if path.endswith(scene.private[0]))
    rows = rows_in(loopback.answers[path])
    rows.append(rows[0])
    with pytest.raises(VenueDataInvalid, match="BTC/USD:BTC long is listed twice"):
        await venues.open(scene.access(loopback.origin)).look()
    rows.pop()


async def test_a_thousand_accounts_open_in_no_time(venues: Venues, scene: Scene) -> None:
    started = time.perf_counter()
    opened: list[Venue] = [venues.open(scene.access("http://127.0.0.1:1", account=f"a{number}")) for number in range(1000)]
    assert len(opened) == 1000
    assert time.perf_counter() - started < 5


async def test_accounts_examine_their_keys(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    found = await venues.open(scene.access(loopback.origin)).examine()
    told = False if scene.tells_rights else None
    assert (found.may_trade, found.may_withdraw) == (told, told)
    assert found.clock_offset_seconds == pytest.approx(0, abs=0.5)
    assert found.mode
    assert scene.venue in venues.clock_offsets


def listed(scene: Scene, loopback: Loopback) -> list[dict[str, object]]:
    """The contracts that the venue lists."""
    return rows_in(next(value for path, value in loopback.answers.items() if path.endswith(scene.listed[0])))


async def test_one_odd_contract_among_those_listed_concerns_nobody_who_does_not_hold_it(
    venues: Venues, scene: Scene, loopback: Loopback
) -> None:
    rows = listed(scene, loopback)
    odd: dict[str, object] = {"symbol": "NEWS", "baseAsset": "", "baseCoin": None}
    odd |= {"instrument_name": "NEWS", "base_currency": 1, "instId": "NEWS", "instFamily": 1}
    odd |= {"contract_code": "NEWS", "contract_size": 0, "name": "NEWS", "baseCurrency": "", "priceScale": None}
    rows.append(rows[0] | odd)
    assert len((await venues.open(scene.access(loopback.origin)).look()).positions) == 1


async def test_a_list_of_contracts_without_a_single_one_is_no_list(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    listed(scene, loopback).clear()
    with pytest.raises(VenueDataInvalid, match="lists no contracts"):
        await venues.open(scene.access(loopback.origin)).look()


DATES = {
    "binancecoinm": "deliveryDate",
    "bybit": "deliveryTime",
    "deribit": "expiration_timestamp",
    "krakenfutures": "lastTradingTime",
    "kucoinfutures": "expireDate",
    "okx": "expTime",
}
"""When a contract ends, at venues that list perpetual and dated ones together."""


@pytest.mark.parametrize("loss", [None, "", 0])
@pytest.mark.parametrize("venue", DATES)
async def test_a_dated_contract_that_lost_its_date_is_not_taken_for_the_perpetual(
    venues: Venues, venue: str, loss: object
) -> None:
    scene = SCENES[venue]
    async with Loopback(scene.answers()) as loopback:
        rows = rows_in(next(value for path, value in loopback.answers.items() if path.endswith(scene.listed[0])))
        rows[:] = [row | {DATES[venue]: loss} for row in rows]
        account: Any = venues.open(scene.access(loopback.origin))
        listed = await account._seat.book.instruments()
    assert [one.symbol for one in listed.values() if one.is_inverse] == ["BTC/USD:BTC"]
