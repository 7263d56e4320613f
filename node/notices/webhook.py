"""Calls to a webhook, signed as the Standard Webhooks specification (standardwebhooks.com, 1.0) has it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import certifi
import httpcore

from crawlers.fetch import AddressPolicy
from crawlers.fetch.address import AddressRefused
from crawlers.fetch.network import JudgedNetwork
from crawlers.fetch.request import USER_AGENT
from node.errors import JobRefused, NoticeError

_PREFIX: Final = "whsec_"
_GONE: Final = 410
_MOST_READ: Final = 64 * 1024


def new_secret() -> str:
    """A secret of 32 bytes, in the form in which receivers' libraries take it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(secret: str, id: str, at: int, body: bytes) -> dict[str, str]:
    """The fields that let a receiver check a call, and drop one that comes twice.

    Args:
        secret: Shared with the receiver.
        id: The same at each attempt of the same call.
        at: Seconds since 1970; receivers refuse old ones, lest a call be played to them again.
        body: What is sent.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    message = f"{id}.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


def check_url(url: str) -> str:
    """The URL of a webhook, if it can be one.

    Raises:
        NoticeError: it is no http(s) URL, or has a user, a password or a fragment in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NoticeError(f"{url!r} is no address: {error}") from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 2000
    sound = parts.scheme in ("http", "https") and parts.hostname and port != 0
    if not plain or not sound or parts.username is not None or parts.password is not None or parts.fragment:
        raise NoticeError(f"{url!r} is no address of a webhook: give https://host/path, without a user.")
    return url


def call(url: str, headers: Mapping[str, str], body: bytes, policy: AddressPolicy, timeout: float) -> int:
    """Call a webhook once; redirects are not followed.

    Args:
        url: Where.
        headers: Of `signed_headers`.
        body: JSON.
        policy: Which addresses may be called; asked of the very address that is connected to.
        timeout: Seconds for all of it.

    Returns:
        The status, which is one of success.

    Raises:
        NoticeError: nobody answered, or not with success.
        JobRefused: the receiver wants no more calls (410).
    """
    fields = {"content-type": "application/json", "user-agent": USER_AGENT, **headers}
    try:
        status = asyncio.run(_post(url, fields, body, policy, timeout))
    except AddressRefused as error:
        raise NoticeError(
            f"The webhook {url} is in a private or reserved network, which is not called. "
            "Set webhooks.allow_private in node.toml if it shall be."
        ) from error
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise NoticeError(f"The webhook {url} did not answer within {timeout:g} s.") from error
    except (OSError, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        raise NoticeError(f"The webhook {url} cannot be called: {error}") from error
    if status == _GONE:
        raise JobRefused(f"The webhook {url} wants no more calls (410).")
    if not 200 <= status < 300:
        raise NoticeError(f"The webhook {url} answered with status {status}.")
    return status


async def _post(
    url: str, headers: Mapping[str, str], body: bytes, policy: AddressPolicy, timeout: float
) -> int:
    context = ssl.create_default_context(cafile=certifi.where())
    network = JudgedNetwork(policy)
    async with asyncio.timeout(timeout):
        async with httpcore.AsyncConnectionPool(context, network_backend=network) as pool:
            fields = [(name.encode(), value.encode()) for name, value in headers.items()]
            async with pool.stream("POST", url, headers=fields, content=body) as response:
                read = 0
                async for part in response.aiter_stream():
                    read += len(part)
                    if read > _MOST_READ:
                        break
                return response.status
