"""Who cites a thing: addresses of works as people write them, and events of DataCite and Crossref."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from manifests.errors import EventsRefused

LARGEST: Final = 64 << 20
_DOI = re.compile(
    r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:|info:doi/)?(10\.[0-9]{4,9}/[^\s\"<>\\^`{|}]{1,1000})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(?:[/?#][^\s\"<>\\^`{|}]{0,2000})?")
# Relations of DataCite and Crossref in which the subject cites the object, and the other way round.
_CITES = frozenset({"cites", "references", "is-supplemented-by"})
_IS_CITED = frozenset({"is-cited-by", "is-referenced-by", "is-supplement-to"})


def work_address(text: str) -> str:
    """The one address of a work: that of its DOI in small letters, or the http(s) address as it is.

    Raises:
        EventsRefused: it is neither a DOI nor an address.
    """
    text = text.strip()
    if found := _DOI.fullmatch(text):
        return f"https://doi.org/{found[1].lower()}"
    if _ADDRESS.fullmatch(text):
        return text
    raise EventsRefused(f"{text[:200]!r} is neither a DOI (10.1234/abc) nor an http(s) address.")


def read_events(data: bytes, names: Collection[str]) -> tuple[str, ...]:
    """The works that cite a thing by what a file of events says.

    Args:
        data: What DataCite's API (`/events`) or Crossref's Event Data API (`/v1/events`) answered, JSON.
        names: What the thing is called there: hash URIs, DOIs or addresses.

    Returns:
        Their addresses, sorted, each once.

    Raises:
        EventsRefused: the file is neither, or a name is no name.
    """
    wanted = {name if name.startswith("hash://") else work_address(name) for name in names}
    found = set()
    for event in _events(data):
        subject, relation, object_ = (_name(event, field) for field in ("subj", "relation", "obj"))
        if relation in _CITES and object_ in wanted and subject:
            found.add(subject)
        elif relation in _IS_CITED and subject in wanted and object_:
            found.add(object_)
    return tuple(sorted(one for one in found if one.startswith("http")))


def _events(data: bytes) -> Iterator[Mapping[str, Any]]:
    if len(data) > LARGEST:
        raise EventsRefused(f"A file of events has at most {LARGEST:,} bytes, not {len(data):,}.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EventsRefused(f"The file of events is no JSON: {error}") from error
    listed: Any = None
    if isinstance(document, dict):
        message = document.get("message")
        listed = message.get("events") if isinstance(message, dict) else document.get("data")
    if not isinstance(listed, list):
        raise EventsRefused(
            "The file has no list of events: neither data (DataCite) nor message.events (Crossref)."
        )
    for one in listed:
        attributes = one.get("attributes", one) if isinstance(one, dict) else None
        if isinstance(attributes, dict):
            yield attributes


def _name(event: Mapping[str, Any], field: str) -> str | None:
    """A subject, object or relation, which DataCite writes with a hyphen and Crossref with an underscore."""
    if field == "relation":
        value = event.get("relation-type-id", event.get("relation_type_id"))
        return value.replace("_", "-").lower() if isinstance(value, str) else None
    value = event.get(f"{field}-id", event.get(f"{field}_id"))
    if not isinstance(value, str) or value.startswith("hash://"):
        return value if isinstance(value, str) else None
    try:
        return work_address(value)
    except EventsRefused:
        return None
