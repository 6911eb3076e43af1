"""What a configuration file may hold, and what is said about one that is wrong."""

import os
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.config import _stream, _unreadable, build, load
from monitor.config.document import Plain, parse
from monitor.config.mistakes import ConfigError, error_text
from monitor.config.settings import Config

ACCOUNT = "accounts: {main: {exchange: bybit, api_key: k, api_secret: s}}\n"
EXCHANGES = ("binancecoinm", "bybit", "deribit")
GONE = {"bitmex": "bitmex has closed: remove this account"}

EXAMPLE = Path(__file__).parents[1] / "config.example.yaml"

Read = Callable[..., Config]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Load a text as config.yaml of the current folder, so that messages have a short name."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str | bytes, **environ: str) -> Config:
        path = Path("config.yaml")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o600)
        return load(path, environ, exchanges=EXCHANGES, gone=GONE, secrets=())

    return load_text


def problems(read: Read, text: str | bytes, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, **environ)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return list(caught.value.problems)


def outcome(read: Read, raw: bytes) -> tuple[str, ...]:
    try:
        read(raw)
    except ConfigError as error:
        return error.problems or ("",)
    return ()


def test_a_broker_is_named_without_user_and_password(tmp_path: Path) -> None:
    for host in ("mqtt://u:S3CR3T@127.0.0.1", "a b", "host:1883", "u@host"):
        with pytest.raises(ConfigError) as caught:
            build("x", {"accounts": ONE_ACCOUNT, "mqtt": {"host": host}}, {})
        assert "must be a name or an address alone" in str(caught.value.problems)
        assert "S3CR3T" not in str(caught.value.problems)
    for host in ("localhost", "broker.example.org", "127.0.0.1", "::1"):
        build("x", {"accounts": ONE_ACCOUNT, "mqtt": {"host": host}}, {})


ONE_ACCOUNT = {"main": {"exchange": "bybit", "api_key": "a-key-of-mine", "api_secret": "a-secret-of-mine"}}


def test_an_account_is_enough_and_the_rest_has_defaults(read: Read) -> None:
    config = read(ACCOUNT)

    assert config.accounts["main"].api_key.get_secret_value() == "k"
    assert config.poll_interval == timedelta(seconds=15)
    assert config.mqtt is None
    assert str(config.http.listen) == "127.0.0.1:9643"
    assert config.state.path == Path("state.db")
    assert (config.time_zone, config.digest, config.heartbeat) == ("UTC", None, None)
    assert config.warnings == ()


def test_every_section_is_read(read: Read) -> None:
    config = read(
        ACCOUNT
        + """
poll_interval: 1.5m
holdings: {cold-wallet: {BTC: 12.50000000000000000001, ETH: -3}}
mqtt: {host: broker, username: u, password: 007, tls: {}, commands: {enabled: true, token: t0k}, homeassistant: {enabled: true}}
http: {listen: "[::1]:9000", insecure: false}
calendar: [{venue: bybit, symbol: BTC/USD:BTC, date: 2027-01-15, what: delisting}]
push: {phone: {url: "tgram://a/b", min_level: warning, quiet: 23:00-07:00}}
heartbeat: {url: https://x/y, every: 2m}
privacy: {hide_sizes: true}
time_zone: Europe/Berlin
digest: 08:00
"""
    )

    assert config.poll_interval == timedelta(seconds=90)
    assert config.holdings["cold-wallet"]["BTC"] == Decimal("12.50000000000000000001")
    assert config.mqtt is not None
    assert config.mqtt.port == 8883
    assert config.mqtt.password is not None
    assert config.mqtt.password.get_secret_value() == "007"
    assert (config.http.listen.host, config.http.listen.port, config.http.listen.is_loopback) == ("::1", 9000, True)
    assert config.calendar[0].date == date(2027, 1, 15)
    quiet = config.push["phone"].quiet
    assert quiet is not None
    assert (quiet.start, quiet.end) == (time(23), time(7))
    assert config.heartbeat is not None
    assert config.heartbeat.every == timedelta(minutes=2)
    assert config.digest == time(8)
    assert config.zone.tzname(None) != "UTC"


