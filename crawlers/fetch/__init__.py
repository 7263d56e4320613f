"""The polite HTTP fetcher: every attempt ends as a `Capture`, failures too.

What speaks HTTP is imported when it is first asked for: most commands only read what was captured.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crawlers.fetch.address import AddressPolicy, AddressRefused, host_key
from crawlers.fetch.capture import Capture, Outcome, Reason
from crawlers.fetch.request import FetchRequest, Limits

if TYPE_CHECKING:
    from crawlers.fetch.fetcher import Fetcher
    from crawlers.fetch.replay import ReplayTransport
    from crawlers.fetch.schedule import fetch_all

__all__ = [
    "AddressPolicy",
    "AddressRefused",
    "Capture",
    "FetchRequest",
    "Fetcher",
    "Limits",
    "Outcome",
    "Reason",
    "ReplayTransport",
    "fetch_all",
    "host_key",
]

_LATER = {
    "Fetcher": "crawlers.fetch.fetcher",
    "ReplayTransport": "crawlers.fetch.replay",
    "fetch_all": "crawlers.fetch.schedule",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
