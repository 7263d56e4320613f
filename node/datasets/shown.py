"""Which members of a dataset may be shown: not what was withdrawn since, nor what is withheld here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from hashstore.digest import Digest
from manifests.dataset.member import Member
from manifests.row_uri import RowUri
from node.compose import Node
from node.datasets.known import KnownDataset, members_of_dataset
from node.index import Index
from node.index.ddl import OWN_LOG
from node.slices.run import HIDDEN

_BATCH = 2_000
# A row that is not public any more, or of which nothing but the notice is left.
_ROWS = f"""
WITH asked AS (
    SELECT unnest(?::BLOB[]) AS segment, unnest(?::BIGINT[]) AS row, unnest(?::INTEGER[]) AS place
)
SELECT DISTINCT place FROM asked JOIN leaf USING (segment)
JOIN {{table}} t ON t.log = leaf.log AND t.log_index = leaf.log_index AND t.row = asked.row
WHERE t.access <> 'public'
UNION
SELECT place FROM asked JOIN withdrawn w ON w.digest = asked.segment AND w.row = asked.row
WHERE deletes OR log IS NULL OR log = {OWN_LOG}
"""


def hidden_members(index: Index, members: Sequence[Member]) -> frozenset[Digest]:
    """Those of some members whose bytes or rows may not be shown to the public (any more)."""
    found = {Digest(row["digest"]) for row in index.rows(HIDDEN, [[member.digest.raw for member in members]])}
    for table, uris in (("media", [m.media for m in members]), ("specimen", [m.specimen for m in members])):
        rows = [(RowUri.parse(uri), place) for place, uri in enumerate(uris) if uri is not None]
        columns = [
            [uri.segment.raw for uri, _ in rows],
            [uri.row for uri, _ in rows],
            [place for _, place in rows],
        ]
        found |= {members[row["place"]].digest for row in index.rows(_ROWS.format(table=table), columns)}
    return frozenset(found)


def shown_members(node: Node, index: Index, known: KnownDataset) -> Iterator[Member]:
    """The members of a version that may be handed on, in the order of digests.

    Raises:
        DatasetError: its manifest is not here.
        DamagedManifest: a line of it does not hold.
    """
    for batch in _batches(members_of_dataset(node, known)):
        hidden = hidden_members(index, batch)
        yield from (member for member in batch if member.digest not in hidden)


def _batches(members: Iterable[Member]) -> Iterator[tuple[Member, ...]]:
    waiting = iter(members)
    return iter(lambda: tuple(islice(waiting, _BATCH)), ())
