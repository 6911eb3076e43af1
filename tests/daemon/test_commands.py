"""The commands as their users type them: exit status, what is on standard output, and no traceback whatever happens."""

import json
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from monitor.bootstrap import checkup
from monitor.config import build
from monitor.demo.faults import Fault
from monitor.store.journal import last_lines
from tests.daemon.house import CRITICAL, WARNED, House, firing
from tests.wire.test_reading import SNAPSHOT, changed

SHIPPED_SCHEMA = json.loads((Path(__file__).parents[2] / "deploy" / "config.schema.json").read_text())


async def test_once_shows_every_account_and_exits_0(home: House) -> None:
    done = await home.command("once", "--config", str(home.config))
    assert (done.status, done.err) == (0, "")
    for word in ("main", "hodl", "treasury", "BTC", "ETH", "none"):
        assert word in done.out
    assert max(map(len, done.out.splitlines())) <= 100


async def test_once_as_json_has_snapshot_and_risk_and_assess_agrees_with_it(home: House) -> None:
    done = await home.command("once", "--json", "--config", str(home.config))
    rows: list[dict[str, Any]] = done.json()
    assert [(row["account"], row["up"], row["error"]) for row in rows] == [
        ("main", True, None),
        ("hodl", True, None),
        ("treasury", True, None),
    ]
    again = await home.command("assess", "-", "--json", stdin=json.dumps([row["snapshot"] for row in rows]).encode())
    for row, risk in zip(rows, again.json()["accounts"], strict=True):
        for pool, other in zip(row["risk"]["pools"], risk["pools"], strict=True):
            assert pool["distance"] == pytest.approx(other["distance"], abs=1e-12)


@pytest.mark.parametrize(("second", "status"), [(WARNED, 1), (CRITICAL, 2)])
async def test_once_answers_like_a_check_plugin(home: House, second: float, status: int) -> None:
    home.second = second
    assert (await home.command("once", "--config", str(home.config), "--account", "hodl")).status == status


async def test_once_of_an_account_that_is_not_up_is_unknown(home: House) -> None:
    home.exchanges.venues["deribit"].misbehave(Fault.HTML)
    done = await home.command("once", "--json", "--config", str(home.config))
    assert done.status == 3
    treasury = done.json()[2]
    assert (treasury["up"], treasury["risk"], treasury["error"]["kind"]) == (False, None, "invalid")


async def test_of_critical_and_unknown_critical_is_worse(home: House) -> None:
    home.second = CRITICAL
    home.exchanges.venues["deribit"].misbehave(Fault.HTML)
    assert (await home.command("once", "--config", str(home.config))).status == 2


async def test_a_wrong_key_is_told_in_a_sentence(home: House) -> None:
    home.exchanges.venues["bybit"].misbehave(Fault.REFUSED)
    done = await home.command("once", "--json", "--config", str(home.config), "--account", "hodl")
    error = done.json()[0]["error"]
    assert (done.status, error["kind"]) == (3, "refused")
    assert "key" in error["message"]
    assert "demo-hodl" not in done.out + done.err


@pytest.mark.parametrize("word", ["once", "status"])
async def test_bad_usage_of_a_check_plugin_is_unknown(home: House, word: str) -> None:
    assert (await home.command(word, "--nonsense")).status == 3
    done = await home.command(word, "--config", str(home.folder / "missing.yaml"))
    assert (done.status, done.has_traceback) == (3, False)
    assert "missing.yaml" in done.err


@pytest.mark.parametrize("words", [("run",), ("check",), ("config", "show"), ("health",), ("assess", "-")])
async def test_a_missing_configuration_is_bad_usage(home: House, words: tuple[str, ...]) -> None:
    done = await home.command(*words, "--config", str(home.folder / "missing.yaml"), stdin=json.dumps(SNAPSHOT).encode())
    assert (done.status, done.out, done.has_traceback) == (2, "", False)
    assert "missing.yaml" in done.err


async def test_an_unknown_account_is_named_beside_those_there_are(home: House) -> None:
    done = await home.command("once", "--config", str(home.config), "--account", "hold")
    assert done.status == 3
    assert done.err == "there is no account 'hold'; configured are: main, hodl, treasury\n"


