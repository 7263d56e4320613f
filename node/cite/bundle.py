"""The citation bundle of a thing: its row or statement, the paths, the signed checkpoint."""

from __future__ import annotations

from hashstore.digest import Digest
from manifests.proof import RowProof, prove_row
from manifests.tables import schema_by_digest
from node.compose import Node
from node.errors import NotFound
from node.index import Index
from node.index.ddl import OWN_LOG
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing, Thing
from provenance.citation import Further, cite_blob, cite_crawl, cite_row, cite_snapshot, pack_bundle
from provenance.key_history import KEY_KINDS
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.log.reader import LogReader
from provenance.statement import Statement, parse_statement

# A blob is proved by the newest public row that says it was received: our own before that of a followed log.
CAPTURE_OF = (
    "SELECT log, log_index, row FROM capture WHERE digest = ? AND access = 'public' "
    "ORDER BY log, log_index DESC, row DESC LIMIT 1"
)


_LARGE = 10_000  # bytes; a bundle beyond is packed, which halves it


def bundle_of(
    node: Node, index: Index, thing: Thing, text: str, *, all_lines: bool = False, packed: bool = True
) -> bytes:
    """Make the citation bundle of a thing.

    Args:
        node: The node.
        index: Its open index.
        thing: What is cited.
        text: The citation in words.
        all_lines: Keep signature lines of every algorithm.
        packed: Pack it if it is large.

    Raises:
        NotFound: there is no record of how the bytes came here, so nothing can be proved.
        ProvenanceError: the log is damaged.
    """
    data = _bundle_of(node, index, thing, text, all_lines)
    return pack_bundle(data) if packed and len(data) > _LARGE else data


def _bundle_of(node: Node, index: Index, thing: Thing, text: str, all_lines: bool) -> bytes:
    match thing:
        case BlobThing(digest):
            row = index.one(CAPTURE_OF, [digest.raw])
            if row is None:
                raise NotFound(f"No public record says how {digest} came here, so there is nothing to prove.")
            place = (row["log"], row["log_index"])
            proof = _prove(node, index, place, row["row"])
            reader, description = _log(node, index, row["log"])
            further = _further(node, index, row["log"], all_lines)
            return cite_blob(reader, description, row["log_index"], proof, digest.uri, text, further)
        case RowThing(uri, _, log, log_index):
            proof = _prove(node, index, (log, log_index), uri.row)
            further = _further(node, index, log, all_lines)
            return cite_row(*_log(node, index, log), log_index, proof, text, further)
        case StatementThing(digest, _, _, log, log_index):
            statement = parse_statement(node.store.read(digest))
            further = _further(node, index, log, all_lines)
            return cite_crawl(*_log(node, index, log), log_index, statement, text, further)
        case SnapshotThing():
            further = _further(node, index, OWN_LOG, all_lines)
            return cite_snapshot(node.reader, log_description(node, node.reader), text, further)
        case SegmentThing():
            raise NotFound("A segment is cited by its crawl's statement or row by row (#row=N).")


def _log(node: Node, index: Index, log: int) -> tuple[LogReader, Statement]:
    """The log of that number, and what it says of itself."""
    reader = node.log_reader(index, log)
    return reader, log_description(node, reader)


def _further(node: Node, index: Index, log: int, all_lines: bool) -> Further:
    """What the log says of its keys after its first statement."""
    return Further(key_statements(node, index, log), all_lines)


def key_statements(node: Node, index: Index, log: int) -> tuple[tuple[int, Statement], ...]:
    """The statements of a log that change its keys, in log order, each with its place."""
    kinds = sorted(KEY_KINDS)
    places = ", ".join("?" * len(kinds))
    rows = index.rows(
        f"SELECT log_index, digest FROM statement WHERE log = ? AND kind IN ({places}) ORDER BY log_index",
        [log, *kinds],
    )
    return tuple(
        (int(row["log_index"]), parse_statement(node.store.read(Digest(row["digest"])))) for row in rows
    )


def log_description(node: Node, reader: LogReader) -> Statement:
    """The first statement of a log, which names its keys."""
    leaf = decode_leaf(reader.leaf(0))
    if not isinstance(leaf, StatementLeaf):
        raise NotFound("The first entry of this log names no statement.")
    return parse_statement(node.store.read(leaf.statement))


def _prove(node: Node, index: Index, place: tuple[int, int], row: int) -> RowProof:
    leaf = index.one("SELECT segment, schema FROM leaf WHERE log = ? AND log_index = ?", list(place))
    assert leaf is not None
    schema = schema_by_digest(Digest(leaf["schema"]))
    return prove_row(node.store.path(Digest(leaf["segment"])), schema, row - 1)
