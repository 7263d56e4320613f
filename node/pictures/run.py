"""Read the pictures of which this node has not said yet what they look like, and sign what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from typing import Final

import pyarrow as pa

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment, SegmentWriter
from manifests.tables import PICTURE
from node.compose import Node
from node.index import Index
from node.look.access import access_of
from node.look.things import BlobThing
from node.pictures.boxed import rows_of_pictures
from node.publish import staged
from node.track.finish import leaves_of
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds.picture_reading import PictureReading

# Pictures in one statement: a killed run has to read as many again at most, some ten minutes of work.
_ROUND: Final = 10_000
_UNREAD: Final = """
SELECT DISTINCT c.digest FROM capture c ANTI JOIN picture p ON p.digest = c.digest
WHERE c.digest IS NOT NULL AND c.access = 'public' AND c.role IN ('image', 'file')
ORDER BY c.digest
"""


@dataclass(frozen=True, slots=True)
class Read:
    """What a run came to.

    Attributes:
        pictures: How many were read.
        unreadable: How many could not be.
        statements: The signed statements, as URIs.
    """

    pictures: int
    unreadable: int
    statements: tuple[str, ...]


def read_pictures(node: Node, begin: Callable[[int], object], advance: Callable[[int], object]) -> Read:
    """Read every public image and file that is here and of which no log tells yet.

    Each ten thousand are signed and in the log before the next: killed, a run goes on from there.

    Args:
        node: The node; this waits until no other process writes to it.
        begin: Told how many there are.
        advance: Told as they are read.
    """
    pictures = unreadable = 0
    statements: list[str] = []
    with node.writing():
        with node.index() as index:
            unread = list(_unread(node, index))
        begin(len(unread))
        waiting = iter(unread)
        while digests := list(islice(waiting, _ROUND)):
            found, statement = _round(node, digests, advance)
            pictures, unreadable = pictures + found[0], unreadable + found[1]
            statements.append(statement.uri)
    return Read(pictures, unreadable, tuple(statements))


def _unread(node: Node, index: Index) -> Iterator[Digest]:
    for row in index.rows(_UNREAD):
        digest = Digest(row["digest"])
        # Its rows may be public here and withheld there; the blob is what would be told of.
        if node.store.contains(digest) and access_of(index, BlobThing(digest)) is AccessClass.PUBLIC:
            yield digest


def _round(
    node: Node, digests: list[Digest], advance: Callable[[int], object]
) -> tuple[tuple[int, int], Digest]:
    started = datetime.now(UTC)
    faults = 0
    with SegmentWriter(node.store, PICTURE, AccessClass.PUBLIC) as writer:
        for rows in rows_of_pictures((digest, node.store.path(digest)) for digest in digests):
            writer.write(pa.RecordBatch.from_pylist(rows, schema=PICTURE.arrow))
            faults += sum(row.get("fault") is not None for row in rows)
            advance(len(rows))
        finished = writer.finish()
    segments = tuple(segment for segment, _ in finished)
    counts = (len(digests) - faults, faults)
    return counts, _publish(node, started, segments, counts, [sealed for _, sealed in finished])


def _publish(
    node: Node,
    started: datetime,
    segments: tuple[Segment, ...],
    counts: tuple[int, int],
    sealed: list[Sealed],
) -> Digest:
    reading = PictureReading(
        id=new_statement_id(),
        agent=node.identity.public,
        software=("vasculum", version("vasculum")),
        started=started,
        ended=datetime.now(UTC),
        segments=segments,
        read=counts[0],
        unreadable=counts[1],
    )
    statement = issue(reading.document(), node.identity, datetime.now(UTC))
    node.store.commit([*sealed, staged(node, statement.raw)])
    node.log.append([leaf.encode() for leaf in leaves_of(statement)])
    with node.index():
        pass  # opening it brings it up to the log
    return statement.digest
