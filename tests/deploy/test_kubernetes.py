"""The manifests, rendered as kubectl renders them: they fit the schemas, and everything that they name is there."""

from pathlib import Path

import kubernetes_validate
import pytest

from monitor import __version__
from monitor.config import load
from monitor.config.settings import Config
from monitor.venues import GONE, TABLE
from monitor.views.access import OPEN_PATHS
from tests.deploy.cluster import Cluster, Daemon, rendered

VERSIONS = ("1.25", "1.32", "1.37")
"""The oldest that the schemas cover, one between, the newest."""
OF_THE_OPERATOR = {"ServiceMonitor", "PrometheusRule"}
EVERY = {"one": ["monitor"], "several": ["monitor-asia", "monitor-europe"]}


@pytest.fixture(scope="module", params=EVERY)
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def cluster(overlay: str) -> Cluster:
    return rendered(overlay)


@pytest.fixture(scope="module")
def daemons(cluster: Cluster) -> list[Daemon]:
    return cluster.daemons()


def configured(daemon: Daemon, folder: Path) -> Config:
    """What the daemon would make of its mounted files."""
    path, secrets = folder / f"{daemon.name}.yaml", folder / daemon.name
    path.write_text(daemon.config)
    secrets.mkdir()
    for name, value in daemon.secrets.items():
        (secrets / name).write_text(value)
    return load(path, {"CREDENTIALS_DIRECTORY": str(secrets)}, exchanges=tuple(TABLE), gone=GONE)


def test_there_is_one_daemon_for_each_folder(overlay: str, daemons: list[Daemon]) -> None:
    assert [daemon.name for daemon in daemons] == EVERY[overlay]
    assert [daemon.set["spec"]["replicas"] for daemon in daemons] == [1] * len(daemons)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_fits_its_schema(cluster: Cluster, version: str) -> None:
    for each in cluster.objects:
        if each["kind"] not in OF_THE_OPERATOR:
            kubernetes_validate.validate(each, version, strict=True)


