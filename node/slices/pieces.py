"""What is known of a blob's pieces, and from whom."""

from __future__ import annotations

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from hashstore.pieces import Pieces
from node.index import Index

_TOLD = """
SELECT size, piecesRoot, min(log) AS nearest, count(DISTINCT log) AS logs FROM pieces
WHERE digest = ? AND size IS NOT NULL AND piecesRoot IS NOT NULL AND size > 0
GROUP BY size, piecesRoot ORDER BY (nearest = 0) DESC, logs DESC, nearest
"""


def pieces_of(index: Index, digest: Digest) -> tuple[Pieces, ...]:
    """What the logs say of a blob's pieces: the own log's word first, then what most of the others say.

    Only who has the whole blob can tell whether a root belongs to it. So a log may lie: then pieces of honest
    peers seem wrong, and the next answer, or the whole blob from one peer, is to be tried before any of them
    is blamed. The digest of the whole decides in the end.
    """
    found = []
    for row in index.rows(_TOLD, [digest.raw]):
        try:
            found.append(Pieces(row["size"], Digest(row["piecesRoot"])))
        except HashstoreError:
            continue
    return tuple(found)
