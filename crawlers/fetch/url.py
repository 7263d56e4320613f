"""URLs as lists and redirects write them: which may be asked for, and what of them may be written down."""

from __future__ import annotations

import re

import httpx

from crawlers.fetch.capture import Reason
from crawlers.fetch.ending import Stop

_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?")
_USERINFO = re.compile(r"//[^/?#]*@")


def checked_url(text: str) -> httpx.URL:
    """The URL to ask for: spaces around it and its fragment taken off, odd characters escaped.

    Raises:
        Stop: It is no http or https URL, or holds a user name or password.
    """
    try:
        url = httpx.URL(text.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as exc:
        raise Stop(Reason.BAD_URL, f"{without_secrets(text)!r} is no URL: {exc}") from exc
    fault = fault_of(url)
    if fault is not None:
        raise Stop(Reason.BAD_URL, f"{without_secrets(text)!r} {fault}")
    return url


def fault_of(url: httpx.URL) -> str | None:
    """Why a URL is not to be asked for, in words; None if it may be."""
    if url.scheme not in {"http", "https"} or not url.raw_host:
        return "is no http or https URL, and nothing else is fetched"
    if _HOST.fullmatch(url.raw_host) is None or not _can_be_read(url):
        return "names no host that there could be"
    if url.port is not None and not 0 < url.port < 65536:
        return f"names port {url.port}, which there is none of"
    if url.userinfo:
        return "holds a user name or password, which must not enter a public record"
    return None


def _can_be_read(url: httpx.URL) -> bool:
    """Whether the host's name can be told: httpx decodes punycode only then, and refuses what is none."""
    try:
        return bool(url.host)
    except ValueError:
        return False


def without_secrets(text: str) -> str:
    """The text with user names and passwords of URLs struck out: captures are public."""
    return _USERINFO.sub("//[struck out]@", text)
