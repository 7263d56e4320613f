"""Segments: immutable Parquet files of one table's rows, each under one Merkle root (spec/segments.md)."""

from manifests.segment.check import check_segment
from manifests.segment.reader import leaf_hashes, read_row, segment_batches
from manifests.segment.value import MAX_ROWS, Segment
from manifests.segment.writer import SegmentWriter

__all__ = [
    "MAX_ROWS",
    "Segment",
    "SegmentWriter",
    "check_segment",
    "leaf_hashes",
    "read_row",
    "segment_batches",
]