def test_a_misspelled_field_would_be_found(cluster: Cluster) -> None:
    wrong = {**cluster.all("PodDisruptionBudget")[0], "specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError, match="specs"):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_everything_is_in_one_name_space_that_is_made(cluster: Cluster) -> None:
    [space] = cluster.all("Namespace")
    assert {each["metadata"].get("namespace") for each in cluster.objects if each is not space} == {space["metadata"]["name"]}
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_daemon_mounts_only_what_there_is_and_all_of_it(daemons: list[Daemon]) -> None:
    for daemon in daemons:
        mounted = [mount["name"] for mount in daemon.container["volumeMounts"]]
        assert sorted(mounted) == sorted(daemon.volume_names())
        assert daemon.config
        assert daemon.secrets


def test_two_daemons_share_no_configuration_and_no_secret(daemons: list[Daemon]) -> None:
    assert len({daemon.config for daemon in daemons}) == len(daemons)
    assert len({str(sorted(daemon.secrets)) for daemon in daemons}) == len(daemons)


def test_a_service_takes_one_daemon(cluster: Cluster, overlay: str) -> None:
    taken = {each["metadata"]["name"]: cluster.selected(each["spec"]["selector"]) for each in cluster.all("Service")}
    assert taken == {name: [name] for name in EVERY[overlay]}


def test_a_network_policy_takes_one_daemon(cluster: Cluster, overlay: str) -> None:
    policies = cluster.all("NetworkPolicy")
    taken = {each["metadata"]["name"]: cluster.selected(each["spec"]["podSelector"]["matchLabels"]) for each in policies}
    assert taken == {name: [name] for name in EVERY[overlay]}


def test_a_stateful_set_owns_its_pods_and_names_its_service(cluster: Cluster, daemons: list[Daemon]) -> None:
    for daemon in daemons:
        assert cluster.selected(daemon.set["spec"]["selector"]["matchLabels"]) == [daemon.name]
        assert cluster.get("Service", daemon.set["spec"]["serviceName"])["spec"]["clusterIP"] == "None"


def test_the_budget_and_the_scrape_take_every_daemon(cluster: Cluster, overlay: str) -> None:
    [budget], [scrape] = cluster.all("PodDisruptionBudget"), cluster.all("ServiceMonitor")
    assert cluster.selected(budget["spec"]["selector"]["matchLabels"]) == EVERY[overlay]
    assert cluster.selected(scrape["spec"]["selector"]["matchLabels"], "Service") == EVERY[overlay]


def test_every_port_that_is_named_is_the_one_that_is_listened_on(cluster: Cluster, daemons: list[Daemon], tmp_path: Path) -> None:
    [scrape] = cluster.all("ServiceMonitor")
    for daemon in daemons:
        ports = daemon.ports()
        service = cluster.get("Service", daemon.name)["spec"]
        policy = cluster.get("NetworkPolicy", daemon.name)["spec"]
        assert ports == {"http": configured(daemon, tmp_path).http.listen.port}
        assert {probe["port"] for _, probe in daemon.probes()} <= ports.keys()
        assert {port["targetPort"] for port in service["ports"]} <= ports.keys()
        assert {port["port"] for rule in policy["ingress"] for port in rule["ports"]} <= ports.keys()
        assert {end["port"] for end in scrape["spec"]["endpoints"]} <= {port["name"] for port in service["ports"]}


def test_the_probes_ask_what_needs_no_token(daemons: list[Daemon]) -> None:
    for daemon in daemons:
        asked = {kind: probe["path"] for kind, probe in daemon.probes()}
        assert asked == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
        assert set(asked.values()) == OPEN_PATHS


def test_a_daemon_is_as_restricted_as_can_be(daemons: list[Daemon]) -> None:
    for daemon in daemons:
        pod, container = daemon.pod["securityContext"], daemon.container["securityContext"]
        assert (pod["runAsNonRoot"], pod["runAsUser"]) == (True, 65532)
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["allowPrivilegeEscalation"] is False
        assert container["readOnlyRootFilesystem"] is True
        assert container["capabilities"] == {"drop": ["ALL"]}
        assert daemon.pod["automountServiceAccountToken"] is False
        assert "memory" in daemon.container["resources"]["limits"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & daemon.pod.keys()


def test_the_files_are_where_the_daemon_looks_for_them(daemons: list[Daemon], tmp_path: Path) -> None:
    for daemon in daemons:
        environ = {each["name"]: each["value"] for each in daemon.container["env"]}
        assert daemon.container["args"] == ["run", "--config", daemon.mount("config")]
        assert environ == {"CREDENTIALS_DIRECTORY": daemon.mount("secrets")}
        assert configured(daemon, tmp_path).state.path.parent == Path(daemon.mount("state"))


def test_no_secret_is_in_a_configuration_and_none_is_missing(daemons: list[Daemon], tmp_path: Path) -> None:
    for daemon in daemons:
        config = configured(daemon, tmp_path)
        assert config.http.token
        assert config.mqtt
        assert config.mqtt.password
        assert not any(word in daemon.config for word in ("api_key", "api_secret", "password", "token"))


def test_daemons_share_no_topic_root_no_user_and_no_account_name(daemons: list[Daemon], tmp_path: Path) -> None:
    configs = [configured(daemon, tmp_path) for daemon in daemons]
    brokers = [config.mqtt for config in configs if config.mqtt]
    accounts = [name for config in configs for name in config.accounts]
    assert len({mqtt.topic_root for mqtt in brokers}) == len({mqtt.username for mqtt in brokers}) == len(daemons)
    assert len(set(accounts)) == len(accounts)


def test_the_scrape_shows_the_token_that_every_daemon_asks_for(cluster: Cluster, daemons: list[Daemon]) -> None:
    [end] = cluster.all("ServiceMonitor")[0]["spec"]["endpoints"]
    named = end["authorization"]["credentials"]
    token = cluster.get("Secret", named["name"])["stringData"][named["key"]]
    assert {daemon.secrets["INVERSE_MONITOR_HTTP__TOKEN"] for daemon in daemons} == {token}


def test_the_network_lets_out_what_is_needed(cluster: Cluster, daemons: list[Daemon], tmp_path: Path) -> None:
    for daemon in daemons:
        policy = cluster.get("NetworkPolicy", daemon.name)["spec"]
        out = {(port["protocol"], port["port"]) for rule in policy["egress"] for port in rule["ports"]}
        mqtt = configured(daemon, tmp_path).mqtt
        assert mqtt
        assert out == {("UDP", 53), ("TCP", 53), ("TCP", 443), ("TCP", mqtt.port)}
        assert policy["policyTypes"] == ["Ingress", "Egress"]


def test_the_image_is_that_of_this_version(daemons: list[Daemon]) -> None:
    assert {daemon.container["image"] for daemon in daemons} == {f"inverse-monitor:{__version__}"}