async def test_an_unknown_venue_is_a_mistake_with_its_place_and_the_venues_there_are(home: House) -> None:
    home.config.write_text("accounts:\n  main: {exchange: bitmex, api_key: a-key-of-mine, api_secret: a-secret-of-mine}\n")
    done = await home.command("run", "--config", str(home.config))
    assert (done.status, done.has_traceback) == (2, False)
    assert f"{home.config}:2:20: accounts.main.exchange: " in done.err
    assert "closed on 2026-09-23" in done.err
    assert "of-mine" not in done.err


async def test_assess_needs_no_configuration(home: House) -> None:
    (home.folder / "snapshot.json").write_text(json.dumps(SNAPSHOT))
    done = await home.command("assess", str(home.folder / "snapshot.json"))
    assert (done.status, done.err) == (0, "")
    assert "25.3 %" in done.out


async def test_assess_refuses_what_cannot_be_true_with_its_path(home: House) -> None:
    impossible = json.dumps([SNAPSHOT, changed("pools.0.positions.0.side", "up")]).encode()
    done = await home.command("assess", "-", "--json", stdin=impossible)
    assert (done.status, done.out) == (2, "")
    assert done.err == "[1].pools[0].positions[0].side: it must be one of long, short, not 'up'\n"


async def test_assess_of_a_file_that_is_not_there_says_so(home: House) -> None:
    done = await home.command("assess", "nowhere.json")
    assert (done.status, done.err) == (2, "nowhere.json: cannot be read: No such file or directory\n")


async def test_check_looks_at_everything_and_is_content(home: House) -> None:
    done = await home.command("check", "--config", str(home.config))
    assert (done.status, done.has_traceback) == (0, False)
    for subject in ("configuration", "state", "http", "account main", "account hodl", "account treasury"):
        assert f"{subject}: " in done.out


async def test_check_says_what_is_wrong_and_what_to_do(home: House) -> None:
    home.exchanges.venues["deribit"].misbehave(Fault.REFUSED)
    with socket.create_server(("127.0.0.1", home.port)):
        home.write(mqtt={"host": "127.0.0.1", "port": 1}, state={"path": str(home.folder / "nowhere" / "state.db")})
        done = await home.command("check", "--config", str(home.config))
    assert done.status == 1
    wrong = [line for line in done.out.splitlines() if line.startswith("wrong")]
    assert any("set http.listen to another address" in line for line in wrong)
    assert any("mqtt: MQTT: nothing listens at 127.0.0.1:1: start the broker" in line for line in wrong)
    assert any("create it, or set state.path" in line for line in wrong)
    assert any("account treasury" in line for line in wrong)


async def test_check_says_why_an_address_cannot_be_had() -> None:
    account = {"exchange": "bybit", "api_key": "key", "api_secret": "secret"}
    listen = {"listen": "192.0.2.1:9643", "token": "a-token-that-is-long-enough"}
    line = await checkup._port(build("a test", {"accounts": {"main": account}, "http": listen}, {}))
    assert line.text.startswith("cannot listen on 192.0.2.1:9643: this machine does not have that address; set http.listen")


async def test_another_program_at_the_address_is_not_taken_for_the_daemon(home: House) -> None:
    async with TestServer(web.Application(), host="127.0.0.1", port=home.port):
        checked = await home.command("check", "--config", str(home.config))
        assert checked.status == 1
        assert f"wrong    http: cannot listen on 127.0.0.1:{home.port}: " in checked.out
        for word, status in (("status", 3), ("alerts", 1), ("health", 1)):
            done = await home.command(word, "--config", str(home.config))
            assert (done.status, done.out) == (status, "")
            assert done.err.endswith(" is not inverse-monitor: correct http.listen, or stop it\n")


async def test_a_state_path_that_is_a_folder_is_wrong(home: House) -> None:
    home.write(state={"path": str(home.folder)})
    done = await home.command("check", "--offline", "--config", str(home.config))
    assert done.status == 1
    assert f"wrong    state: {home.folder} is a folder: name a file in it with state.path\n" in done.out


@pytest.mark.parametrize(
    ("sections", "silent"),
    [
        ({}, 1),
        ({"mqtt": {"host": "localhost"}}, 0),
        ({"push": {"phone": {"url": "ntfys://ntfy.sh/t", "min_level": "critical"}}}, 0),
    ],
)
async def test_where_no_alert_would_reach_anybody_that_is_said(home: House, sections: dict[str, Any], silent: int) -> None:
    home.write(**sections)
    done = await home.command("check", "--offline", "--config", str(home.config))
    assert done.status == 0
    assert done.out.count("warning  channels: nobody is told of an alert: configure mqtt or push") == silent


