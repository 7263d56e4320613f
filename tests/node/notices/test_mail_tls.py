"""Notices over TLS, against a real server whose certificate is made here."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from node.config import MailConfig
from node.errors import NoticeError
from node.notices.mail import PASSWORD_VARIABLE, send_mail

HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
SECURITIES = pytest.mark.parametrize("security", ["tls", "starttls"])


class _Box:
    """Keeps what came, and whether it came encrypted and from somebody who had a password."""

    def __init__(self) -> None:
        self.came: list[tuple[bytes, bool, bool]] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        assert server.transport is not None
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.came.append((envelope.content, encrypted, session.authenticated))
        return "250 OK"


def _let_in(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"vasculum", b"secret"), handled=False)


def _certificate(folder: Path, name: x509.GeneralName, days: int = 1) -> Path:
    """A certificate for a name, signed by its own key, with that key in the same file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.museum.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "mail.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


Serve = Callable[[str, Path], AbstractContextManager[tuple[_Box, MailConfig]]]


@pytest.fixture
def serve(free_port: int) -> Serve:
    """Serve mail over TLS with a certificate, either from the first byte or after STARTTLS."""

    @contextmanager
    def started(security: str, certificate: Path) -> Iterator[tuple[_Box, MailConfig]]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        box, first = _Box(), security == "tls"
        controller = Controller(
            box,
            hostname="127.0.0.1",
            port=free_port,
            ssl_context=context if first else None,
            tls_context=None if first else context,
            require_starttls=not first,
            authenticator=_let_in,
            # What is encrypted from the first byte on, the library does not take for TLS here.
            auth_require_tls=not first,
        )
        controller.start()
        try:
            yield (
                box,
                MailConfig("127.0.0.1", free_port, security, "node@museum.test", "vasculum", timeout=5.0),
            )
        finally:
            controller.stop()

    return started


@pytest.fixture
def message(monkeypatch: pytest.MonkeyPatch) -> EmailMessage:
    monkeypatch.setenv(PASSWORD_VARIABLE, "secret")
    message = EmailMessage()
    message["From"], message["To"] = "node@museum.test", "ada@museum.test"
    message.set_content("60 new images\n")
    return message


@SECURITIES
def test_a_notice_and_its_password_go_encrypted_to_a_server_that_is_trusted(
    serve: Serve, message: EmailMessage, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path, HERE)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serve(security, certificate) as (box, config):
        send_mail(config, message)
    [(content, encrypted, authenticated)] = box.came
    assert b"60 new images" in content
    assert encrypted
    assert authenticated


@SECURITIES
@pytest.mark.parametrize(
    ("name", "days", "trusted"),
    [(HERE, 1, False), (x509.DNSName("other.museum.test"), 1, True), (HERE, -1, True)],
    ids=["nobody trusts it", "it is another's", "it has expired"],
)
def test_nothing_is_sent_to_a_server_whose_certificate_does_not_hold(
    serve: Serve,
    message: EmailMessage,
    security: str,
    name: x509.GeneralName,
    days: int,
    trusted: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = _certificate(tmp_path, name, days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        serve(security, certificate) as (box, config),
        pytest.raises(NoticeError, match="certificate verify failed"),
    ):
        send_mail(config, message)
    assert box.came == []
