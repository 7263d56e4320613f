"""The values of [jobs], [mail] and [webhooks] in node.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from typing import Any


@dataclass(frozen=True, slots=True)
class JobsConfig:
    """How much runs beside requests.

    Attributes:
        at_once: Jobs of all users that run at a time.
        running_per_user: Jobs of one user that run at a time.
        waiting_per_user: A user who has so many jobs that have not ended can submit no more.
        attempts: How often a job that fails is tried, unless whoever submits it says otherwise.
        retry_seconds: Before the second attempt; each further one waits twice as long, up to an hour.
        longest_hours: A job that has run so long is ended and counts as failed; 0 for no limit.
        keep_days: For so long jobs that have ended are remembered.
    """

    at_once: int = 2
    running_per_user: int = 1
    waiting_per_user: int = 100
    attempts: int = 3
    retry_seconds: float = 30.0
    longest_hours: float = 0.0
    keep_days: int = 30


@dataclass(frozen=True, slots=True)
class MailConfig:
    """Which server takes this node's mail.

    Attributes:
        host: Its name; empty if this node sends no mail.
        port: TCP port.
        security: `starttls`, `tls` from the first byte, or `none` for a server on this machine.
        sender: The address that mail comes from.
        user: Who logs in there; empty for nobody. The password is in `$VASCULUM_MAIL_PASSWORD`.
        timeout: Seconds to wait for each answer.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    sender: str = ""
    user: str = ""
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """How webhooks are called.

    Attributes:
        allow_private: Whether addresses inside private networks may be called.
        timeout: Seconds for one call.
        attempts: How often one that fails is tried; the waits between grow to an hour.
    """

    allow_private: bool = False
    timeout: float = 20.0
    attempts: int = 10


def check_mail(mail: MailConfig, table: Mapping[str, Any], faults: list[str]) -> None:
    """Add to `faults` what the values of [mail] do not say together."""
    if table and not (mail.host and mail.sender):
        faults.append("mail: needs `host` and `sender`")
    if mail.sender and not is_mail_address(mail.sender):
        faults.append(f"mail.sender: {mail.sender!r} is no mail address")


def is_mail_address(text: str) -> bool:
    """Whether a text is one plain mail address, `local@domain` in ASCII."""
    try:
        found = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    plain = text.isascii() and text.isprintable() and " " not in text
    return plain and bool(found.username and found.domain) and len(text) <= 254
