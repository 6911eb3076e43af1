"""What is configured in the right form and cannot be used: `check` finds it offline, `run` refuses it with status 2."""

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.channels.fakes import until
from tests.daemon.house import House, firing_across
from tests.programs import need

BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""As for users: what is printed reaches the output when the program ends, if not before."""


def certificate(folder: Path, name: str, *by: str) -> tuple[Path, Path]:
    """A certificate and its key; *by*: options of openssl that name who signs it, else it vouches for itself."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key), "-out", str(cert))
    subprocess.run([need("openssl"), "req", "-x509", *new, "-subj", f"/CN={name}", *by], check=True, capture_output=True)
    return cert, key


def listening(home: House, cert: Path, key: Path) -> dict[str, object]:
    return {"listen": f"127.0.0.1:{home.port}", "tls": {"cert": str(cert), "key": str(key)}}


async def test_a_file_of_tls_that_is_not_there_is_named(home: House) -> None:
    gone = home.folder / "gone.pem"
    home.write(http=listening(home, gone, gone), mqtt={"host": "127.0.0.1", "tls": {"ca": str(gone)}})
    remedy = f"{gone} cannot be read (No such file or directory): put the file there, let this user read it, or name another"
    checked = await home.command("check", "--offline", "--config", str(home.config))
    assert checked.status == 1
    assert f"wrong    http: http.tls.cert: {remedy}\n" in checked.out
    assert f"wrong    mqtt: mqtt.tls.ca: {remedy}\n" in checked.out
    done = await home.command("run", "--config", str(home.config))
    assert (done.status, done.out, done.err) == (2, "", f"http.tls.cert: {remedy}\nmqtt.tls.ca: {remedy}\n")
    for word, status in (("health", 2), ("status", 3)):
        done = await home.command(word, "--config", str(home.config))
        assert (done.status, done.out, done.err) == (status, "", f"http.tls.cert: {remedy}\n")


async def test_a_certificate_and_the_key_of_another_are_told_apart_from_what_is_none(home: House) -> None:
    cert, key = certificate(home.folder, "ours")
    _, other = certificate(home.folder, "other")
    for first, second, why in ((cert, other, "do not belong together"), (key, cert, "are not a certificate and a key")):
        home.write(http=listening(home, first, second))
        done = await home.command("run", "--config", str(home.config))
        assert (done.status, done.has_traceback) == (2, False)
        assert f"http.tls: {first} and {second} {why}" in done.err
        assert "_ssl.c" not in done.err


async def test_a_daemon_is_known_by_its_certificate_whoever_has_signed_it(home: House) -> None:
    signer, by = certificate(home.folder, "authority")
    home.write(http=listening(home, *certificate(home.folder, "leaf", "-CA", str(signer), "-CAkey", str(by))))
    async with home.daemon() as daemon:
        await until(lambda: any("listening on" in line for line in daemon.log))
        done = await home.command("health", "--config", str(home.config))
    assert (done.status, done.out, done.err) == (0, "alive\n", "")


async def test_an_account_that_cannot_be_opened_is_found_without_asking_anybody(home: House) -> None:
    account = {"exchange": "okx", "api_key": "k", "api_secret": "s"}
    home.write(accounts={"first": account, "second": {"exchange": "bybit", "api_key": "k", "api_secret": "s"}})
    fault = "accounts.first: api_password is missing: a key of okx has a passphrase, chosen when it was made"
    checked = await home.command("check", "--offline", "--config", str(home.config))
    assert checked.status == 1
    assert checked.out.splitlines()[-1] == f"wrong    account first: {fault}"
    done = await home.command("run", "--config", str(home.config))
    assert (done.status, done.err) == (2, f"{fault}\n")


async def test_all_that_cannot_be_used_is_named_at_once_by_run_as_by_check(home: House) -> None:
    first, gone = {"exchange": "okx", "api_key": "k", "api_secret": "s"}, home.folder / "gone.pem"
    second = {"exchange": "bybit", "api_key": "k", "api_secret": "s", "ccxt": {"urls": "nowhere"}}
    home.write(
        accounts={"first": first, "second": second},
        push={"phone": {"url": "nowhere://a"}, "desk": {"url": "nowhere://b"}},
        http=listening(home, gone, gone),
    )
    checked = await home.command("check", "--offline", "--config", str(home.config))
    wrong = [line.split(": ", 1)[1] for line in checked.out.splitlines() if line.startswith("wrong")]
    assert len(wrong) == 5
    done = await home.command("run", "--config", str(home.config))
    assert (done.status, done.err.splitlines()) == (2, wrong)


async def test_a_state_path_that_names_the_configuration_loses_nothing_and_is_told(home: House) -> None:
    home.write(state={"path": str(home.config)})
    before = home.config.read_bytes()
    checked = await home.command("check", "--offline", "--config", str(home.config))
    assert (checked.status, f"wrong    state: {home.config} cannot be used, it is a file of" in checked.out) == (1, True)
    async with home.daemon() as daemon:
        said = await daemon.until(lambda said: firing_across(said).get("store") == "critical")
    assert "it is a file of something else" in said["store_fault"]
    assert home.config.read_bytes() == before


@pytest.mark.parametrize("settings", [{"urls": "SECRET"}, {"options": "SECRET"}, {"timeout": 5, "rateLimit": "SECRET"}])
async def test_settings_of_ccxt_in_another_form_are_a_sentence(home: House, settings: dict[str, object]) -> None:
    home.write(accounts={"main": {"exchange": "bybit", "api_key": "k", "api_secret": "s", "ccxt": settings}})
    done = await home.command("run", "--config", str(home.config))
    assert (done.status, done.has_traceback, "SECRET" in done.err) == (2, False, False)
    assert done.err.startswith("accounts.main: ccxt: these settings cannot be used (")


async def test_a_bundle_is_made_although_an_account_cannot_be_opened(home: House) -> None:
    home.write(accounts={"first": {"exchange": "okx", "api_key": "k", "api_secret": "s"}})
    path = home.folder / "b.zip"
    assert (await home.command("support-bundle", "--config", str(home.config), "--output", str(path))).status == 0
    with zipfile.ZipFile(path) as archive:
        assert "api_password is missing" in json.loads(archive.read("answers/first/fault.json"))["fault"]


@pytest.mark.parametrize(("words", "status"), [(("config", "schema"), 1), (("--version",), 1), (("once",), 3)])
async def test_an_answer_that_nobody_can_take_is_a_sentence(home: House, words: tuple[str, ...], status: int) -> None:
    named = ("--config", str(home.config)) if words == ("once",) else ()
    command = (sys.executable, "-m", "monitor", *words, *named)
    full = os.open("/dev/full", os.O_WRONLY)
    process = await asyncio.create_subprocess_exec(*command, stdout=full, stderr=asyncio.subprocess.PIPE, env=BUFFERED)
    os.close(full)
    _, err = await process.communicate()
    assert (process.returncode, err.decode()) == (status, "the answer cannot be written: the disk is full\n")
