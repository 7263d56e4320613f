"""What is said of some images, as items of a file: only what everybody may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from analyzers.exchange.model import MEMBERS, Item
from hashstore.digest import Digest
from manifests.annotations import Subject
from manifests.export.names import ending
from manifests.members import MemberList
from node.compose import Node
from node.index import Index
from node.look.access import public_among
from node.look.reviews import is_under_its_name
from node.review.sizes import sizes_of

_BATCH: Final = 500
_FINDINGS: Final = """
SELECT * FROM finding WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[]))
QUALIFY row_number() OVER (PARTITION BY key, place ORDER BY log, log_index) = 1 ORDER BY digest, key, place
"""
_ANNOTATIONS: Final = """
SELECT * FROM annotation WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[]))
QUALIFY row_number() OVER (PARTITION BY annotation ORDER BY log, log_index, row) = 1
ORDER BY digest, created, annotation
"""
_TYPES: Final = """
SELECT digest, min(mediaType) AS type FROM capture
WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[])) AND mediaType IS NOT NULL GROUP BY digest
"""
_ACCEPTED: Final = """
SELECT subject FROM own_review WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[]))
QUALIFY row_number() OVER (PARTITION BY subject ORDER BY log_index DESC, row DESC) = 1
AND decision = 'accepted'
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is given out.

    Attributes:
        kinds: Only these kinds; all if there are none.
        machines: Whether findings of analyzers are.
        people: Whether annotations of people are.
        accepted: Only what this node's reviewers accepted.
    """

    kinds: Sequence[str] = ()
    machines: bool = True
    people: bool = True
    accepted: bool = False


def items_about(node: Node, index: Index, members: MemberList, wanted: Wanted) -> Iterator[Item]:
    """What is said of some images, by image: first by machines, then by people.

    Images are named by digest. Their sizes are told as far as they can be.
    """
    waiting, place = iter(members), 0
    while batch := list(islice(waiting, _BATCH)):
        public = sorted(public_among(index, batch))
        raws, sizes = [one.raw for one in public], sizes_of(node, index, public)
        accepted = {row["subject"] for row in index.rows(_ACCEPTED, [raws])} if wanted.accepted else None
        for name, row in _rows(index, raws, wanted):
            if (accepted is None or name in accepted) and (not wanted.kinds or row["kind"] in wanted.kinds):
                place += 1
                yield _item(place, name, row, sizes.get(Digest(row["digest"])))


def under_file_names(index: Index, items: Sequence[Item]) -> list[Item]:
    """Items whose images are named as files of our exports are: by digest, with the ending of their type."""
    images = sorted({Digest.parse(item.image) for item in items})
    types = {row["digest"]: row["type"] for row in index.rows(_TYPES, [[one.raw for one in images]])}
    names = {one.uri: f"{one.hex}.{ending(types.get(one.raw, ''))}" for one in images}
    return [replace(item, image=names[item.image]) for item in items]


def _rows(index: Index, raws: list[bytes], wanted: Wanted) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if wanted.machines:
        rows = index.rows(_FINDINGS, [raws])
        found += [(Subject(Digest(row["key"]), row["place"]).text, row) for row in rows]
    if wanted.people:
        rows = [row for row in index.rows(_ANNOTATIONS, [raws]) if is_under_its_name(row)]
        found += [(Digest(row["annotation"]).uri, row) for row in rows]
    return sorted(found, key=lambda one: one[1]["digest"])


def _item(place: int, name: str, row: dict[str, Any], size: tuple[int, int] | None) -> Item:
    told = {member: row[member] for member in MEMBERS if row.get(member) is not None}
    analyzer = row.get("analyzer")
    return Item(
        place, Digest(row["digest"]).uri, told, size, row.get("motivation"), row.get("agent"),
        row.get("created"), Digest(analyzer).uri if analyzer else None, name,
    )  # fmt: skip
