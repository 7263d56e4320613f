"""What is watched, who is told, and what was seen, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hashstore.digest import Digest


class Channel(StrEnum):
    """How somebody is told."""

    WEBHOOK = "webhook"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved filter, or a dataset, whose news are told.

    Attributes:
        id: UUID; part of the ids of its feed and events, so that these stay the same.
        name: What people call it.
        filter: The canonical text of a filter; None where a dataset is watched.
        dataset: The statement of a version of a dataset, as `hash://`; None where a filter is watched.
        feed: Whether everybody can read it as a feed.
        added: When the operator added it, RFC 3339 in UTC.
    """

    id: str
    name: str
    filter: str | None
    dataset: str | None
    feed: bool
    added: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is told.

    Attributes:
        id: UUID.
        watch: The id of what they want to know of.
        channel: How they are told.
        address: A URL, or a mail address.
        secret: What signs the calls of a webhook; empty for mail.
    """

    id: str
    watch: str
    channel: Channel
    address: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What was new at one state of the logs.

    Attributes:
        id: `urn:uuid:...`; follows from the watch and the state, so whoever looks twice comes to the same.
        watch: The id of what was watched.
        number: Counts up from 1 for each watch.
        at: When, by the newest entry of the logs; RFC 3339 in UTC, never before the event before.
        state: How many entries each log had, by its origin.
        title: In a line.
        added: How many members or versions are new.
        removed: How many are no members any more.
        digests: New images, as many as are told one by one. Whoever tells of them asks the policy again.
        statement: The statement of a dataset's new version; None for a filter.
    """

    id: str
    watch: str
    number: int
    at: str
    state: Mapping[str, int]
    title: str
    added: int
    removed: int
    digests: tuple[Digest, ...] = ()
    statement: Digest | None = None
