"""Whether a file is the segment that a description promises."""

from hashstore.digest import Digest
from hashstore.merkle import MerkleAccumulator
from manifests.errors import DamagedSegment
from manifests.row_encoder import RowEncoder
from manifests.segment.parquet import SegmentFile
from manifests.segment.reader import segment_batches
from manifests.segment.value import MAX_ROWS, Segment
from manifests.tables import schema_by_digest


def check_segment(file: SegmentFile, segment: Segment) -> None:
    """Recompute all that a segment's description says of its rows: schema, count and root.

    The file's own digest is not looked at: whoever opened it by digest has checked that, and rows with the
    right root are the right rows whatever file they lie in.

    Args:
        file: A path, or an open file that can seek. A foreign one is read in a box by the caller.
        segment: The description.

    Raises:
        UnknownSchema: The schema is not known here.
        DamagedSegment: The file is no segment, or its rows are not those described.
        InvalidRow: It holds what no canonical row can hold.
    """
    schema = schema_by_digest(segment.schema)
    if schema.name != segment.table:
        raise DamagedSegment(f"{segment.schema.uri} is a schema of {schema.name!r}, not {segment.table!r}")
    if not 1 <= segment.rows <= MAX_ROWS:
        raise DamagedSegment(f"a segment has 1 to {MAX_ROWS} rows, not {segment.rows}")
    tree = MerkleAccumulator()
    encoder = RowEncoder(schema)
    try:
        for batch in segment_batches(file, schema):
            if tree.size + batch.num_rows > segment.rows:
                raise DamagedSegment(f"the segment has more than the {segment.rows} rows that it should have")
            tree.extend(encoder.leaf_hashes(batch, tree.size + 1))
    finally:
        encoder.close()
    if tree.size != segment.rows:
        raise DamagedSegment(f"the segment has {tree.size} rows where it should have {segment.rows}")
    if (root := Digest(tree.root())) != segment.rows_root:
        raise DamagedSegment(f"the segment's rows have root {root.uri}, not {segment.rows_root.uri}")
