import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from monitor import log
from monitor.ports import ErrorKind, VenueUnavailable

SECRET = "hunter2-abc/def+ghi"


def fail(error: Exception) -> None:
    raise error


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    yield io.StringIO()
    root.handlers[:], logging.raiseExceptions = before[0], before[2]
    root.setLevel(before[1])
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_are_json_where_no_terminal_reads_them(stream: io.StringIO) -> None:
    log.set_up("info", (), stream)

    structlog.get_logger("watch").info("polled", account="main", pools=3)

    (line,) = lines(stream)
    assert line | {"timestamp": ""} == {
        "event": "polled",
        "account": "main",
        "pools": 3,
        "level": "info",
        "logger": "watch",
        "timestamp": "",
    }


def test_a_terminal_gets_text(stream: io.StringIO) -> None:
    terminal = Terminal()
    log.set_up("info", (), terminal)

    structlog.get_logger("watch").warning("slow", account="main")

    assert "slow" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


def test_libraries_write_to_the_same_place_in_the_same_form(stream: io.StringIO) -> None:
    log.set_up("info", (), stream)

    logging.getLogger("asyncio").error("Task %s failed", "poll")

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("Task poll failed", "error", "asyncio")


@pytest.mark.parametrize("name", log.QUIET)
def test_loggers_that_would_show_each_request_are_held_at_warning(stream: io.StringIO, name: str) -> None:
    log.set_up("debug", (), stream)

    logging.getLogger(name).info("request with headers")
    logging.getLogger(name).warning("something else")

    assert [line["event"] for line in lines(stream)] == ["something else"]


def test_lines_below_the_level_are_left_out(stream: io.StringIO) -> None:
    log.set_up("warning", (), stream)

    structlog.get_logger().info("not this")

    assert stream.getvalue() == ""


def test_a_secret_is_in_no_line_wherever_it_stands(stream: io.StringIO) -> None:
    log.set_up("debug", [SECRET], stream)
    logger = structlog.get_logger("x")

    text = f"text with {SECRET} inside"
    logger.info(text)
    logger.info("value", detail=SECRET, nested={"a": [SECRET, {SECRET: (SECRET,)}]}, raw=SECRET.encode(), odd={1: SECRET})
    logger.info("address", url="https://host/?q=hunter2-abc%2Fdef%2Bghi")
    logging.getLogger("aiohttp.client").warning("library says %s", SECRET)
    try:
        fail(ValueError(SECRET))
    except ValueError:
        logger.exception("failed")
        logging.getLogger("apscheduler").exception("failed %s", SECRET, stack_info=True)

    assert len(lines(stream)) == 6
    assert "hunter2" not in stream.getvalue()
    assert log.HIDDEN in stream.getvalue()


def test_a_secret_of_several_lines_is_hidden_too(stream: io.StringIO) -> None:
    pem = "-----BEGIN KEY-----\nMIIabcdefgh\n-----END KEY-----"
    log.set_up("info", [pem], stream)

    structlog.get_logger().info("key", value=[pem], shown=repr(pem))

    assert "MIIabc" not in stream.getvalue()


def test_a_very_short_secret_does_not_riddle_the_log(stream: io.StringIO) -> None:
    log.set_up("info", ["a"], stream)

    structlog.get_logger().info("that was all")

    assert lines(stream)[0]["event"] == "that was all"


@pytest.mark.parametrize(
    "text",
    [
        "GET https://x/y?timestamp=1&signature=TELLTALE&recvWindow=5",
        "GET https://x/y?apiKey=TELLTALE",
        "GET https://x/y?api_key=TELLTALE&z=1",
        "{'X-MBX-APIKEY': 'TELLTALE'}",
        "X-MBX-APIKEY: TELLTALE",
        "X-BAPI-SIGN=TELLTALE",
        'headers {"OK-ACCESS-PASSPHRASE": "TELLTALE"}',
        "Authorization: Bearer TELLTALE",
        "Authorization: Basic TELLTALE",
        "{'authorization': 'Bearer TELLTALE'}",
        '{"client_secret": "TELL TALE TELLTALE"}',
        "http://user:TELLTALE@proxy:3128/",
    ],
)
def test_what_looks_like_a_credential_is_hidden_without_being_known(stream: io.StringIO, text: str) -> None:
    log.set_up("info", (), stream)

    structlog.get_logger().info(text, detail=text, more=[text])

    assert "TELLTALE" not in stream.getvalue()


@pytest.mark.parametrize("key", ["apiKey", "signature", "Authorization", "X-MBX-APIKEY", "api_secret", "password"])
def test_a_value_named_like_a_credential_is_hidden(stream: io.StringIO, key: str) -> None:
    log.set_up("info", (), stream)

    structlog.get_logger().info("sent", **{key: "TELLTALE"}, headers={key: "TELLTALE"})

    assert "TELLTALE" not in stream.getvalue()


def test_a_sentence_about_a_credential_stays_readable(stream: io.StringIO) -> None:
    log.set_up("info", (), stream)

    structlog.get_logger().info("accounts.main.api_key: is missing: set the variable")

    assert lines(stream)[0]["event"] == "accounts.main.api_key: is missing: set the variable"


def test_an_expected_error_is_one_line_without_a_traceback(stream: io.StringIO) -> None:
    log.set_up("info", (), stream)
    try:
        fail(VenueUnavailable(ErrorKind.TIMEOUT, "bybit did not answer within 10 s"))
    except VenueUnavailable:
        structlog.get_logger().warning("poll failed", exc_info=True)

    (line,) = lines(stream)
    assert line["error"] == "bybit did not answer within 10 s"
    assert "Traceback" not in stream.getvalue()


def test_an_expected_error_shows_its_traceback_at_debug(stream: io.StringIO) -> None:
    log.set_up("debug", (), stream)
    try:
        fail(VenueUnavailable(ErrorKind.TIMEOUT, "no answer"))
    except VenueUnavailable as error:
        structlog.get_logger().warning("poll failed", exc_info=error)

    assert "Traceback" in stream.getvalue()


def test_an_unexpected_error_keeps_its_traceback(stream: io.StringIO) -> None:
    log.set_up("info", (), stream)
    try:
        fail(KeyError("nowhere"))
    except KeyError:
        structlog.get_logger().exception("a bug")

    assert "KeyError: 'nowhere'" in str(lines(stream)[0]["exception"])
