"""Notices by mail: a message, and the server that takes it."""

from __future__ import annotations

import os
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from hashstore.digest import Digest
from node.config import MailConfig
from node.config.notices import is_mail_address
from node.errors import JobRefused, NoticeError
from node.notices.feeds import summary_of
from node.notices.model import Event, Subscriber, Watch

PASSWORD_VARIABLE = "VASCULUM_MAIL_PASSWORD"
_MOST_NAMED = 50


def check_address(address: str) -> str:
    """A mail address, if it is one.

    Raises:
        NoticeError: it is none.
    """
    if not is_mail_address(address):
        raise NoticeError(f"{address!r} is no mail address: give name@host.")
    return address


def notice_mail(
    config: MailConfig, name: str, watch: Watch, subscriber: Subscriber, event: Event, shown: list[Digest]
) -> EmailMessage:
    """The message about an event.

    Args:
        config: Who sends it.
        name: The institution.
        watch: What is watched.
        subscriber: Who is told.
        event: What is new.
        shown: The images that may be named now.
    """
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=config.sender)
    message["To"] = subscriber.address
    message["Subject"] = event.title
    message["Date"] = format_datetime(datetime.fromisoformat(event.at))
    # The same at each attempt: mail programs show a message that came twice once.
    local = event.id.removeprefix("urn:uuid:")
    message["Message-ID"] = f"<{local}.{subscriber.id}@{config.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office note answers it
    lines = [summary_of(event), ""]
    lines += [digest.uri for digest in shown[:_MOST_NAMED]]
    lines += (
        [f"... and {event.added - _MOST_NAMED:,} more."] if event.added > _MOST_NAMED < len(shown) else []
    )
    lines += ["", f"You get this since the operator of {name} entered your address for {watch.name!r}."]
    message.set_content("\n".join(lines) + "\n")
    return message


def send_mail(config: MailConfig, message: EmailMessage) -> None:
    """Hand a message to the configured server.

    Raises:
        JobRefused: no server is configured, or it will never take this message.
        NoticeError: it cannot be reached, or not now.
    """
    if not config.host:
        raise JobRefused("No mail server is named: set [mail] in node.toml.")
    where = f"The mail server {config.host}, port {config.port},"
    try:
        with _connected(config) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused(code, f"{where} refuses {message['To']}: {_told(text)}") from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, f"{where} refuses: {_told(error.smtp_error)}") from error
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        raise NoticeError(f"{where} cannot be used: {error}") from error


def _connected(config: MailConfig) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if config.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            config.host, config.port, timeout=config.timeout, context=context
        )
    else:
        server = smtplib.SMTP(config.host, config.port, timeout=config.timeout)
    try:
        if config.security == "starttls":
            server.starttls(context=context)
        if config.user:
            server.login(config.user, os.environ.get(PASSWORD_VARIABLE, ""))
    except BaseException:
        server.close()
        raise
    return server


def _refused(code: int, text: str) -> NoticeError | JobRefused:
    """A refusal that lasts (RFC 5321 section 4.2.1: 5yz), or one for now."""
    return JobRefused(text) if 500 <= code < 600 else NoticeError(text)


def _told(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
