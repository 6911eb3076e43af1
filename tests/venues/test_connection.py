"""Which way requests take: hosts, proxies, TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from monitor.ports import VenueUnavailable
from monitor.venues import Venues
from tests.venues.loopback import Loopback
from tests.venues.scene import Scene
from tests.venues.scenes import SCENES


@pytest.fixture
async def stranger(tmp_path: Path) -> AsyncIterator[str]:
    """A TLS server whose certificate nobody trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both = tmp_path / "server.pem"
    both.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_certificate_that_nobody_trusts_is_not_talked_to(venues: Venues, scene: Scene, stranger: str) -> None:
    with pytest.raises(VenueUnavailable, match="certificate that is not trusted"):
        await venues.open(scene.access(stranger)).look()


async def test_requests_go_through_the_proxy_that_is_configured(venues: Venues, scene: Scene, loopback: Loopback) -> None:
    access = scene.access("http://127.0.0.1:9")
    through = scene.access("", options={**access.options, "httpProxy": loopback.origin})
    assert len((await venues.open(through).look()).positions) == 1


async def test_a_budget_belongs_to_a_venue_and_a_way_out(venues: Venues, scene: Scene) -> None:
    access = scene.access("http://127.0.0.1:9")
    for extra in ({}, {"timeout": 1}, {"httpProxy": "http://127.0.0.1:1"}, {"httpProxy": "http://127.0.0.1:1", "timeout": 2}):
        venues.open(scene.access("", options={**access.options, **extra}))
    assert (len(venues._gates), len(venues._connections)) == (2, 4)


async def test_a_hostname_leads_to_the_venues_other_name(venues: Venues) -> None:
    venues.open(SCENES["bybit"].access("", options={"hostname": "bytick.com"}))
    (connection,) = venues._connections.values()
    assert connection._exchange.permit.origins == {"https://api.bytick.com"}
