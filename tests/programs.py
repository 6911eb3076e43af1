"""Real programs that tests start."""

import os
import shutil

import pytest

PACKAGES = {
    "mosquitto": "mosquitto",
    "mosquitto_passwd": "mosquitto",
    "openssl": "openssl",
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "chromium": "chromium",
    "faketime": "faketime",
    "kubectl": "kubernetes-client",
    "systemd-analyze": "systemd",
}
"""Debian's package of each program."""


def need(name: str) -> str:
    """Return the path of a program; without it the test skips and says how to install it, or fails where CI=true."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found:
        return found
    missing = f"{name} is missing: apt-get install {PACKAGES.get(name, name)}"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
