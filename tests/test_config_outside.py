"""Environment variables and secret files over the file."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.config import load, secret_folders
from monitor.config.mistakes import ConfigError
from monitor.config.settings import Config

FILE = """\
accounts:
  main: {exchange: bybit, api_key: of-file, api_secret: of-file}
  cold-1: {exchange: bybit, ccxt: {httpsProxy: x}}
holdings: {cold-wallet: {BTC: 1}}
mqtt: {host: of-file, username: of-file}
"""
P = "INVERSE_MONITOR_"
COLD = {f"{P}ACCOUNTS__COLD_1__API_KEY": "k", f"{P}ACCOUNTS__COLD_1__API_SECRET": "s"}


def read(folder: Path, environ: Mapping[str, str], *secrets: Path, file: str = FILE) -> Config:
    path = folder / "config.yaml"
    path.write_text(file)
    return load(path, COLD | dict(environ), secrets=secrets)


def problems(folder: Path, environ: Mapping[str, str], *secrets: Path, file: str = FILE) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(folder, environ, *secrets, file=file)
    return caught.value.problems


def secret(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{P}{name}").write_bytes(content)
    return folder


def test_environment_wins_over_secret_files_and_these_over_the_file(tmp_path: Path) -> None:
    folder = secret(tmp_path / "s", "MQTT__HOST", b"of-secret\n")
    secret(folder, "MQTT__PASSWORD", b"of-secret\n")
    secret(folder, "HTTP__TOKEN", b"of-secret")

    config = read(tmp_path, {f"{P}MQTT__HOST": "of-environment", f"{P}TIME_ZONE": "UTC"}, folder)

    assert config.mqtt is not None
    assert config.mqtt.password is not None
    assert config.http.token is not None
    assert (config.mqtt.host, config.mqtt.username) == ("of-environment", "of-file")
    assert (config.mqtt.password.get_secret_value(), config.http.token.get_secret_value()) == ("of-secret", "of-secret")


def test_of_two_folders_the_first_counts(tmp_path: Path) -> None:
    first, second = secret(tmp_path / "a", "MQTT__HOST", b"one"), secret(tmp_path / "b", "MQTT__HOST", b"two")

    config = read(tmp_path, {}, first, second, tmp_path / "missing")

    assert config.mqtt is not None
    assert config.mqtt.host == "one"


def test_the_folders_are_those_of_systemd_and_of_containers() -> None:
    assert secret_folders({}) == (Path("/run/secrets"),)
    assert secret_folders({"CREDENTIALS_DIRECTORY": "/run/credentials/x"}) == (Path("/run/credentials/x"), Path("/run/secrets"))


@pytest.mark.parametrize("content", [b"value", b"value\n", b"value\r\n", b"value\n\n"])
def test_the_end_of_a_secret_file_does_not_matter(tmp_path: Path, content: bytes) -> None:
    config = read(tmp_path, {}, secret(tmp_path / "s", "ACCOUNTS__MAIN__API_SECRET", content))

    assert config.accounts["main"].api_secret.get_secret_value() == "value"


def test_a_key_of_several_lines_keeps_them(tmp_path: Path) -> None:
    config = read(tmp_path, {}, secret(tmp_path / "s", "ACCOUNTS__MAIN__API_SECRET", b"-----BEGIN\nabc\n-----END\n"))

    assert config.accounts["main"].api_secret.get_secret_value() == "-----BEGIN\nabc\n-----END"


def test_names_are_found_whatever_their_case_and_with_hyphens_written_as_underscores(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        {
            "inverse_monitor_accounts__cold_1__exchange": "deribit",
            f"{P}HOLDINGS__COLD_WALLET__BTC": "2.5",
            f"{P}ACCOUNTS__COLD_1__CCXT__HTTPSPROXY": "http://u:p@proxy:1",
            f"{P}ALERTS__STALE__FOR": "1m",
        },
    )

    assert config.accounts["cold-1"].exchange == "deribit"
    assert str(config.holdings["cold-wallet"]["BTC"]) == "2.5"
    assert config.accounts["cold-1"].ccxt == {"httpsProxy": "http://u:p@proxy:1"}
    assert config.alerts.stale.lasting.total_seconds() == 60


def test_sections_and_lists_are_written_as_in_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, {f"{P}ACCOUNTS__MAIN__COINS": "[BTC, ETH]", f"{P}MQTT": "{port: 1, commands: {enabled: false}}"})

    assert config.mqtt is not None
    assert config.accounts["main"].coins == ("BTC", "ETH")
    assert (config.mqtt.host, config.mqtt.port) == ("of-file", 1)


def test_a_section_and_a_key_of_it_add_up_but_do_not_contradict(tmp_path: Path) -> None:
    config = read(tmp_path, {f"{P}MQTT": "{host: a}", "inverse_monitor_mqtt__port": "2"})

    assert config.mqtt is not None
    assert (config.mqtt.host, config.mqtt.port) == ("a", 2)
    assert read(tmp_path, {f"{P}PRIVACY": "null", f"{P}PRIVACY__HIDE_SIZES": "true"}).privacy.hide_sizes
    assert problems(tmp_path, {f"{P}MQTT": "{port: 1}", f"{P}MQTT__PORT": "2"}) == (
        f"{P}MQTT__PORT: sets the same as {P}MQTT:1:8: keep one",
    )


def test_text_is_taken_as_it_is(tmp_path: Path) -> None:
    config = read(tmp_path, {f"{P}MQTT__USERNAME": "true", f"{P}MQTT__PASSWORD": "{a: #b"})

    assert config.mqtt is not None
    assert config.mqtt.password is not None
    assert (config.mqtt.username, config.mqtt.password.get_secret_value()) == ("true", "{a: #b")


def test_variables_of_others_do_not_matter(tmp_path: Path) -> None:
    kubernetes = {
        f"{P}SERVICE_HOST": "10.0.0.1",
        f"{P}SERVICE_PORT": "9643",
        f"{P}SERVICE_PORT_HTTP": "9643",
        f"{P}PORT": "tcp://10.0.0.1:9643",
        f"{P}PORT_9643_TCP": "tcp://10.0.0.1:9643",
        f"{P}PORT_9643_TCP_ADDR": "10.0.0.1",
    }

    assert read(tmp_path, {**kubernetes, "PATH": "/bin", "INVERSE": "x"}) == read(tmp_path, {})


NO_ENTRY = "the configuration file has no '{}' in '{}', and a variable does not make one"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        (
            "ACCOUNTS__MIAN__API_KEY",
            "k",
            NO_ENTRY.format("mian", "accounts") + " - did you mean 'INVERSE_MONITOR_ACCOUNTS__MAIN__API_KEY'?",
        ),
        (
            "ACCOUNTS__OTHER__API_KEY",
            "k",
            NO_ENTRY.format("other", "accounts"),
        ),
        ("PUSH__PHONE__URL", "a://b", NO_ENTRY.format("phone", "push")),
        ("HTPP__TOKEN", "t", "no setting has this name - did you mean 'INVERSE_MONITOR_HTTP__TOKEN'?"),
        ("MQTT_PORT", "1", "no setting has this name - did you mean 'INVERSE_MONITOR_MQTT__PORT'?"),
        ("ACCOUNTS_MAIN_API_KEY", "k", "no setting has this name - did you mean 'INVERSE_MONITOR_ACCOUNTS__MAIN__API_KEY'?"),
        ("MQTT__HOST__X", "1", "no setting has this name - did you mean 'INVERSE_MONITOR_MQTT__HOST'?"),
        ("", "1", "no setting has this name"),
        ("ACCOUNTS", "{a: {}}", "cannot be set whole: the file names the entries, a variable sets a key of one"),
        ("PUSH", "{}", "cannot be set whole: the file names the entries, a variable sets a key of one"),
        ("MQTT__PORT", "", "is empty: give it a value or remove it"),
        ("MQTT__PORT", "tcp", "mqtt.port: must be a port: a whole number from 1 to 65535"),
        ("MQTT__USERNAME", "\udcff", "is not UTF-8 text"),
        ("POLL_INTERVAL", "1s", "poll_interval: must be 2s at least"),
        ("MQTT__TLS", "{cert: a}", "mqtt.tls.key: cert and key go together: give both or neither"),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(tmp_path: Path, name: str, value: str, problem: str) -> None:
    (said,) = problems(tmp_path, {P + name: value})

    assert said.replace(f"{P}{name}:1:1: ", f"{P}{name}: ") == f"{P}{name}: {problem}"


def test_a_mistake_inside_a_variable_has_its_column(tmp_path: Path) -> None:
    assert problems(tmp_path, {f"{P}MQTT": "{port: x}", f"{P}HTTP": "{listen: 1"}) == (
        f"{P}MQTT:1:8: mqtt.port: must be a port: a whole number from 1 to 65535",
        f"{P}HTTP:1:11: a comma or a closing bracket is missing",
    )
    assert problems(tmp_path, {f"{P}MQTT": "{port: !x 1}"}) == (
        f"{P}MQTT:1:8: tags (!name) are not supported: put the value in quotes if it begins with !",
    )


def test_one_setting_is_given_once(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, {f"{P}TIME_ZONE": "UTC", "inverse_monitor_time_zone": "UTC"})

    assert said == f"inverse_monitor_time_zone: sets the same as {P}TIME_ZONE: keep one"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty: give it a value or remove it"),
        (b"\n \n", "is empty: give it a value or remove it"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"a\0b", "is not UTF-8 text"),
    ],
)
def test_a_mistake_in_a_secret_file_names_the_file(tmp_path: Path, content: bytes, problem: str) -> None:
    folder = secret(tmp_path / "s", "MQTT__PASSWORD", content)

    assert problems(tmp_path, {}, folder) == (f"{folder}/{P}MQTT__PASSWORD: {problem}",)


def test_a_wrong_value_in_a_secret_file_names_the_file(tmp_path: Path) -> None:
    folder = secret(tmp_path / "s", "HTTP__TOKEN", b"two words")

    assert problems(tmp_path, {}, folder) == (
        f"{folder}/{P}HTTP__TOKEN: http.token: must be of printable ASCII characters without spaces",
    )


def test_a_secret_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    name = f"{P}MQTT__PASSWORD"
    (folder / name).symlink_to(name)
    (folder / "of-another-program").write_bytes(b"\xff")
    (folder / f"{P}FOLDER").mkdir()

    assert problems(tmp_path, {}, folder) == (
        f"{folder}/{name}: cannot be read (Too many levels of symbolic links): let the user that runs this read it",
    )


def test_a_secret_folder_that_cannot_be_listed_says_what_to_do(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")

    assert problems(tmp_path, {}, loop) == (
        f"{loop}: cannot be listed (Too many levels of symbolic links): let the user that runs this read it",
    )


def test_mistakes_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    folder = secret(tmp_path / "s", "HTTP__TOKEN", b"")
    said = problems(tmp_path, {f"{P}X": "1"}, folder, file=FILE + "tme_zone: UTC\n")

    assert said == (
        f"{tmp_path}/config.yaml:6:1: tme_zone: there is no such key - did you mean 'time_zone'?",
        f"{folder}/{P}HTTP__TOKEN: is empty: give it a value or remove it",
        f"{P}X: no setting has this name",
    )
