"""The manifests as `kubectl kustomize` renders them, and what they say about each other."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tests.deploy.tree import DEPLOY
from tests.programs import need

Object = dict[str, Any]
POD_FIELDS = {"volumes", "containers"}


@dataclass(frozen=True)
class Cluster:
    """All objects of one overlay."""

    objects: tuple[Object, ...]

    def all(self, kind: str) -> list[Object]:
        return [each for each in self.objects if each["kind"] == kind]

    def get(self, kind: str, name: str) -> Object:
        [found] = [each for each in self.all(kind) if each["metadata"]["name"] == name]
        return found

    def daemons(self) -> list["Daemon"]:
        return [Daemon(self, each) for each in self.all("StatefulSet")]

    def selected(self, selector: Mapping[str, str], kind: str = "StatefulSet") -> list[str]:
        """Names of the daemons (or other objects) whose pods (or own labels) a selector takes."""
        return [each["metadata"]["name"] for each in self.all(kind) if selector.items() <= _labels(each).items()]


@dataclass(frozen=True)
class Daemon:
    """One daemon: its StatefulSet, and what that mounts."""

    cluster: Cluster
    set: Object

    @property
    def name(self) -> str:
        return str(self.set["metadata"]["name"])

    @property
    def pod(self) -> Object:
        return dict(self.set["spec"]["template"]["spec"])

    @property
    def container(self) -> Object:
        [only] = self.pod["containers"]
        return dict(only)

    @property
    def config(self) -> str:
        """The text of its configuration file."""
        [name] = [volume["configMap"]["name"] for volume in self.pod["volumes"] if "configMap" in volume]
        return str(self.cluster.get("ConfigMap", name)["data"]["config.yaml"])

    @property
    def secrets(self) -> dict[str, str]:
        [name] = [volume["secret"]["secretName"] for volume in self.pod["volumes"] if "secret" in volume]
        return dict(self.cluster.get("Secret", name)["stringData"])

    def volume_names(self) -> list[str]:
        claims = [claim["metadata"]["name"] for claim in self.set["spec"]["volumeClaimTemplates"]]
        return [*claims, *(volume["name"] for volume in self.pod["volumes"])]

    def mount(self, name: str) -> str:
        [path] = [mount["mountPath"] for mount in self.container["volumeMounts"] if mount["name"] == name]
        return str(path)

    def ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for port in self.container["ports"]}

    def probes(self) -> Iterator[tuple[str, Object]]:
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            yield kind, self.container[kind]["httpGet"]


def rendered(overlay: str) -> Cluster:
    words = (need("kubectl"), "kustomize", str(DEPLOY / "kubernetes" / overlay))
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return Cluster(tuple(yaml.safe_load_all(done.stdout)))


def _labels(each: Object) -> Mapping[str, str]:
    of = each["spec"]["template"] if each["kind"] == "StatefulSet" else each
    return dict(of["metadata"]["labels"])
