from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from hashstore.digest import Digest
from node.config import MailConfig
from node.errors import JobRefused, NoticeError
from node.notices.mail import PASSWORD_VARIABLE, check_address, notice_mail, send_mail
from node.notices.model import Channel, Event, Subscriber, Watch

_WATCH = Watch("6f0c1c1e-0000-4000-8000-000000000001", "Oaks", "{}", None, True, "2026-11-23T08:00:00Z")
_WHO = Subscriber("6f0c1c1e-0000-4000-8000-000000000002", _WATCH.id, Channel.MAIL, "ada@museum.test")
_IMAGES = tuple(Digest.of(bytes([n])) for n in range(60))
_EVENT = Event(
    "urn:uuid:6f0c1c1e-0000-5000-8000-000000000003", _WATCH.id, 1, "2026-11-23T08:00:00Z",
    {"museum.test/log": 12}, "Oaks: 60 new images", 60, 0, _IMAGES,
)  # fmt: skip


class _Box:
    """What the server takes, and what it refuses."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.answer = "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if "nobody" in address:
            return "550 5.1.1 No such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.mails.append((envelope.mail_from, envelope.rcpt_tos, message))
        return self.answer


def _let_in(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"vasculum", b"secret"), handled=False)


@pytest.fixture
def server(free_port: int) -> Iterator[tuple[_Box, MailConfig]]:
    box = _Box()
    controller = Controller(
        box, hostname="127.0.0.1", port=free_port, authenticator=_let_in, auth_require_tls=False
    )
    controller.start()
    yield box, MailConfig("127.0.0.1", free_port, "none", "node@museum.test", timeout=5.0)
    controller.stop()


def _mail(config: MailConfig, who: Subscriber = _WHO, watch: Watch = _WATCH) -> EmailMessage:
    return notice_mail(config, "Müseum of Examples", watch, who, _EVENT, list(_IMAGES))


def test_a_server_gets_a_whole_message(server: tuple[_Box, MailConfig]) -> None:
    box, config = server
    send_mail(config, _mail(config))
    [(sender, recipients, message)] = box.mails
    assert (sender, recipients) == ("node@museum.test", ["ada@museum.test"])
    assert message["Subject"] == "Oaks: 60 new images"
    assert message["From"].addresses[0].display_name == "Müseum of Examples"
    assert message["Date"].datetime.isoformat() == "2026-11-23T08:00:00+00:00"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert text.count("hash://sha256/") == 50
    assert "and 10 more" in text


def test_the_same_notice_has_the_same_name_each_time(server: tuple[_Box, MailConfig]) -> None:
    box, config = server
    for _ in range(2):
        send_mail(config, _mail(config))
    first, second = (message["Message-ID"] for _, _, message in box.mails)
    assert first == second == f"<{_EVENT.id[9:]}.{_WHO.id}@museum.test>"


def test_a_refusal_that_lasts_is_told_from_one_for_now(server: tuple[_Box, MailConfig]) -> None:
    box, config = server
    nobody = Subscriber("x", _WATCH.id, Channel.MAIL, "nobody@museum.test")
    with pytest.raises(JobRefused, match="No such person"):
        send_mail(config, _mail(config, nobody))
    box.answer = "451 4.3.0 Try later"
    with pytest.raises(NoticeError, match="Try later"):
        send_mail(config, _mail(config))
    box.answer = "554 5.7.1 Spam"
    with pytest.raises(JobRefused, match="Spam"):
        send_mail(config, _mail(config))
    assert box.mails == []


def test_the_password_comes_from_the_environment(
    server: tuple[_Box, MailConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, config = server
    named = MailConfig(config.host, config.port, "none", config.sender, "vasculum", 5.0)
    monkeypatch.setenv(PASSWORD_VARIABLE, "wrong")
    with pytest.raises(JobRefused, match="refuses"):
        send_mail(named, _mail(named))
    monkeypatch.setenv(PASSWORD_VARIABLE, "secret")
    send_mail(named, _mail(named))
    assert len(box.mails) == 1


def test_without_a_server_or_without_its_tls_nothing_is_sent(server: tuple[_Box, MailConfig]) -> None:
    box, config = server
    with pytest.raises(JobRefused, match=r"\[mail\]"):
        send_mail(MailConfig(), _mail(config))
    with pytest.raises(NoticeError, match="cannot be used"):
        send_mail(MailConfig(config.host, 9, "none", config.sender), _mail(config))
    with pytest.raises(NoticeError, match="STARTTLS"):
        send_mail(MailConfig(config.host, config.port, "starttls", config.sender), _mail(config))
    assert box.mails == []


def test_a_name_cannot_add_fields_to_a_message(server: tuple[_Box, MailConfig]) -> None:
    _, config = server
    bad = Event(_EVENT.id, _WATCH.id, 1, _EVENT.at, {}, "Oaks\r\nBcc: all@museum.test", 1, 0)
    with pytest.raises(ValueError, match="linefeed"):
        notice_mail(config, "Museum", _WATCH, _WHO, bad, [])


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@a.test", "a b@c.test", "Ada <ada@a.test>", "ada@a.test\nBcc: x@y.test", "ä@a.test"],
)
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(NoticeError, match="no mail address"):
        check_address(address)
