import asyncio
import json

import pytest
import structlog
from aiohttp import ClientSession, encode_basic_auth
from prometheus_client.parser import text_string_to_metric_families

from monitor.command import Kind, Reply
from monitor.ports import AlreadyRunning, ErrorKind
from monitor.views.board import HttpSettings
from monitor.views.serving import CannotListen, serving
from monitor.views.web import HEADERS, LARGEST_BODY, application
from monitor.wire.commands import reply_json
from tests.views.boards import TOKEN, StillBoard, client
from tests.views.build import account_picture, alert, picture, unread_picture

REMOTE = HttpSettings(token=TOKEN, is_loopback=False)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def fetched(session: ClientSession, path: str, **headers: str) -> tuple[int, str]:
    async with session.get(path, headers=headers) as answer:
        return answer.status, await answer.text()


async def told(request: bytes) -> str:
    """Send *request* as it is, and return all that comes back."""
    async with serving(application(StillBoard(), HttpSettings()), "127.0.0.1", 0) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer.decode()


async def test_metrics_are_served_in_the_format_that_is_asked_for() -> None:
    async with client() as session:
        _, text = await fetched(session, "/metrics")
        assert {family.name for family in text_string_to_metric_families(text)} >= {"inverse_account_up", "process_cpu_seconds"}
        _, modern = await fetched(session, "/metrics", Accept="application/openmetrics-text;version=1.0.0")
        assert modern.endswith("# EOF\n")


async def test_healthz_says_whether_the_process_makes_progress() -> None:
    async with client(StillBoard()) as session:
        assert await fetched(session, "/healthz") == (200, "alive\n")
    async with client(StillBoard(alive=False)) as session:
        assert await fetched(session, "/healthz") == (503, "no progress\n")


async def test_readyz_says_what_is_waited_for() -> None:
    waiting = "main has not been read yet"
    async with client(StillBoard(ready=(False, waiting))) as session:
        assert await fetched(session, "/readyz") == (503, f"{waiting}\n")
    async with client() as session:
        assert await fetched(session, "/readyz") == (200, "ready\n")


async def test_status_has_a_row_per_account_and_alerts_channels_and_portfolio() -> None:
    shown = picture(account_picture(), account_picture(is_up=False, name="second"), unread_picture())
    async with client(StillBoard(shown)) as session:
        status = json.loads((await fetched(session, "/api/status"))[1])
    up, stale, unread = status["accounts"]
    assert (up["account"], up["up"], up["error"], up["age_seconds"]) == ("main", True, None, 3)
    assert up["risk"]["schema"] == "inverse-monitor.risk/1"
    assert up["snapshot"]["schema"] == "inverse-monitor.snapshot/1"
    assert (stale["up"], stale["risk"], stale["snapshot"]["account"]) == (False, None, "main")
    assert stale["error"] == {"kind": "maintenance", "message": "the venue is under maintenance"}
    assert (unread["risk"], unread["snapshot"], unread["age_seconds"]) == (None, None, None)
    assert unread["error"] == {"kind": "unavailable", "message": "not read yet"}
    assert status["alerts"][0]["rule"] == "liquidation_distance"
    assert status["channels"] == [
        {"name": "mqtt", "connected": True, "fault": None, "pending": 1, "oldest": "2026-11-22T11:59:58+00:00"}
    ]
    assert status["portfolio"]["coins"][0]["coin"] == "BTC"


async def test_an_account_whose_polls_stopped_without_failing_says_since_when() -> None:
    async with client(StillBoard(picture(account_picture(is_up=False, failure=None)))) as session:
        status = json.loads((await fetched(session, "/api/status"))[1])
    assert status["accounts"][0]["error"] == {"kind": ErrorKind.UNAVAILABLE.value, "message": "no new data for 6 min"}


async def test_alerts_are_served_alone_too() -> None:
    async with client() as session:
        (one,) = json.loads((await fetched(session, "/api/alerts"))[1])
    assert (one["level"], one["subject"]) == ("critical", "BTC")


@pytest.mark.parametrize(
    "path", ["/", "/stress", "/metrics", "/api/status", "/api/alerts", "/style.css", "/script.js", "/nothing"]
)
async def test_elsewhere_everything_but_health_asks_for_the_token(path: str) -> None:
    async with client(settings=REMOTE) as session:
        async with session.get(path) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert (await fetched(session, path, **BEARER))[0] == (404 if path == "/nothing" else 200)
        assert (await fetched(session, "/healthz"))[0] == 200


