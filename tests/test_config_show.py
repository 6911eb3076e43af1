"""The configuration to look at: the example, its schema, and that no secret is shown anywhere."""

import json
import pickle
import re
import traceback
from pathlib import Path
from typing import Any

import pytest

from monitor.config import build, load
from monitor.config.alerts import Alerts
from monitor.config.mistakes import ConfigError, dotted, error_text
from monitor.config.section import bare, below, is_section
from monitor.config.sections import Http, Privacy, State
from monitor.config.settings import Config
from monitor.config.show import dump_yaml, json_schema, redacted, secret_values

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config.example.yaml"


def written_out(text: str) -> str:
    """Turn the example's ``#key:`` lines into keys."""
    return re.sub(r"(?m)^(\s*)#(?=[a-z_-]+:|- )", r"\1", text).replace("calendar: []", "calendar:")


def keys(kind: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    kind = bare(kind)
    if is_section(kind):
        names = [field.alias or name for name, field in kind.model_fields.items()]
        return [found for name in names for found in [(*path, name), *keys(below(kind, name), (*path, name))]]
    return keys(below(kind, ""), (*path, "*")) if getattr(kind, "__origin__", None) is dict else []


def named(given: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = {path}
    for key, value in given.items() if isinstance(given, dict) else ():
        found |= named(value, (*path, key)) | named(value, (*path, "*"))
    return found


def test_the_example_loads_as_it_stands_and_shows_the_defaults() -> None:
    config = load(EXAMPLE, {}, secrets=())

    assert EXAMPLE.read_text().startswith("# yaml-language-server: $schema=./deploy/config.schema.json\n")
    assert config.alerts == Alerts()
    assert (config.http, config.state, config.privacy) == (Http(), State(), Privacy())
    assert (config.mqtt, config.push, config.heartbeat, config.digest) == (None, {}, None, None)


def test_the_example_names_every_key(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(written_out(EXAMPLE.read_text()))

    given = named(load(path, {}, secrets=()).model_dump(exclude_unset=True))

    assert [dotted(key) for key in keys(Config) if key not in given] == []


def test_every_key_of_the_example_has_a_comment() -> None:
    lines = EXAMPLE.read_text().split("\n\nalerts:")[0].splitlines()
    silent = [line for line in lines if re.match(r"\s+#?[a-z_]+: \S", line) and "#" not in line.lstrip(" #")]

    assert [line.split(":")[0].strip(" #") for line in silent] == ["exchange", "api_key", "api_secret"], (
        "said of the first account"
    )


def test_the_schema_file_is_up_to_date() -> None:
    assert json.loads((ROOT / "deploy/config.schema.json").read_text()) == json_schema(), (
        "run: inverse-monitor config schema > deploy/config.schema.json"
    )


def test_the_schema_describes_every_key_and_requires_no_secret() -> None:
    schema = json_schema()

    assert schema["$defs"]["Account"]["required"] == ["exchange"]
    assert schema["properties"]["poll_interval"]["default"] == "15s"
    assert schema["$defs"]["Http"]["properties"]["listen"]["default"] == "127.0.0.1:9643"
    assert all("description" in key or "$ref" in key for key in schema["properties"].values())


SECRETS = {
    "accounts.main.api_key": "LEAK01AbCd",
    "accounts.main.api_secret": "LEAK02AbCd",
    "accounts.main.api_password": "LEAK03AbCd",
    "mqtt.password": "LEAK04AbCd",
    "mqtt.commands.token": "LEAK05AbCd",
    "http.token": "LEAK06AbCd",
    "push.phone.url": "tgram://LEAK07AbCd/LEAK08AbCd",
    "heartbeat.url": "https://hc.example.org/LEAK09AbCd",
}
CCXT = {
    "httpsProxy": "http://LEAK10:LEAK11@proxy:1",
    "headers": {"Authorization": "Bearer LEAK12"},
    "options": {"walletAddress": "LEAK13", "list": [{"token": ["LEAK14"]}], "defaultType": "swap"},
    "hostname": "u:LEAK15@host",
    "uid": 16161616,
}


def nested(flat: dict[str, str]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for path, value in flat.items():
        at = whole
        *parents, last = path.split(".")
        for part in parents:
            at = at.setdefault(part, {})
        at[last] = value
    return whole


def full_of_secrets() -> dict[str, Any]:
    whole = nested(SECRETS)
    whole["accounts"]["main"] |= {"exchange": "bybit", "ccxt": CCXT}
    whole["mqtt"]["host"] = "broker"
    return whole


def is_telling(text: str) -> bool:
    return "LEAK" in text or "16161616" in text


def test_no_secret_is_shown_by_a_configuration() -> None:
    config = build("a test", full_of_secrets(), {})

    shown = [repr(config), str(config), dump_yaml(config), str(redacted(config)), config.model_dump_json()]

    assert not any(map(is_telling, shown))
    assert "defaultType: swap" in dump_yaml(config)
    assert "api_secret: '**********'" in dump_yaml(config)


def test_every_secret_is_told_to_the_log() -> None:
    known = secret_values(build("a test", full_of_secrets(), {}))

    assert known >= {f"LEAK{number:02}AbCd" for number in range(1, 10)}
    assert known >= {"http://LEAK10:LEAK11@proxy:1", "Bearer LEAK12", "LEAK13", "LEAK14", "16161616"}
    assert "hc.example.org" not in known


def test_what_is_shown_can_be_read_again(tmp_path: Path) -> None:
    given = full_of_secrets() | {"poll_interval": "90s", "holdings": {"cold": {"BTC": "12.5"}}}
    given["alerts"] = {"stale": {"overrides": [{"account": "main", "warning": "20s", "for": "1m"}]}}
    config = build("a test", given, {})
    file = tmp_path / "config.yaml"
    file.write_text(dump_yaml(config).replace("url: '**********'", "url: https://b"))

    again = load(file, {}, secrets=())

    assert dump_yaml(again) == dump_yaml(config)
    assert (again.alerts, again.holdings, again.poll_interval) == (config.alerts, config.holdings, config.poll_interval)


@pytest.mark.parametrize("path", SECRETS)
@pytest.mark.parametrize("source", ["file", "variable", "secret file"])
def test_no_secret_is_shown_by_a_mistake(tmp_path: Path, path: str, source: str) -> None:
    whole = full_of_secrets()
    whole["accounts"]["main"]["exchange"] = ["LEAK20"]
    bad = f"[{SECRETS[path]}" if source == "file" else "a LEAK21"
    name = "INVERSE_MONITOR_" + path.replace(".", "__").upper()
    if source == "secret file":
        (tmp_path / name).write_text(bad)
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(whole if source != "file" else whole | nested({path: bad}) | {"LEAK22isThisAKey": 1}))

    with pytest.raises(ConfigError) as caught:
        load(file, {name: bad} if source == "variable" else {}, secrets=[tmp_path])

    told = [error_text(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value))]
    assert not any(map(is_telling, told))
    assert b"LEAK" not in pickle.dumps(caught.value.problems)


@pytest.mark.parametrize(
    "line",
    [
        "api_secret: *LEAK01AbCdx",
        "api_secret: &LEAK01AbCdx",
        "api_secret: !LEAK01AbCdx",
        "api_secret: !!LEAK01AbCdx a",
        "api_secret: @LEAK01AbCdx",
        "api_secret: %LEAK01AbCdx",
        "api_secret:LEAK01AbCdx",
        "api_secret: 'LEAK01AbCdx",
        'api_secret: "\\qLEAK01AbCdx"',
        "api_secret: [LEAK01AbCdx",
        "api_secret: {LEAK01AbCdx: LEAK02AbCd}",
        "{api_secret:LEAK01AbCdabcdefghijkl}",
        "api_secret: LEAK01AbCdx: b",
        "api_secret: |9LEAK01AbCdx",
        "? [LEAK01AbCdx]",
        "LEAK01AbCdx/abcdefghijklmnopqrs: a",
        "%LEAK01AbCdx",
        "- LEAK01AbCdx",
    ],
)
def test_no_secret_is_shown_where_yaml_itself_is_wrong(tmp_path: Path, line: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"accounts:\n  main:\n    exchange: bybit\n    {line}\n")

    with pytest.raises(ConfigError) as caught:
        load(file, {}, secrets=())

    assert not is_telling(error_text(caught.value) + "".join(traceback.format_exception(caught.value)))


def test_text_for_ccxt_is_shown_only_under_keys_known_to_be_harmless() -> None:
    given = {
        "hostname": "bybit.com",
        "agent": "S3CR3T",
        "options": {"defaultType": "swap", "broker": "S3CR3T", "recvWindow": 5000},
    }
    account = {"exchange": "bybit", "api_key": "a-key-of-mine", "api_secret": "a-secret-of-mine", "ccxt": given}
    shown = dump_yaml(build("x", {"accounts": {"main": account}}, {}))
    assert "S3CR3T" not in shown
    for plain in ("bybit.com", "swap", "5000"):
        assert plain in shown
