"""Bytes by digest, wherever they come from: a node, a folder of blobs, or a folder before a node."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from hashstore.blobstore import DirectoryBlobStore, add_bytes
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob


class BlobSource(Protocol):
    """Whatever gives bytes by digest; a `DirectoryBlobStore` over a node's `blobs` folder is one."""

    def read(self, digest: Digest) -> bytes:
        """The bytes, verified."""


class CachedBlobs:
    """A folder that keeps what was read from another source, in the layout of any blob store.

    What lies there is verified again whenever it is read; what is damaged is fetched anew.
    """

    def __init__(self, source: BlobSource, folder: Path) -> None:
        """Makes nothing yet.

        Args:
            source: Asked for what is not in the folder.
            folder: Made when it is first needed. Nothing is ever deleted from it.
        """
        self._source = source
        self._folder = folder

    def read(self, digest: Digest) -> bytes:
        store = DirectoryBlobStore(self._folder)
        try:
            return store.read(digest)
        except BlobNotFound:
            pass
        except CorruptBlob:
            store.remove(digest)
        data = self._source.read(digest)
        add_bytes(store, data)
        return data