async def test_a_name_that_is_not_ours_is_refused_on_loopback() -> None:
    async with client() as session:
        assert (await fetched(session, "/metrics", Host="evil.example"))[0] == 403


@pytest.mark.parametrize("path", ["/", "/api/alerts", "/api/ack", "/nothing"])
async def test_without_a_token_every_post_is_refused_and_the_key_named(path: str) -> None:
    async with client() as session, session.post(path, json={}) as answer:
        assert (answer.status, "http.token" in await answer.text()) == (403, True)


@pytest.mark.parametrize(("path", "status"), [("/api/alerts", 405), ("/", 405), ("/api/trade", 404), ("/api/poll", 200)])
async def test_a_post_needs_the_token_and_our_own_origin(path: str, status: int) -> None:
    async with client(settings=HttpSettings(token=TOKEN)) as session:
        async with session.post(path) as answer:
            assert answer.status == 401
        async with session.post(path, headers=BEARER) as answer:
            assert answer.status == status
        async with session.post(path, headers=BEARER | {"Origin": "http://evil.example"}) as answer:
            assert answer.status == 403


async def test_a_command_is_handed_on_and_its_answer_is_json() -> None:
    board = StillBoard()
    async with client(board, HttpSettings(token=TOKEN)) as session:
        said = {"matcher": "account=main", "for": "2h", "author": "ann"}
        async with session.post("/api/silence", json=said, headers=BEARER) as answer:
            assert (answer.status, await answer.json()) == (200, reply_json(board.reply, None))
    (command,) = board.commands
    assert (command.kind, command.target, command.author, command.origin) == (
        Kind.SILENCE,
        "account=main",
        "ann",
        "http 127.0.0.1",
    )


async def test_what_cannot_be_done_says_why() -> None:
    board = StillBoard(reply=Reply(is_done=False, text="no alert with the id a1 fires"))
    async with client(board, HttpSettings(token=TOKEN)) as session:
        async with session.post("/api/ack", json={"id": "a1"}, headers=BEARER) as answer:
            assert (answer.status, (await answer.json())["text"]) == (422, "no alert with the id a1 fires")
        async with session.post("/api/ack", data=b"{", headers=BEARER) as answer:
            assert (answer.status, (await answer.json())["text"]) == (422, "a command is a JSON object")