def test_ccxt_gets_numbers_where_digits_stand_without_quotes(read: Read) -> None:
    config = read(
        "accounts: {main: {exchange: bybit, api_key: k, api_secret: s, ccxt: "
        '{timeout: 10000, rate: 0.5, off: no, on: true, zero: 007, text: "5", options: {list: [1, a], none: null}}}}'
    )

    assert config.accounts["main"].ccxt == {
        "timeout": 10000,
        "rate": 0.5,
        "off": "no",
        "on": True,
        "zero": "007",
        "text": "5",
        "options": {"list": [1, "a"], "none": None},
    }
    assert not any(isinstance(value, Plain) for value in config.accounts["main"].ccxt.values())


def test_a_section_whose_keys_are_all_commented_out_is_as_if_left_out(read: Read) -> None:
    assert read(ACCOUNT + "alerts:\nhttp:\nstate:\npoll_interval:\n").alerts == read(ACCOUNT).alerts


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(read: Read) -> None:
    text = """\
accounts:
  main:
    exchange: bybitt
    api_key: k
    apisecret: s
    api_secret: s
    poll_interval: 1s
poll_interval: 15
tme_zone: UTC
http: {listen: localhost}
http: {token: t}
"""
    assert problems(read, text) == [
        "config.yaml:3:15: accounts.main.exchange: must be one of binancecoinm, bybit, deribit - did you mean 'bybit'?",
        "config.yaml:5:5: accounts.main.apisecret: there is no such key - did you mean 'api_secret'?",
        "config.yaml:7:20: accounts.main.poll_interval: must be 2s at least",
        "config.yaml:8:16: poll_interval: must be a duration with its unit: 15s, 5m, 2h or 1d",
        "config.yaml:9:1: tme_zone: there is no such key - did you mean 'time_zone'?",
        "config.yaml:10:16: http.listen: must be HOST:PORT, such as 127.0.0.1:9643 or [::1]:9643",
        "config.yaml:11:1: http: this key stands twice here, first in line 10: keep one",
    ]