async def test_check_offline_asks_nobody(home: House) -> None:
    done = await home.command("check", "--offline", "--config", str(home.config))
    assert done.status == 0
    assert not home.exchanges.venues["bybit"].requests


async def test_a_key_that_may_do_more_than_read_is_told(home: House) -> None:
    for venue in home.exchanges.venues.values():
        for key, resident in venue.residents.items():
            venue.residents[key] = type(resident)(
                api_key=resident.api_key,
                api_secret=resident.api_secret,
                portfolio=resident.portfolio,
                may_trade=True,
                may_withdraw=True,
            )
    done = await home.command("check", "--config", str(home.config))
    assert done.status == 1
    assert done.out.count("the key may withdraw: replace it by one that may only read") == 3


async def test_config_show_hides_every_secret(home: House) -> None:
    done = await home.command("config", "show", "--config", str(home.config))
    assert done.status == 0
    assert "demo-main-key" not in done.out
    assert "**********" in done.out


async def test_config_schema_is_the_one_that_is_shipped(home: House) -> None:
    done = await home.command("config", "schema")
    assert done.json() == SHIPPED_SCHEMA


async def test_without_a_daemon_health_is_1_and_status_is_unknown(home: House) -> None:
    health, status = [await home.command(word, "--config", str(home.config)) for word in ("health", "status")]
    assert (health.status, status.status) == (1, 3)
    for done in (health, status):
        assert f"no daemon answers at {home.url}" in done.err
        assert not done.has_traceback


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("config", "--help")])
async def test_help_and_version_are_answers(home: House, words: tuple[str, ...]) -> None:
    done = await home.command(*words)
    assert (done.status, done.err) == (0, "")
    assert done.out


async def test_no_command_is_bad_usage_and_shows_the_help(home: House) -> None:
    done = await home.command()
    assert done.status == 2
    assert "Commands" in done.out + done.err


async def test_an_unknown_command_is_bad_usage(home: House) -> None:
    done = await home.command("rum")
    assert (done.status, done.has_traceback) == (2, False)


async def test_a_readable_file_with_secrets_is_a_warning_on_standard_error(home: House) -> None:
    home.config.chmod(0o644)
    done = await home.command("config", "show", "--config", str(home.config))
    assert done.status == 0
    assert "chmod 600" in done.err


async def test_what_if_shows_the_figures_after_changes(home: House) -> None:
    snapshot = json.dumps(SNAPSHOT).encode()
    words = ("what-if", "-", "--json", "--shock", "-20%", "--add", "BTC=50", "--close", "BTC/USD:BTC=20000")
    done = await home.command(*words, stdin=snapshot)
    (pool,) = done.json()["pools"]
    assert pool["mark_price"] == pytest.approx(36_000.4)
    # 80,000 contracts are left; what was closed at 45,000.5 realised a hair; 50 coins came in
    assert pool["positions"][0]["contracts"] == 80_000
    assert pool["wallet_balance"] == pytest.approx(101 + 50 + 2_000_000 * (1 / 45_000 - 1 / 45_000.5))
    whole = await home.command("what-if", "-", "--json", "--price", "BTC=60000", stdin=b"[" + snapshot + b"]")
    assert whole.json()["accounts"][0]["pools"][0]["mark_price"] == 60_000


