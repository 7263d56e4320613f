"""Where bytes rest under their digests: one protocol, its stores, and what is done to whole stores."""

from hashstore.blobstore.ahead import StagedAhead
from hashstore.blobstore.copying import Unreadable
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.ingest import Added, AddReport, add_bytes, add_files, add_staged
from hashstore.blobstore.interface import BlobStore, Sealed, Staging
from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.blobstore.verify import Fault, verify_store

__all__ = [
    "AddReport",
    "Added",
    "BlobStore",
    "DirectoryBlobStore",
    "Fault",
    "MemoryBlobStore",
    "Sealed",
    "StagedAhead",
    "Staging",
    "Unreadable",
    "add_bytes",
    "add_files",
    "add_staged",
    "verify_store",
]