async def test_a_form_of_the_page_leads_back_to_it() -> None:
    board = StillBoard()
    async with client(board, HttpSettings(token=TOKEN)) as session:
        form = {"id": "a1", "author": ""}
        async with session.post("/api/ack", data=form, headers=BEARER, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert board.commands[0].target == "a1"


async def test_the_author_of_a_form_is_the_name_that_came_with_the_token() -> None:
    board = StillBoard()
    async with client(board, HttpSettings(token=TOKEN)) as session:
        for name, form, status in (("ann", {}, 200), ("ann", {"author": "bob"}, 200), ("a\n", {}, 422)):
            headers = {"Authorization": encode_basic_auth(name, TOKEN)}
            async with session.post("/api/ack", data={"id": "a1"} | form, headers=headers) as answer:
                assert answer.status == status
    assert [command.author for command in board.commands] == ["ann", "bob"]


async def test_a_form_that_cannot_be_carried_out_is_answered_for_people() -> None:
    board = StillBoard(reply=Reply(is_done=False, text="no alert with the id <a1> fires"))
    async with client(board, HttpSettings(token=TOKEN)) as session:
        async with session.post("/api/ack", data={"id": "a1"}, headers=BEARER) as answer:
            assert (answer.status, answer.content_type) == (422, "text/html")
            assert "no alert with the id &lt;a1&gt; fires" in await answer.text()
        async with session.post("/api/ack", data={"nonsense": "a1"}, headers=BEARER) as answer:
            assert "does not take nonsense" in await answer.text()


async def test_a_move_of_prices_is_shown_on_the_page_and_alone() -> None:
    async with client() as session:
        assert "At -30 %" in (await fetched(session, "/?percent=-30"))[1]
        part = (await fetched(session, "/stress?percent=10"))[1]
        assert ("At +10 %" in part, "<html" in part) == (True, False)


@pytest.mark.parametrize("path", ["/", "/stress", "/events"])
async def test_sizes_are_hidden_wherever_the_page_takes_them_from(path: str) -> None:
    for hides in (True, False):
        async with client(settings=HttpSettings(hide_sizes=hides)) as session, session.get(path) as answer:
            told = (await answer.content.readline()).decode() if path == "/events" else await answer.text()
            assert ("contracts · profit" in told or "· equity" in told) is not hides


@pytest.mark.parametrize("path", ["/", "/stress"])
async def test_a_move_that_is_none_is_a_bad_request_that_says_what_would_do(path: str) -> None:
    async with client() as session:
        assert await fetched(session, f"{path}?percent=<b>") == (400, "percent must be a whole number from -50 to 50\n")


async def test_a_huge_body_is_refused() -> None:
    body = b"x" * (LARGEST_BODY + 1)
    async with (
        client(settings=HttpSettings(token=TOKEN)) as session,
        session.post("/api/ack", data=body, headers=BEARER) as answer,
    ):
        assert answer.status == 413


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/nothing"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    async with client() as session, session.get(path) as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_a_failure_tells_the_client_nothing_and_the_log_everything_once() -> None:
    board = StillBoard(fault=RuntimeError("a secret detail"))
    with structlog.testing.capture_logs() as lines:
        async with client(board) as session:
            for path in ("/", "/metrics", "/api/status"):
                status, text = await fetched(session, path)
                assert (status, "secret" in text, "Traceback" in text) == (500, False, False)
            board.fault = None
            assert (await fetched(session, "/metrics"))[0] == 200
    assert [line["path"] for line in lines if line["log_level"] == "error"] == ["/", "/metrics", "/api/status"]


async def test_a_flood_of_refusals_is_one_line_of_log() -> None:
    with structlog.testing.capture_logs() as lines:
        async with client(settings=REMOTE) as session:
            await asyncio.gather(*(fetched(session, "/") for _ in range(50)))
    assert len(lines) == 1


@pytest.mark.parametrize(
    "path", ["/../etc/passwd", "/%2e%2e/page.html", "/page.html", "/style.css/..", "//style.css", "/style.css%00", "http://a/b"]
)
async def test_only_what_is_meant_to_be_served_is_served(path: str) -> None:
    assert "404 Not Found" in await told(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"])
async def test_what_is_not_http_is_a_bad_request_without_a_traceback(nonsense: bytes, caplog: pytest.LogCaptureFixture) -> None:
    answer = await told(nonsense)
    assert caplog.records == []
    assert answer.startswith("HTTP/1.0 400 Bad Request")
    assert "Traceback" not in answer


async def test_a_huge_body_or_header_is_refused_and_the_next_request_answered() -> None:
    async with client(settings=HttpSettings(token=TOKEN)) as session:
        async with session.post("/api/alerts", data=b"x" * 50 * LARGEST_BODY, headers=BEARER) as answer:
            assert answer.status in {405, 413}
        assert (await fetched(session, "/metrics", **{"X-Long": "x" * 20_000}))[0] == 400
        assert (await fetched(session, "/healthz"))[0] == 200


async def test_head_answers_like_get_without_a_body() -> None:
    async with client() as session, session.head("/metrics") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_a_port_in_use_is_a_sentence_that_names_the_key() -> None:
    app = application(StillBoard(), HttpSettings())
    async with serving(app, "127.0.0.1", 0) as (host, port):
        with pytest.raises(AlreadyRunning, match=rf"another program listens on 127\.0\.0\.1:{port}.*http\.listen"):
            async with serving(application(StillBoard(), HttpSettings()), host, port):
                raise AssertionError


async def test_an_address_of_another_machine_is_a_sentence_too() -> None:
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1:9643: this machine does not have that address; set http\.listen"):
        async with serving(application(StillBoard(), HttpSettings()), "192.0.2.1", 9643):
            raise AssertionError


async def test_the_port_is_free_again_after_the_block() -> None:
    async with serving(application(StillBoard(), HttpSettings()), "127.0.0.1", 0) as (host, port):
        pass
    async with serving(application(StillBoard(), HttpSettings()), host, port) as address:
        assert address == (host, port)


async def test_what_changes_on_the_board_is_seen_at_the_next_request() -> None:
    board = StillBoard()
    async with client(board) as session:
        await fetched(session, "/metrics")
        board.shown = picture(alerts=(alert(), alert(summary="<b>")))
        assert "&lt;b&gt;" in (await fetched(session, "/"))[1]