DURATION = "must be a duration with its unit: 15s, 5m, 2h or 1d"
TOPIC = "must be letters, digits, _ - and . with single slashes between: no wildcards, no spaces, no slash at an end"
CLEAR = "must be at most 80%: an alert clears at 1.2 times its threshold, which must be in reach"
ORDER = "the thresholds must {} from warning to critical to emergency, defaults included"
MISTAKES = [
    ("poll_interval: 15", "2:16: poll_interval: " + DURATION),
    ("poll_interval: 1:30", "2:16: poll_interval: " + DURATION),
    ("poll_interval: -5s", "2:16: poll_interval: " + DURATION),
    ("poll_interval: 999999999d", "2:16: poll_interval: must be at most 3650d"),
    ("poll_interval: [15s]", "2:1: poll_interval: " + DURATION),
    ("privacy: {hide_sizes: yes}", "2:23: privacy.hide_sizes: must be true or false"),
    ("privacy: {hide_sizes: 1}", "2:23: privacy.hide_sizes: must be true or false"),
    ("privacy: true", "2:10: privacy: must be a section: keys and values, indented below it"),
    (
        "holdings: {a_b: {BTC: 1}}",
        "2:12: holdings.a_b: a name is made of a-z, 0-9 and single hyphens between them, at most 32 characters",
    ),
    ("holdings: {a: {btc: 1}}", "2:16: holdings.a.btc: must be the name of a coin, such as BTC"),
    ("holdings: {a: {BTC: 1e5}}", "2:21: holdings.a.BTC: must be a number such as 12.5"),
    ("holdings: {a: {BTC: 0x10}}", "2:21: holdings.a.BTC: must be a number such as 12.5"),
    ("holdings: {a: {BTC: .nan}}", "2:21: holdings.a.BTC: must be a number such as 12.5"),
    ("mqtt: {port: 1883}", "2:1: mqtt.host: is missing"),
    ("mqtt: {host: b, port: 0}", "2:23: mqtt.port: must be a port: a whole number from 1 to 65535"),
    ("mqtt: {host: b, port: 1_883}", "2:23: mqtt.port: must be a port: a whole number from 1 to 65535"),
    ("mqtt: {host: b, username: true}", "2:27: mqtt.username: must be text: put it in quotes"),
    ('mqtt: {host: ""}', "2:14: mqtt.host: is empty"),
    (
        "mqtt: {host: b, topic_root: /a/+}",
        "2:29: mqtt.topic_root: " + TOPIC,
    ),
    ("mqtt: {host: b, tls: {cert: c}}", "2:17: mqtt.tls.key: cert and key go together: give both or neither"),
    ("http: {tls: {cert: c}}", "2:8: http.tls.key: is missing"),
    ("http: {listen: '[::g]:1'}", "2:16: http.listen: must be HOST:PORT, such as 127.0.0.1:9643 or [::1]:9643"),
    ("http: {listen: '[1:2:3]:1'}", "2:16: http.listen: must be HOST:PORT, such as 127.0.0.1:9643 or [::1]:9643"),
    ("http: {token: a b}", "2:15: http.token: must be of printable ASCII characters without spaces"),
    ("calendar: {a: b}", "2:1: calendar: must be a list, such as [a, b]"),
    (
        "calendar: [{venue: bybit, symbol: S, date: 2027-02-30, what: w}]",
        "2:44: calendar[0].date: must be a day such as 2027-01-15",
    ),
    (
        "calendar: [{venue: deribitt, symbol: S, date: 2027-01-15, what: w}]",
        "2:20: calendar[0].venue: must be one of binancecoinm, bybit, deribit - did you mean 'deribit'?",
    ),
    ("push: {p: {url: nowhere}}", "2:17: push.p.url: must be an address such as https://... or, for push, what Apprise accepts"),
    ("push: {p: {url: a://b, min_level: ok}}", "2:35: push.p.min_level: must be one of 'warning', 'critical' or 'emergency'"),
    ("push: {p: {url: a://b, quiet: 23-7}}", '2:31: push.p.quiet: must be two different times of day such as "23:00-07:00"'),
    ("digest: 8:00", '2:9: digest: must be a time of day such as "08:00"'),
    (
        "time_zone: Europe/Berln",
        "2:12: time_zone: is not a time zone of this system: use a name such as Europe/Berlin - did you mean 'Europe/Berlin'?",
    ),
    (
        "alerts: {target_distance: 0.9}",
        "2:27: alerts.target_distance: " + CLEAR,
    ),
    ("alerts: {stael: {}}", "2:10: alerts.stael: there is no such key - did you mean 'stale'?"),
    (
        "alerts: {margin_ratio: {warning: 70}}",
        "2:34: alerts.margin_ratio.warning: must be at most 100% (10% is written 0.1 or 10%)",
    ),
    ("alerts: {margin_ratio: {warning: 0}}", "2:34: alerts.margin_ratio.warning: must be more than 0%"),
    ("alerts: {margin_ratio: {warning: no}}", "2:34: alerts.margin_ratio.warning: must be a ratio: 0.1 or 10%"),
    ("alerts: {margin_ratio: {warning: 80%}}", "2:10: alerts.margin_ratio: " + ORDER.format("rise")),
    ("alerts: {liquidation_distance: {critical: 25%}}", "2:10: alerts.liquidation_distance: " + ORDER.format("fall")),
    (
        "alerts: {leverage: {warning: 3x, overrides: [{coin: BTC, critical: 2}]}}",
        "2:10: alerts.leverage: overrides[0]: " + ORDER.format("rise"),
    ),
    (
        "alerts: {units: {overrides: [{enabled: false}]}}",
        "2:30: alerts.units.overrides[0]: an override needs account, coin or symbol",
    ),
    (
        "alerts: {units: {overrides: [{account: mian, enabled: false}]}}",
        "2:40: alerts.units.overrides[0].account: no account has such a name - did you mean 'main'?",
    ),
    (
        "alerts: {stale: {warning: 10m}}",
        "2:10: alerts.stale: the thresholds of account main must rise from warning to critical to emergency, defaults included",
    ),
    ("alerts: {stale: {warning: off}}", "2:27: alerts.stale.warning: " + DURATION),
    ("alerts: {time_to_fund: 0s}", "2:24: alerts.time_to_fund: must be more than 0s"),
]


