"""What amends a finding or an annotation: what it says, with what is to be said instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hashstore.digest import Digest
from manifests.annotations import Subject, parse_subject
from node.compose import Node
from node.errors import NotFound
from node.index import Index
from node.review.saying import Saying
from node.review.store import ReviewStore

_CHANGED = ("text", "language", "term", "value", "unit", "uncertainty")


def better_saying(node: Node, name: str, better: Mapping[str, str | None]) -> Saying:
    """A saying of the same kind and place as a subject, but for what is given.

    What is said anew takes the place of all that was said, and nothing is taken over of how sure that was.

    Args:
        node: The node.
        name: The subject.
        better: `motivation`, and what to say: `text`, `term`, `value`, `region`...; None is not given.

    Raises:
        NotFound: nothing here has that name.
        InvalidRow: it is no name.
    """
    subject = parse_subject(name)
    with node.index() as index:
        row = _row(index, ReviewStore(node.layout.reviews), subject)
    if row is None:
        raise NotFound(f"No finding and no annotation here is named {name}.")
    given = {column: value for column, value in better.items() if value is not None}
    said = {} if given.keys() & set(_CHANGED) else {column: row.get(column) for column in _CHANGED}
    told = {"kind": row["kind"], "region": row.get("region"), **said, **given}
    return Saying(image=Digest(row["digest"]), **{name: value for name, value in told.items() if value})


def _row(index: Index, store: ReviewStore, subject: Subject) -> Mapping[str, Any] | None:
    if subject.place is not None:
        query = "SELECT * FROM finding WHERE key = ? AND place = ? AND access = 'public' LIMIT 1"
        return index.one(query, [subject.digest.raw, subject.place])
    if (kept := store.annotation(subject.digest)) is not None:
        return kept.row
    query = "SELECT * FROM annotation WHERE annotation = ? AND access = 'public' LIMIT 1"
    return index.one(query, [subject.digest.raw])
