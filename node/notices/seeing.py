"""What is new of a filter or a dataset at a state of the logs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.filter import parse_filter
from manifests.members import MemberList, difference
from node.checklists.use import resolved
from node.compose import Node
from node.index import Index
from node.notices.model import Event, Watch
from node.notices.store import Seen
from node.notices.times import newest_time
from node.slices.members import resolve_members
from node.slices.state import extents, present_state

MOST_TOLD = 1_000
"""So many new images of an event are named; the rest is counted."""

_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Looking:
    """Where one look takes place.

    Attributes:
        node: The node.
        index: Its open index.
        state: How many entries each log has, by its origin.
        visible: Tells which of some images everybody may see.
    """

    node: Node
    index: Index
    state: Mapping[str, int]
    visible: Callable[[Iterable[Digest]], list[Digest]]


@dataclass(frozen=True, slots=True)
class Found:
    """Something new.

    Attributes:
        event: What it is; its number and its time are settled later.
        said: When it was, as the logs say; None if they do not.
    """

    event: Event
    said: datetime | None


def new_images(looking: Looking, watch: Watch, before: Seen) -> tuple[Seen, list[Found]]:
    """What a filter names now, and what it did not name before."""
    assert watch.filter is not None
    node, index = looking.node, looking.index
    state = extents(node, index, present_state(node, index))
    members = resolve_members(index, resolved(node, parse_filter(watch.filter)), state)
    added, removed = difference(MemberList(before.known), members)
    shown = looking.visible(added)
    # What cannot be seen is not known either, so that it is new on the day on which it can.
    hidden = set(added) - set(shown)
    known = members if not hidden else MemberList.of(one for one in members if one not in hidden)
    after = Seen(looking.state, known.data)
    if not shown and not removed:
        return after, []
    event = Event(
        event_id(watch, canonical_json(dict(looking.state)).decode()), watch.id, 0, "", looking.state,
        _title(watch, len(shown), len(removed)), len(shown), len(removed), tuple(shown[:MOST_TOLD]),
    )  # fmt: skip
    own = node.log_key.name
    return after, [Found(event, newest_time(index, before.state, looking.state, own))]


def new_versions(looking: Looking, watch: Watch, before: Seen) -> tuple[Seen, list[Found]]:
    """The versions of a dataset that are published now, and those that were not before; the oldest first."""
    from node.datasets.known import find_dataset, versions_of
    from node.datasets.uses import published_by

    assert watch.dataset is not None
    node, index = looking.node, looking.index
    versions = versions_of(node, index, find_dataset(node, index, watch.dataset))
    public = [one for one in reversed(versions) if published_by(node, index, one)]
    shown = looking.visible(one.digest for one in public)
    known = MemberList(before.known)
    found = []
    for one in public:
        if one.digest not in shown or known.place(one.digest) is not None:
            continue
        made = one.version
        event = Event(
            event_id(watch, one.digest.uri), watch.id, 0, "", looking.state,
            f"{_line(made.title)}, version {made.number}: {made.count:,} images", 1, 0, (), one.digest,
        )  # fmt: skip
        found.append(Found(event, made.made))
    return Seen(looking.state, MemberList.of([*known, *shown]).data), found


def event_id(watch: Watch, what: str) -> str:
    """The name of what a watch sees; the same for whoever looks again."""
    return uuid.uuid5(uuid.UUID(watch.id), what).urn


def _title(watch: Watch, added: int, removed: int) -> str:
    parts = [f"{added:,} new image{'' if added == 1 else 's'}"] if added else []
    parts += [f"{removed:,} no longer named"] if removed else []
    return f"{watch.name}: {', '.join(parts)}"


def _line(text: str) -> str:
    """A title that others chose, within a line of ours: it must not begin another, least of all in a mail."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_LONGEST_TITLE]
