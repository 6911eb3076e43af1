"""An outage is never flat: whatever a venue answers instead of its data is one of three errors, and never an account."""

import json
import logging
import re
import traceback

import pytest

from monitor.ports import ErrorKind, VenueDataInvalid, VenueError, VenueRefused, VenueUnavailable
from monitor.venues import Venues
from tests.venues.loopback import Fault, Loopback, answer, cut_short, in_turn, reset, stall
from tests.venues.scene import KEY, PASSPHRASE, SECRET, Scene, WallClock
from tests.venues.scenes import SCENES

PAGE = "<!DOCTYPE html><html><body>Welcome</body></html>"
MAINTENANCE_PAGE = "<html><body>Scheduled maintenance, back soon</body></html>"

FAULTS: dict[str, tuple[Fault, type[VenueError], ErrorKind]] = {
    "a page with 200": (answer(200, PAGE, Content_Type="text/html"), VenueDataInvalid, ErrorKind.INVALID),
    "a maintenance page with 200": (answer(200, MAINTENANCE_PAGE), VenueUnavailable, ErrorKind.MAINTENANCE),
    "a maintenance page with 503": (answer(503, MAINTENANCE_PAGE), VenueUnavailable, ErrorKind.MAINTENANCE),
    "any page with 503": (answer(503, PAGE), VenueUnavailable, ErrorKind.MAINTENANCE),
    "nothing": (answer(200, ""), VenueDataInvalid, ErrorKind.INVALID),
    "nothing, not even text": (answer(200, "", Content_Type="application/octet-stream"), VenueDataInvalid, ErrorKind.INVALID),
    "an empty object": (answer(200, "{}"), VenueDataInvalid, ErrorKind.INVALID),
    "null": (answer(200, "null"), VenueDataInvalid, ErrorKind.INVALID),
    "a number": (answer(200, "0"), VenueDataInvalid, ErrorKind.INVALID),
    "cut JSON": (answer(200, '{"result": {"list": [{"symbol": "BTC'), VenueDataInvalid, ErrorKind.INVALID),
    "a body that breaks off": (cut_short, VenueUnavailable, ErrorKind.UNAVAILABLE),
    "garbage": (answer(200, b"\xff\xfe\x00garbage"), VenueDataInvalid, ErrorKind.INVALID),
    "JSON without a bottom": (answer(200, "[" * 100_000), VenueDataInvalid, ErrorKind.INVALID),
    "402": (answer(402, "{}"), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "404": (answer(404, PAGE), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "500": (answer(500, '{"oops": 1}'), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "502": (answer(502, PAGE), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "503": (answer(503, ""), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "504": (answer(504, PAGE), VenueUnavailable, ErrorKind.TIMEOUT),
    "523": (answer(523, PAGE), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "529": (answer(529, "{}"), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "529 with an empty list": (answer(529, "[]"), VenueUnavailable, ErrorKind.UNAVAILABLE),
    "429": (answer(429, "{}", Retry_After="7"), VenueUnavailable, ErrorKind.RATE_LIMITED),
    "418": (answer(418, PAGE, Retry_After="120"), VenueUnavailable, ErrorKind.RATE_LIMITED),
    "401": (answer(401, "{}"), VenueRefused, ErrorKind.REFUSED),
    "403": (answer(403, PAGE), VenueRefused, ErrorKind.REFUSED),
    "451": (answer(451, PAGE), VenueRefused, ErrorKind.REFUSED),
    "a stall": (stall, VenueUnavailable, ErrorKind.TIMEOUT),
    "a reset": (reset, VenueUnavailable, ErrorKind.UNAVAILABLE),
}

WALL = WallClock()
PASSING = tuple(name for name, (fault, _, kind) in FAULTS.items() if fault is not stall and kind is not ErrorKind.RATE_LIMITED)


async def failure(venues: Venues, scene: Scene, loopback: Loopback) -> VenueError:
    with pytest.raises(VenueError) as caught:
        await venues.open(scene.access(loopback.origin, timeout=300 if loopback.fault is stall else 5000)).look()
    return caught.value


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_the_right_error_and_never_an_account(
    venues: Venues, scene: Scene, loopback: Loopback, name: str
) -> None:
    loopback.fault, kind, error_kind = FAULTS[name]
    failed = await failure(venues, scene, loopback)
    assert (type(failed), failed.kind) == (kind, error_kind), failed.message
    assert failed.message.startswith(scene.venue)


async def test_a_fault_of_any_one_endpoint_fails_the_whole_poll(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    for path in scene.paths:
        async with Venues(WALL) as fresh:
            loopback.fault, loopback.faulty = FAULTS["an empty object"][0], path
            failed = await failure(fresh, scene, loopback)
            assert path.rsplit("/", 1)[-1] in failed.message


@pytest.mark.parametrize("name", PASSING)
async def test_a_venue_recovers_from_a_fault(scene: Scene, loopback: Loopback, name: str) -> None:
    async with Venues(WALL) as venues:
        account = venues.open(scene.access(loopback.origin))
        before = await account.look()
        loopback.fault, loopback.faulty = FAULTS[name][0], scene.private[0]
        with pytest.raises(VenueError):
            await account.look()
        loopback.fault = None
        assert (await account.look()).pools == before.pools


@pytest.mark.parametrize(("name", "seconds"), [("429", 7), ("418", 120)])
async def test_an_order_to_wait_holds_every_account_behind_the_address(
    venues: Venues, scene: Scene, loopback: Loopback, name: str, seconds: float
) -> None:
    loopback.fault = FAULTS[name][0]
    failed = await failure(venues, scene, loopback)
    assert failed.retry_after == seconds
    loopback.fault = None
    asked = len(loopback.asked)
    held = await failure(venues, scene, loopback)
    assert (held.kind, len(loopback.asked)) == (ErrorKind.RATE_LIMITED, asked)
    assert held.retry_after == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize(("status", "body", "seconds"), [(418, "", 120), (403, "access too frequent", 600)])
async def test_a_ban_without_a_term_is_held_for_its_least(
    venues: Venues, scene: Scene, loopback: Loopback, status: int, body: str, seconds: float
) -> None:
    loopback.fault = answer(status, body)
    assert (await failure(venues, scene, loopback)).kind is ErrorKind.RATE_LIMITED
    assert (await failure(venues, scene, loopback)).retry_after == pytest.approx(seconds, abs=1)


async def test_retry_after_may_be_a_date(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    loopback.fault = answer(429, "", Retry_After="Wed, 21 Oct 2099 07:28:00 GMT")
    assert ((await failure(venues, scene, loopback)).retry_after or 0) == 3600


async def test_a_redirect_to_another_host_is_not_followed(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    async with Loopback({}) as elsewhere:
        for code in (301, 302, 307, 308):
            loopback.fault = answer(code, "", Location=elsewhere.origin)
            failed = await failure(venues, scene, loopback)
            assert (type(failed), failed.kind) == (VenueUnavailable, ErrorKind.UNAVAILABLE)
            assert "redirect" in failed.message
        assert elsewhere.asked == []


async def test_a_closed_port_is_unavailable(venues: Venues, scene: Scene) -> None:
    async with Loopback({}) as gone:
        origin = gone.origin
    with pytest.raises(VenueUnavailable, match="does not accept a connection"):
        await venues.open(scene.access(origin)).look()


async def test_a_venues_own_codes_are_understood(scene: Scene, loopback: Loopback) -> None:
    loopback.faulty = scene.private[0]
    for body, kind in scene.codes.items():
        for status in (200, 400):
            async with Venues(WALL) as venues:
                loopback.fault = answer(status, body)
                failed = await failure(venues, scene, loopback)
                assert (type(failed), failed.kind) == (error_of(kind), kind), (body, failed.message)


def error_of(kind: ErrorKind) -> type[VenueError]:
    """Which of the three errors has *kind*, of those that a venue's own code can mean."""
    return VenueRefused if kind is ErrorKind.REFUSED else VenueUnavailable


TIMED = sorted(venue for venue, scene in SCENES.items() if scene.stamp)
"""Venues that want a time in what is signed."""


@pytest.mark.parametrize("scene", TIMED, indirect=True)
async def test_a_wrong_clock_is_measured_corrected_and_tried_once_more(scene: Scene, loopback: Loopback) -> None:
    async with Venues(WallClock(off=-90)) as venues:
        account = venues.open(scene.access(loopback.origin))
        loopback.faulty = scene.private[0]
        good = answer(200, json.dumps(_body(loopback, scene.private[0])))
        loopback.fault = in_turn(answer(400, scene.skewed), good)
        await account.look()
        assert venues.clock_offsets[scene.venue] == pytest.approx(90, abs=1)
        assert scene.stamp
        last = [asked for asked in loopback.asked if asked.path.endswith(scene.private[0])][-1]
        assert abs(scene.stamp(last) - WALL.wall().timestamp()) < 2  # some sign by whole seconds


@pytest.mark.parametrize("scene", [venue for venue in TIMED if SCENES[venue].names_skew], indirect=True)
async def test_a_clock_that_stays_wrong_is_refused(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    loopback.fault, loopback.faulty = answer(400, scene.skewed), scene.private[0]
    failed = await failure(venues, scene, loopback)
    assert (type(failed), failed.kind) == (VenueRefused, ErrorKind.CLOCK)
    assert loopback.count(scene.private[0]) == 2


async def test_a_refused_signature_with_a_right_clock_is_not_tried_again(
    venues: Venues, loopback: Loopback, scene: Scene
) -> None:
    loopback.fault, loopback.faulty = answer(400, scene.missigned), scene.private[0]
    failed = await failure(venues, scene, loopback)
    assert (type(failed), failed.kind) == (VenueRefused, ErrorKind.REFUSED)
    assert loopback.count(scene.private[0]) == 1


async def test_no_fault_shows_a_secret_at_any_log_level(
    scene: Scene, loopback: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"retCode": 1, "code": -9, "error": {"code": 1}, "msg": f"key={KEY}&signature=cafe", "retMsg": SECRET})
    async with Venues(WALL) as venues:
        access = scene.access(loopback.origin)
        account = venues.open(access)
        loopback.faulty = scene.private[0]
        for fault in (*(FAULTS[name][0] for name in PASSING), answer(400, echo), answer(200, echo), FAULTS["429"][0]):
            loopback.fault = fault
            with pytest.raises(VenueError) as caught:
                await account.look()
            text = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(access) + repr(account)
            assert _tells_nothing(text), text
            assert caught.value.__context__ is None
    assert _tells_nothing(caplog.text)


def _tells_nothing(text: str) -> bool:
    return not any(word in text for word in (KEY, SECRET, PASSPHRASE, "signature=", "sig=", "cafe"))


def _body(loopback: Loopback, path: str) -> object:
    return next(value for known, value in loopback.answers.items() if known.endswith(path))


async def test_positions_that_are_held_back_while_margin_is_reckoned_for_them_are_no_account(
    venues: Venues, scene: Scene, loopback: Loopback
) -> None:
    path = next(path for path in loopback.answers if path.endswith(scene.private[0]))
    loopback.answers[path] = scene.empty
    error = await failure(venues, scene, loopback)
    assert (type(error), error.kind) == (VenueDataInvalid, ErrorKind.INVALID)
    assert re.search("has a (maintenance|position) margin and no position is listed|not even empty ones", error.message)
