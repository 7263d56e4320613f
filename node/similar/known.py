"""The indexes of vectors that some log tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.compose import Node
from node.index import Index
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds import VectorIndex
from provenance.statement.kinds.vector_index import read_vector_index


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """An index in a log.

    Attributes:
        digest: The statement.
        made: What it says.
    """

    digest: Digest
    made: VectorIndex


def known_vectors(node: Node, index: Index) -> Iterator[KnownVectors]:
    """All of them, own ones first, the newest of each log first; not those that are garbled."""
    query = "SELECT digest FROM statement WHERE kind = 'VectorIndex' ORDER BY log, log_index DESC"
    for row in index.rows(query):
        digest = Digest(row["digest"])
        try:
            yield KnownVectors(digest, read_vector_index(parse_statement(node.store.read(digest))))
        except (ProvenanceError, HashstoreError):
            continue
