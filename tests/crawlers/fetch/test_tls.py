import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawlers.fetch import Outcome, Reason
from crawlers.fetch.transport import JudgedTransport
from crawlers.testing import ScriptedSite, answer, fetch_now
from crawlers.testing.fetching import LOOPBACK
from hashstore.digest import Digest


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a museum")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


def transport(certificate: Path) -> JudgedTransport:
    return JudgedTransport(LOOPBACK, 4, ssl.create_default_context(cafile=str(certificate)))


def test_https_is_fetched_over_kept_alive_connections(certificate: Path) -> None:
    body = bytes(range(256)) * 4_000
    with ScriptedSite(certificate) as site:
        site.on("/a", answer(200, body))
        url = f"https://127.0.0.1:{site.port}/a"
        captures = fetch_now(*[url] * 3, transport=transport(certificate))
        assert [one.digest for one in captures] == [Digest.of(body)] * 3
        assert site.connections == 1


def test_a_certificate_for_another_host_is_refused(certificate: Path) -> None:
    with ScriptedSite(certificate) as site:
        url = f"https://localhost:{site.port}/a"
        [capture] = fetch_now(url, transport=transport(certificate), attempts=1)
        assert (capture.outcome, capture.reason) == (Outcome.FAILED, Reason.TLS_FAILED)
        assert not site.asked


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    with ScriptedSite(certificate) as site:
        [capture] = fetch_now(f"https://127.0.0.1:{site.port}/a", attempts=1)
        assert capture.reason is Reason.TLS_FAILED
        assert not site.asked
