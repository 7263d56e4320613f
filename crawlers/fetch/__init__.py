"""The polite HTTP fetcher: every attempt ends as a `Capture`, failures too."""

from crawlers.fetch.address import AddressPolicy, AddressRefused, host_key
from crawlers.fetch.capture import Capture, Outcome, Reason
from crawlers.fetch.fetcher import Fetcher
from crawlers.fetch.replay import ReplayTransport
from crawlers.fetch.request import FetchRequest, Limits
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