@pytest.mark.parametrize(("line", "problem"), MISTAKES)
def test_each_mistake_has_its_place_its_path_and_its_remedy(read: Read, line: str, problem: str) -> None:
    assert problems(read, ACCOUNT + line) == [f"config.yaml:{problem}"]


SUPPLY = (
    "is missing: write it here, or set the variable {0}, "
    "or put it in a file of that name in $CREDENTIALS_DIRECTORY or /run/secrets"
)


@pytest.mark.parametrize("secret", ["", "api_secret:", "api_secret: ''", "api_secret: '  '"])
def test_a_missing_secret_is_named_with_every_way_to_supply_it(read: Read, secret: str) -> None:
    text = f"accounts:\n  cold-1:\n    exchange: bybit\n    api_key: k\n    {secret}\n"

    (problem,) = problems(read, text)

    assert problem.endswith("accounts.cold-1.api_secret: " + SUPPLY.format("INVERSE_MONITOR_ACCOUNTS__COLD_1__API_SECRET"))


def test_an_address_that_others_can_reach_needs_a_token(read: Read) -> None:
    note = " (http.listen can be reached by others; http.insecure: true allows it without)"
    expected = "config.yaml:2:1: http.token: " + SUPPLY.format("INVERSE_MONITOR_HTTP__TOKEN") + note

    assert problems(read, ACCOUNT + "http: {listen: 0.0.0.0:9643}") == [expected]
    assert read(ACCOUNT + "http: {listen: 0.0.0.0:9643, token: t}").http.token
    assert read(ACCOUNT + "http: {listen: 0.0.0.0:9643, insecure: true}").http.insecure
    assert read(ACCOUNT + "http: {listen: localhost:9643}").http.token is None


def test_commands_need_a_token(read: Read) -> None:
    text = ACCOUNT + "mqtt: {host: b, commands: {enabled: true}}"

    assert problems(read, text) == [
        "config.yaml:2:17: mqtt.commands.token: " + SUPPLY.format("INVERSE_MONITOR_MQTT__COMMANDS__TOKEN")
    ]


def test_a_venue_that_is_gone_is_told_as_the_caller_says(read: Read) -> None:
    text = "accounts: {main: {exchange: bitmex, api_key: k, api_secret: s}}"

    assert problems(read, text) == ["config.yaml:1:29: accounts.main.exchange: bitmex has closed: remove this account"]


@pytest.mark.parametrize(
    "url", ["hc-ping.com/S3CR3T", "ftp://hc/S3CR3T", "https:///S3CR3T", "https://hc:port/S3CR3T", "https://é..x/S3CR3T"]
)
def test_a_heartbeat_that_nobody_could_call_is_a_mistake(read: Read, url: str) -> None:
    (problem,) = problems(read, f"{ACCOUNT}heartbeat: {{url: '{url}'}}\n")
    assert problem.startswith("config.yaml:2:18: heartbeat.url: must be an address that begins with https:// or http://")
    assert "S3CR3T" not in problem


@pytest.mark.parametrize("key", ["api_key", "api_secret"])
def test_a_secret_of_several_lines_is_a_mistake_where_it_stands(read: Read, key: str) -> None:
    given = {"INVERSE_MONITOR_ACCOUNTS__MAIN__" + key.upper(): "S3CR3T\nsecond"}
    (problem,) = problems(read, ACCOUNT, **given)
    assert problem.endswith(f"accounts.main.{key}: has more than one line: leave only the secret itself there")
    assert "S3CR3T" not in problem


