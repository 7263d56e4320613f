"""The citation bundle of a thing: its row or statement, the paths, the signed checkpoint."""

from __future__ import annotations

from hashstore.digest import Digest
from manifests.proof import RowProof, prove_row
from manifests.tables import schema_by_digest
from node.compose import Node
from node.errors import NotFound
from node.index import Index
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing, Thing
from provenance.citation import cite_blob, cite_crawl, cite_row, cite_snapshot
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import Statement, parse_statement

# A blob is proved by the newest public row that says it was received.
CAPTURE_OF = (
    "SELECT log_index, row FROM capture WHERE digest = ? AND access = 'public' "
    "ORDER BY log_index DESC, row DESC"
)


def bundle_of(node: Node, index: Index, thing: Thing, text: str) -> bytes:
    """Make the citation bundle of a thing.

    Args:
        node: The node.
        index: Its open index.
        thing: What is cited.
        text: The citation in words.

    Raises:
        NotFound: there is no record of how the bytes came here, so nothing can be proved.
        ProvenanceError: the log is damaged.
    """
    description = log_description(node)
    match thing:
        case BlobThing(digest):
            row = index.one(CAPTURE_OF, [digest.raw])
            if row is None:
                raise NotFound(f"No public record says how {digest} came here, so there is nothing to prove.")
            proof = _prove(node, index, row["log_index"], row["row"])
            return cite_blob(node.reader, description, row["log_index"], proof, digest.uri, text)
        case RowThing(uri, _, log_index):
            proof = _prove(node, index, log_index, uri.row)
            return cite_row(node.reader, description, log_index, proof, text)
        case StatementThing(digest, _, _, log_index):
            statement = parse_statement(node.store.read(digest))
            return cite_crawl(node.reader, description, log_index, statement, text)
        case SnapshotThing():
            return cite_snapshot(node.reader, description, text)
        case SegmentThing():
            raise NotFound("A segment is cited by its crawl's statement or row by row (#row=N).")


def log_description(node: Node) -> Statement:
    """The first statement of this node's log, which names its keys."""
    leaf = decode_leaf(node.reader.leaf(0))
    if not isinstance(leaf, StatementLeaf):
        raise NotFound("The first entry of this log names no statement.")
    return parse_statement(node.store.read(leaf.statement))


def _prove(node: Node, index: Index, log_index: int, row: int) -> RowProof:
    leaf = index.one("SELECT segment, schema FROM leaf WHERE log_index = ?", [log_index])
    assert leaf is not None
    schema = schema_by_digest(Digest(leaf["schema"]))
    return prove_row(node.store.path(Digest(leaf["segment"])), schema, row - 1)
