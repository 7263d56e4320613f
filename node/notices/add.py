"""Watching something from now on."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from manifests.filter import filter_text, read_filter
from node.checklists.use import by_checklist
from node.compose import Node
from node.errors import NoticeError
from node.notices.model import Watch
from node.notices.store import NoticeStore
from node.notices.watching import seen_now

_LONGEST_NAME = 200


def add_watch(node: Node, name: str, text: str | None, dataset: str | None, *, feed: bool) -> Watch:
    """Watch a filter or a dataset; all that it names now is not new.

    Args:
        node: The node.
        name: What people call it.
        text: A filter; None for a dataset.
        dataset: Any identifier of a version of it; None for a filter.
        feed: Whether everybody can read it as a feed.

    Raises:
        FilterRefused: naming the place in the filter.
        NoticeError: the name is none, or is taken.
    """
    if not (name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME):
        raise NoticeError(f"A name is text on one line, at most {_LONGEST_NAME} characters, not {name!r}.")
    tree = None if text is None else by_checklist(node, read_filter(text))
    canonical = None if tree is None else filter_text(tree)
    named = None if dataset is None else _dataset(node, dataset)
    added = datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    watch = Watch(str(uuid.uuid4()), name, canonical, named, feed, added)
    NoticeStore(node.layout.notices).add(watch, seen_now(node, watch))
    return watch


def _dataset(node: Node, text: str) -> str:
    """The version that was meant, by its digest: titles change, and others may use them."""
    from node.datasets.known import find_dataset

    with node.index() as index:
        return find_dataset(node, index, text).digest.uri