TWICE = "accounts:\n  main: {exchange: bybit, api_key: k, api_secret: s}\n  again: {exchange: bybit, api_key: k, api_secret: s}\n"


def test_one_account_under_two_names_would_be_counted_twice(read: Read) -> None:
    text = "accounts.again.api_key: is the account of main again, and every sum would count it twice: "
    assert problems(read, TWICE) == [f"config.yaml:3:37: {text}remove one, or correct exchange and key"]


@pytest.mark.parametrize(
    ("main", "again"),
    [
        ("exchange: bybit, api_key: k", "exchange: deribit, api_key: k"),
        ("exchange: bybit, api_key: k", "exchange: bybit, api_key: l"),
        ("exchange: bybit, api_key: k, ccxt: {options: {defaultType: swap}}", "exchange: bybit, api_key: k"),
        ("exchange: bybit, api_key: k, coins: [BTC]", "exchange: bybit, api_key: k, coins: [ETH]"),
    ],
)
def test_accounts_that_share_something_are_two(read: Read, main: str, again: str) -> None:
    text = f"accounts:\n  main: {{{main}, api_secret: s}}\n  again: {{{again}, api_secret: s}}\n"
    assert list(read(text).accounts) == ["main", "again"]


@pytest.mark.parametrize("key", ["apiKey", "secret", "password", "api_key"])
def test_credentials_do_not_go_through_ccxt(read: Read, key: str) -> None:
    text = f"accounts: {{main: {{exchange: bybit, api_key: k, api_secret: s, ccxt: {{{key}: x}}}}}}"
    remedy = "does not belong into ccxt: use api_key, api_secret and api_password of the account"

    assert problems(read, text) == [f"config.yaml:1:70: accounts.main.ccxt.{key}: {remedy}"]


@pytest.mark.parametrize("key", ["session", "verbose", "enableRateLimit"])
def test_what_the_monitor_decides_cannot_be_set_through_ccxt(read: Read, key: str) -> None:
    text = f"accounts: {{main: {{exchange: bybit, api_key: k, api_secret: s, ccxt: {{{key}: true}}}}}}"

    assert problems(read, text) == [f"config.yaml:1:70: accounts.main.ccxt.{key}: cannot be set: the monitor decides it"]


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ("{Entity: a}", "1:72: accounts.main.labels.Entity: the key of a label is made of a-z and _, and does not begin with __"),
        ("{account: a}", "1:72: accounts.main.labels.account: the labels account and venue are there already"),
        ("{on: true}", "1:76: accounts.main.labels.on: must be text: put it in quotes"),
    ],
)
def test_labels_must_be_labels(read: Read, labels: str, problem: str) -> None:
    text = f"accounts: {{main: {{exchange: bybit, api_key: k, api_secret: s, labels: {labels}}}}}"

    assert problems(read, text) == [f"config.yaml:{problem}"]