async def test_what_if_polls_where_no_file_is_given(home: House) -> None:
    done = await home.command("what-if", "--shock", "BTC=-10%", "--json", "--config", str(home.config))
    assert (done.status, [a["account"] for a in done.json()["accounts"]]) == (0, ["main", "hodl", "treasury"])
    home.exchanges.venues["deribit"].misbehave(Fault.HTML)
    done = await home.command("what-if", "--config", str(home.config), "--account", "treasury")
    assert (done.status, done.has_traceback) == (1, False)
    assert "treasury is left out" in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--add", "DOGE=1"), "main has no pool of DOGE to add DOGE to"),
        (("--close", "BTC/USD:BTC=999999"), "main holds 100000 contracts of BTC/USD:BTC, of which 999999 cannot be closed"),
        (("--shock", "30"), "--shock 30: write 30%, or a ratio such as 0.3"),
        (("--shock", "BTC=-5"), "--shock BTC=-5: write -5%, or a ratio such as 0.3"),
        (("--account", "other"), "what-if: --account is for a poll: leave out the file, or --account"),
        (("--shock", "down"), "--shock: a number is needed, not 'down'"),
        (("--add", "BTC"), "--add BTC: NAME=NUMBER is needed, such as BTC=0.5"),
    ],
)
async def test_what_cannot_be_changed_is_said(home: House, words: tuple[str, ...], message: str) -> None:
    done = await home.command("what-if", "-", *words, stdin=json.dumps(SNAPSHOT).encode())
    assert (done.status, done.err) == (2, f"{message}\n")


async def test_a_support_bundle_holds_what_a_bug_report_needs_and_no_secret(home: House) -> None:
    done = await home.command("support-bundle", "--config", str(home.config), "--output", str(home.folder / "b.zip"))
    assert (done.status, done.out) == (0, f"{home.folder / 'b.zip'}: read it before you send it\n")
    assert (home.folder / "b.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(home.folder / "b.zip") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"README.txt", "versions.json", "config.yaml", "check.txt", "journal.txt"} <= parts.keys()
    assert json.loads(parts["versions.json"])["ccxt"]
    assert "account main" in parts["check.txt"]
    answers = {name.partition("/")[2].partition("/")[0] for name in parts if name.startswith("answers/")}
    assert answers == {"main", "hodl", "treasury"}
    assert "300000" in "".join(text for name, text in parts.items() if name.startswith("answers/hodl"))
    assert not any(word in text for text in parts.values() for word in ("-secret", "demo-hodl-key"))


async def test_a_masked_bundle_shows_no_figure_and_is_not_written_twice(home: House) -> None:
    words = ("support-bundle", "--mask", "--config", str(home.config), "--output", str(home.folder / "b.zip"))
    assert (await home.command(*words)).status == 0
    with zipfile.ZipFile(home.folder / "b.zip") as archive:
        held = "".join(archive.read(name).decode() for name in archive.namelist() if name.startswith("answers/hodl"))
    assert "300000" not in held
    assert "100000" in held
    again = await home.command(*words)
    assert (again.status, again.err) == (1, f"{home.folder / 'b.zip'} cannot be written: File exists\n")


async def test_commands_reach_a_running_daemon(home: House) -> None:
    home.write(http={"listen": f"127.0.0.1:{home.port}", "token": "a-token-for-these-tests"})
    home.second = WARNED
    async with home.daemon() as daemon:
        said = await daemon.until(lambda said: firing(said) == {"hodl liquidation_distance": "warning"})
        config = ("--config", str(home.config))
        listed = await home.command("alerts", *config)
        (alert,) = (a for a in said["alerts"] if a["account"] == "hodl")
        assert (listed.status, alert["id"] in listed.out) == (0, True)
        acked = await home.command("ack", alert["id"], *config)
        assert (acked.status, acked.out.startswith("acknowledged: BTC: ")) == (0, True)
        silenced = await home.command("silence", "account=hodl,rule=margin_ratio", "--for", "2h", *config)
        assert silenced.out.startswith("silenced account=hodl,rule=margin_ratio for 2 h")
        identity = silenced.out.split()[-1]
        assert f"silence {identity}" in (await home.command("alerts", *config)).out
        assert (await home.command("unsilence", identity, *config)).status == 0
        for wrong in (("ack", "nothing"), ("unsilence", identity)):
            refused = await home.command(*wrong, *config)
            assert (refused.status, refused.has_traceback) == (1, False)
        assert (await home.command("silence", "colour=red", "--for", "2h", *config)).status == 2
        assert "no channel is configured" in (await home.command("test-alert", *config)).err
    journal = "\n".join(last_lines(home.folder / "state.db", 100))
    assert "fired warning  hodl/liquidation_distance/BTC" in journal
    assert f"ack  alert {alert['id']}" in journal


async def test_without_a_daemon_a_command_says_so(home: House) -> None:
    done = await home.command("ack", "a1", "--config", str(home.config))
    assert (done.status, done.has_traceback) == (1, False)
    assert "start it with `inverse-monitor run`" in done.err
