"""The Merkle tree of RFC 6962 and RFC 9162, section 2.1: one module for log, rows, pieces and slices."""

from hashstore.merkle.accumulator import MerkleAccumulator
from hashstore.merkle.paths import consistency_path, consistency_ranges, inclusion_path, inclusion_ranges
from hashstore.merkle.proof import root_from_inclusion, verify_consistency, verify_inclusion
from hashstore.merkle.tree import EMPTY_ROOT, leaf_hash, leaf_hashes, merkle_root, node_hash

__all__ = [
    "EMPTY_ROOT",
    "MerkleAccumulator",
    "consistency_path",
    "consistency_ranges",
    "inclusion_path",
    "inclusion_ranges",
    "leaf_hash",
    "leaf_hashes",
    "merkle_root",
    "node_hash",
    "root_from_inclusion",
    "verify_consistency",
    "verify_inclusion",
]