NO_ACCOUNT = "no account is configured: fill one in as config.example.yaml shows"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ": is empty: fill it in as config.example.yaml shows"),
        ("# nothing\n", ": is empty: fill it in as config.example.yaml shows"),
        ("null", ": is empty: fill it in as config.example.yaml shows"),
        ("- a\n- b\n", ":1:1: must be keys and values: begin with accounts: as config.example.yaml shows"),
        ("just words", ":1:1: must be keys and values: begin with accounts: as config.example.yaml shows"),
        ("time_zone: UTC", f":1:1: accounts: {NO_ACCOUNT}"),
        ("time_zone: UTC\naccounts: {}", f":2:11: accounts: {NO_ACCOUNT}"),
        ("accounts:", f":1:10: accounts: {NO_ACCOUNT}"),
        ("accounts:\n\tmain: 1", ":2:1: a tab stands here: indent with spaces"),
        ("a: [1, 2", ":1:9: a comma or a closing bracket is missing"),
        ("a: 'x", ":1:6: a quote is not closed"),
        ("a: b: c", ":1:5: a colon does not belong here: put the value in quotes, or check the indentation"),
        ("a: 1\n  b: 2", ":2:4: a colon does not belong here: put the value in quotes, or check the indentation"),
        ("a: 1\nb\nc: 2", ":3:1: a colon and a space are missing after a key on this line or the one before"),
        ("a: *hunter2", ":1:4: aliases (*name) are not supported: put the value in quotes if it begins with *"),
        ("a: @hunter2", ":1:4: a value that begins with @, ` or % must be in quotes"),
        ("a: 1\n---\nb: 2", ":2:1: only one document is allowed: remove the line with ---"),
        (b"\x89PNG\r\n\x1a\n\xff", ": is not UTF-8 text: save it as UTF-8, or check that it is the right file"),
        ("a: \x07", ":1:4: holds a character that YAML does not allow"),
        ("[" * 5000, ":1:1: is nested too deeply"),
        (b"#" * 4_000_001, ": is larger than 4 MB: this is not a configuration"),
    ],
)
def test_a_file_that_is_no_configuration_is_told_in_a_sentence(read: Read, text: str | bytes, problem: str) -> None:
    assert problems(read, text) == ["config.yaml" + problem]


def test_lists_in_lists_without_end_are_refused(read: Read) -> None:
    assert problems(read, "x: " + "[" * 40 + "]" * 40)[-1].endswith(": is nested too deeply")


def test_aliases_and_tags_are_refused_where_they_stand(read: Read) -> None:
    text = ACCOUNT + "holdings: &a {x: {BTC: 1}}\nprivacy: *a\npush: !!python/object:os.system {}\n"

    assert problems(read, text) == [
        "config.yaml:2:11: privacy: aliases (*name) are not supported: write the value out",
        "config.yaml:4:7: push: tags (!name) are not supported: put the value in quotes if it begins with !",
    ]


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "no.yaml", {}, secrets=())

    assert caught.value.problems == (
        f"{tmp_path}/no.yaml: does not exist: copy config.example.yaml to it, or name another with --config",
    )


def test_a_pipe_is_read_as_a_shell_hands_it_over() -> None:
    reads, writes = os.pipe()
    with os.fdopen(writes, "w") as stream:
        stream.write(ACCOUNT)
    assert list(load(Path(f"/dev/fd/{reads}"), {}, secrets=()).accounts) == ["main"]
    os.close(reads)


def test_a_pipe_into_which_nobody_writes_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TimeoutError) as caught:
        _stream(tmp_path / "pipe", 0.01)
    assert _unreadable(caught.value) == "cannot be read (it is a pipe into which nobody has written for 0.01 s)"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder: name the file in it with --config"):
        load(tmp_path, {}, secrets=())


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(ConfigError, match=r"loop.yaml: cannot be read \(Too many levels of symbolic links\)"):
        load(tmp_path / "loop.yaml", {}, secrets=())
    with pytest.raises(ConfigError, match="not a file name"):
        load(Path("nul\0"), {}, secrets=())

    assert _unreadable(PermissionError()) == "cannot be read: let the user that runs this read it (chmod, chown)"


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(read: Read) -> None:
    assert read(b"\xef\xbb\xbf" + ACCOUNT.replace("\n", "\r\n").encode()).accounts["main"].exchange == "bybit"


def test_a_file_with_secrets_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(ACCOUNT)
    path.chmod(0o644)

    assert load(path, {}, secrets=()).warnings == (f"{path} holds secrets and can be read by other users: chmod 600 {path}",)


