"""A dataset version as exporters see it: only what is public, read from this node's store and index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from hashstore.digest import Digest
from manifests.dataset.description import Description
from manifests.dataset.member import Member
from manifests.export.interface import Row
from manifests.export.model import Picture
from manifests.row_uri import RowUri
from node.compose import Node
from node.datasets.known import KnownDataset, members_of_dataset
from node.export.headers import read_pictures
from node.policy import Principal, may_read

_HELD: Final = 200_000  # members that are kept in memory; of larger datasets they are read anew each time
_ROWS: Final = """
WITH asked AS (SELECT unnest(?::BLOB[]) AS segment, unnest(?::BIGINT[]) AS number)
SELECT t.*, asked.segment FROM asked JOIN leaf USING (segment)
JOIN {table} t ON t.log = leaf.log AND t.log_index = leaf.log_index AND t.row = asked.number
"""


class NodeMaterial:
    """A version of a dataset, without the members that are left out."""

    def __init__(self, node: Node, known: KnownDataset, left_out: frozenset[Digest] = frozenset()) -> None:
        self._node = node
        self._known = known
        self._left_out = left_out
        self._held: tuple[Member, ...] | None = None
        self._pictures: dict[Digest, Picture] = {}

    def without(self, left_out: frozenset[Digest]) -> NodeMaterial:
        """The same without some members; what was learned of pictures is kept."""
        smaller = NodeMaterial(self._node, self._known, self._left_out | left_out)
        smaller._pictures = self._pictures
        return smaller

    @property
    def description(self) -> Description:
        """Without the number of those withdrawn since: an export must not tell when it was made."""
        return self._known.description()

    def members(self) -> Iterator[Member]:
        if self._known.version.count > _HELD:
            return self._read()
        if self._held is None:
            self._held = tuple(self._read())
        return iter(self._held)

    def open(self, digest: Digest) -> BinaryIO:
        return self._node.store.open(digest)

    def rows(self, uris: Sequence[str]) -> Mapping[str, Row]:
        if not uris:
            return {}
        wanted = [RowUri.parse(uri) for uri in uris]
        asked = [[uri.segment.raw for uri in wanted], [uri.row for uri in wanted]]
        with self._node.index() as index:
            return {
                str(RowUri(Digest(row.pop("segment")), row["row"])): row
                for table in ("specimen", "media")
                for row in index.rows(_ROWS.format(table=table), asked)
                if may_read(Principal.PUBLIC, row)
            }

    def pictures(self, members: Sequence[Member]) -> Sequence[Picture]:
        missing = [member.digest for member in members if member.digest not in self._pictures]
        found = dict(zip(missing, read_pictures(self._node.store, missing), strict=True)) if missing else {}
        if len(self._pictures) < _HELD:
            self._pictures.update(found)
        return [self._pictures.get(member.digest) or found[member.digest] for member in members]

    def _read(self) -> Iterator[Member]:
        members = members_of_dataset(self._node, self._known)
        return (member for member in members if member.digest not in self._left_out)
