"""Where a node's bytes rest beyond one folder: object storage, and the tier of two."""

from node.storage.interface import Archive, Place
from node.storage.tiered import NodeStore, Tier, TieredBlobStore, sizes_of

__all__ = ["Archive", "NodeStore", "Place", "Tier", "TieredBlobStore", "sizes_of"]