def test_a_file_without_secrets_may_be_read_by_all(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("accounts: {main: {exchange: bybit}}")
    path.chmod(0o644)
    environ = {"INVERSE_MONITOR_ACCOUNTS__MAIN__API_KEY": "k", "INVERSE_MONITOR_ACCOUNTS__MAIN__API_SECRET": "s"}

    assert load(path, environ, secrets=()).warnings == ()


def test_code_may_poll_more_often_than_a_file(read: Read) -> None:
    values = {
        "accounts": {"a": {"exchange": "bybit", "api_key": "k", "api_secret": "s"}},
        "poll_interval": timedelta(seconds=0.2),
    }

    config = build("the demo", values, {"INVERSE_MONITOR_HTTP__TOKEN": "t"})

    assert config.interval("a") == timedelta(seconds=0.2)
    assert config.http.token is not None
    with pytest.raises(ConfigError) as caught:
        build("the demo", {**values, "poll_interval": "1s"}, {"INVERSE_MONITOR_HTTP__LISTEN": "x"})
    assert caught.value.problems == (
        "the demo: poll_interval: must be 2s at least",
        "INVERSE_MONITOR_HTTP__LISTEN: http.listen: must be HOST:PORT, such as 127.0.0.1:9643 or [::1]:9643",
    )


def test_problems_are_one_line_each_for_a_terminal() -> None:
    assert error_text(ConfigError(["a: b"])) == "The configuration has 1 mistake:\n  a: b"
    assert error_text(ConfigError(["a: b", "c: d"])) == "The configuration has 2 mistakes:\n  a: b\n  c: d"


WORDS = [
    *Config.model_fields,
    "main",
    "exchange",
    "api_key",
    "warning",
    "overrides",
    "stale",
    "account",
    "tls",
    "token",
    "ccxt",
    "labels",
]
LEAVES = st.sampled_from(
    [
        "true",
        "no",
        "15s",
        "10%",
        "0.1",
        "null",
        "~",
        "'x'",
        "bybit",
        "1e9",
        "[a, b]",
        "{}",
        "!!x",
        "&a",
        "*a",
        "%",
        "\t",
        '"\\ud800"',
    ]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=6).map(
            lambda found: "{" + ", ".join(f"{key}: {value}" for key, value in found.items()) + "}"
        )
        | st.lists(inner, max_size=3).map(lambda found: "[" + ", ".join(found) + "]")
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text()
    | st.binary()
    | TREES
    | st.dictionaries(st.sampled_from(WORDS), TREES).map(lambda d: "\n".join(f"{k}: {v}" for k, v in d.items()))
)
@example("? [a]\n: b")
@example("{{ template }}: x")
@example(": x")
def test_no_text_makes_anything_but_a_configuration_or_a_configuration_error(read: Read, text: str | bytes) -> None:
    said = outcome(read, text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))

    assert all(problem.isprintable() for problem in said)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 6000), st.integers(0, 40), st.text(max_size=3))
def test_a_damaged_example_is_a_configuration_or_a_configuration_error(read: Read, at: int, length: int, put: str) -> None:
    text = EXAMPLE.read_text()

    said = outcome(read, (text[:at] + put + text[at + length :]).encode(errors="surrogatepass"))

    assert all(problem.startswith("config.yaml") for problem in said)


def test_places_are_known_for_keys_and_values() -> None:
    document = parse("a:\n  b: [1, 2]\n")

    assert str(document.keys["a", "b"]) == "2:3"
    assert str(document.values["a", "b", 1]) == "2:10"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("time_zone: ''", "2:12: time_zone: is empty"),
        ("digest: [8]", '2:1: digest: must be a time of day such as "08:00"'),
        ("push: {p: {url: a://b, quiet: [23]}}", '2:24: push.p.quiet: must be two different times of day such as "23:00-07:00"'),
        ("push: {p: {url: [a]}}", "2:12: push.p.url: must be text: put it in quotes"),
        ("alerts: {leverage: {warning: 0}}", "2:30: alerts.leverage.warning: must be more than 0"),
        ("alerts: {units: {lasting: 5m}}", "2:18: alerts.units.lasting: there is no such key"),
        ("http: {tokn: t}", "2:8: http.tokn: there is no such key - did you mean 'token'?"),
    ],
)
def test_a_value_of_the_wrong_shape_is_told_as_any_other(read: Read, line: str, problem: str) -> None:
    assert problems(read, ACCOUNT + line) == [f"config.yaml:{problem}"]
