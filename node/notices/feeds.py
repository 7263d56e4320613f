"""Which feeds a node has, and what stands in them; whatever was withdrawn since is in none of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hashstore.digest import Digest
from manifests.filter import read_filter, written
from node.compose import Node
from node.notices.feed import Entry, Feed
from node.notices.model import Event, Watch
from node.notices.store import NoticeStore
from node.notices.watching import is_visible, visible_images
from node.serve.lookup import ServedBlobs

if TYPE_CHECKING:
    from node.datasets.known import KnownDataset

_MOST_ENTRIES = 50
_MOST_IMAGES = 100  # of one entry


def watch_feeds(node: Node) -> list[Watch]:
    """The watches that everybody can read."""
    return [watch for watch in NoticeStore(node.layout.notices).watches() if watch.feed]


def watch_path(watch: Watch) -> str:
    """Where the feed of a watch is."""
    return f"/feeds/watches/{watch.id}.atom"


def watch_feed(node: Node, watch: Watch) -> Feed:
    """The feed of a watch, as everybody may see it now."""
    events = NoticeStore(node.layout.notices).events(watch, _MOST_ENTRIES)
    served = ServedBlobs(node.layout.served)
    try:
        entries = [_entry(served, event) for event in events]
    finally:
        served.close()
    return Feed(
        id=f"urn:uuid:{watch.id}",
        title=watch.name,
        path=watch_path(watch),
        updated=events[0].at if events else watch.added,
        author=node.config.identity.name,
        subtitle=about(watch),
        entries=entries,
    )


def about(watch: Watch) -> str:
    """What is watched, as people write it."""
    return f"Images under {written(read_filter(watch.filter))}" if watch.filter else "Versions of a dataset"


def _entry(served: ServedBlobs, event: Event) -> Entry:
    images = tuple(digest for digest in event.digests if is_visible(served, digest))[:_MOST_IMAGES]
    link = None if event.statement is None else f"/blob/sha256/{event.statement.hex}"
    return Entry(event.id, event.title, event.at, summary_of(event), images, link)


def dataset_path(first: Digest) -> str:
    """Where the feed of a dataset is."""
    return f"/feeds/datasets/{first.hex}.atom"


def dataset_feeds(node: Node) -> dict[str, Feed]:
    """The feeds of all datasets of which a version is published, by their paths; opens the index."""
    from node.datasets.known import known_datasets, versions_of
    from node.datasets.uses import published_by

    feeds: dict[str, Feed] = {}
    with node.index() as index, visible_images(node, index) as visible:
        seen: set[Digest] = set()
        for known in known_datasets(node, index):
            if known.digest in seen:
                continue
            versions = versions_of(node, index, known)
            seen |= {one.digest for one in versions}
            public = [one for one in versions if published_by(node, index, one) and visible([one.digest])]
            if public:
                path = dataset_path(versions[-1].digest)
                feeds[path] = _dataset_feed(path, public[:_MOST_ENTRIES])
    return feeds


def _dataset_feed(path: str, versions: Sequence[KnownDataset]) -> Feed:
    """The feed of one dataset; all in it is out of its signed versions, so it is the same on every node."""
    newest = versions[0].version
    return Feed(
        id=newest.family,
        title=newest.title,
        path=path,
        updated=_time(newest.made),
        author=newest.publisher,
        subtitle=newest.description or f"Versions of {newest.title}",
        entries=[_version(one) for one in versions],
    )


def _version(known: KnownDataset) -> Entry:
    made = known.version
    parts = [f"{made.count:,} images under {made.license}."]
    if (found := made.changes) is not None:
        parts.append(
            f"{found.added:,} added, {found.removed:,} removed, {found.changed:,} changed, "
            f"{found.withdrawn:,} withdrawn since version {made.number - 1}."
        )
    parts.append(known.digest.uri)
    link = f"/blob/sha256/{known.digest.hex}"
    title = f"{made.title}, version {made.number}"
    return Entry(known.digest.uri, title, _time(made.made), " ".join(parts), (), link)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def summary_of(event: Event) -> str:
    """What an event says in words, without naming anything that could be withdrawn."""
    logs = ", ".join(f"{origin} with {size:,} entries" for origin, size in sorted(event.state.items()))
    return f"{event.title}. Seen in {logs}."
