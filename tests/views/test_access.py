import base64

import pytest

from monitor.views.access import FOREIGN_HOST, FOREIGN_ORIGIN, NO_TOKEN, WRONG_TOKEN, Asked, Refusal, refusal
from monitor.views.board import HttpSettings
from tests.views.boards import TOKEN

LOOPBACK, REMOTE = HttpSettings(token=TOKEN), HttpSettings(token=TOKEN, is_loopback=False)
HOST, ELSEWHERE = ("127.0.0.1:9643",), ("monitor.example:9643",)
BEARER = f"Bearer {TOKEN}"


def basic(password: str, user: str = "anyone") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def get(path: str = "/metrics", hosts: tuple[str, ...] = HOST, authorization: str | None = None) -> Asked:
    return Asked(method="GET", path=path, hosts=hosts, authorization=authorization)


def post(
    hosts: tuple[str, ...] = HOST, authorization: str | None = BEARER, origin: str | None = None, fetch_site: str | None = None
) -> Asked:
    return Asked(
        method="POST", path="/api/alerts", hosts=hosts, authorization=authorization, origin=origin, fetch_site=fetch_site
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9643", "localhost", "LocalHost:1", "[::1]:9643"])
def test_on_loopback_reads_are_open_to_those_who_call_it_by_its_name(host: str) -> None:
    assert refusal(get(hosts=(host,)), LOOPBACK) is None


@pytest.mark.parametrize(
    "hosts", [(), ("",), ("evil.example",), ("127.0.0.1.evil.example",), ("[",), ("localhost", "evil.example"), ("a@b:c",)]
)
def test_on_loopback_a_foreign_host_is_refused_with_or_without_a_token(hosts: tuple[str, ...]) -> None:
    assert refusal(get(hosts=hosts), LOOPBACK) is FOREIGN_HOST
    assert refusal(get(hosts=hosts, authorization=BEARER), LOOPBACK) is FOREIGN_HOST
    assert refusal(post(hosts=hosts), LOOPBACK) is FOREIGN_HOST


@pytest.mark.parametrize("authorization", [BEARER, f"bearer  {TOKEN}", basic(TOKEN), basic(TOKEN, user="")])
def test_elsewhere_reads_are_open_to_those_who_have_the_token(authorization: str) -> None:
    assert refusal(get(hosts=ELSEWHERE, authorization=authorization), REMOTE) is None


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        f"Digest {TOKEN}",
        TOKEN,
        basic("wrong"),
        "Basic ?",
        "Basic é",
        "Basic \udcff",
        "Basic /w==",
        "Bearer \udcff",
        "Bearer é",
    ],
)
def test_elsewhere_a_missing_or_wrong_token_is_refused(authorization: str | None) -> None:
    assert refusal(get(hosts=ELSEWHERE, authorization=authorization), REMOTE) is WRONG_TOKEN
    assert refusal(post(hosts=ELSEWHERE, authorization=authorization), REMOTE) is WRONG_TOKEN


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_open_everywhere(path: str) -> None:
    assert refusal(get(path, ELSEWHERE), REMOTE) is None


def test_elsewhere_without_a_token_reads_are_open_because_the_configuration_insists() -> None:
    assert refusal(get(hosts=ELSEWHERE), HttpSettings(is_loopback=False)) is None


@pytest.mark.parametrize("settings", [HttpSettings(), HttpSettings(is_loopback=False)])
def test_without_a_token_nothing_can_be_changed_and_the_key_to_set_is_named(settings: HttpSettings) -> None:
    assert refusal(post(), settings) is NO_TOKEN
    assert "http.token" in NO_TOKEN.reason


@pytest.mark.parametrize(
    ("origin", "fetch_site", "refused"),
    [
        (None, None, None),
        ("http://127.0.0.1:9643", "same-origin", None),
        ("https://127.0.0.1:9643", None, None),
        ("http://127.0.0.1:9999", None, FOREIGN_ORIGIN),
        ("http://evil.example", None, FOREIGN_ORIGIN),
        ("null", None, FOREIGN_ORIGIN),
        ("", None, FOREIGN_ORIGIN),
        (None, "cross-site", FOREIGN_ORIGIN),
        (None, "same-site", FOREIGN_ORIGIN),
    ],
)
@pytest.mark.parametrize("settings", [LOOPBACK, REMOTE])
def test_a_change_from_a_page_of_another_site_is_refused_though_it_has_the_token(
    origin: str | None, fetch_site: str | None, refused: Refusal | None, settings: HttpSettings
) -> None:
    assert refusal(post(origin=origin, fetch_site=fetch_site), settings) is refused


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_whatever_is_not_a_read_needs_the_token(method: str) -> None:
    assert refusal(Asked(method=method, path="/metrics", hosts=HOST), LOOPBACK) is WRONG_TOKEN


def test_the_token_is_not_in_what_is_printed_of_the_settings() -> None:
    assert TOKEN not in repr(LOOPBACK)
