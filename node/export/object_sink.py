"""An export in object storage: objects below a prefix; without the manifest, the last, there is no export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from hashstore.blobstore.interface import Chunk
from manifests.export.errors import ExportRefused
from manifests.export.model import Entry
from node.export.object_asking import ObjectMissing, asking

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_PART: Final = 16 << 20  # bytes; S3 takes 10,000 parts, so a file may have 160 GB
_PARTS: Final = 4  # of one large object, at the same time


class ObjectSink:
    """A prefix of a bucket. An object store shows each object whole or not at all."""

    at_once: Final = 4

    def __init__(self, store: ObjectStore, name: str) -> None:
        """Asks nothing of it yet.

        Args:
            store: The bucket, with its prefix.
            name: Its address, for people.
        """
        self._store = store
        self._name = name

    def require_empty(self) -> None:
        """Refuse a prefix below which something lies.

        Raises:
            ExportRefused: there is something.
            PlaceUnusable: it cannot be listed.
        """
        import obstore

        with asking(f"listing {self._name}"):
            page = next(iter(obstore.list(self._store, chunk_size=1)), None)
        if page:
            raise ExportRefused(
                f"{self._name} is not empty. Export to another prefix, or go on with an "
                "unfinished export (--resume)."
            )

    def clear(self) -> None:
        """Delete what lies below the prefix; it was empty when the export was begun, so all of it is ours.

        Raises:
            PlaceUnusable: that cannot be done.
        """
        import obstore

        with asking(f"removing what is unfinished below {self._name}"):
            for page in obstore.list(self._store):
                obstore.delete(self._store, [meta["path"] for meta in page])

    def recover(self, entries: Iterable[Entry]) -> int:
        """An acknowledged object is durable, so its size is enough to see that it is still there."""
        import obstore

        whole = 0
        for entry in entries:
            try:
                with asking(f"looking at {self._name}/{entry.path}"):
                    size = obstore.head(self._store, entry.path)["size"]
            except ObjectMissing:
                break
            if size != entry.size:
                break
            whole += 1
        return whole

    def put(self, path: str, size: int | None, chunks: Iterator[Chunk]) -> None:
        import obstore

        with asking(f"writing {self._name}/{path}"):
            if size is not None and size <= _PART:
                obstore.put(self._store, path, b"".join(chunks), use_multipart=False)
            else:
                pieces = (bytes(chunk) for chunk in chunks if len(chunk))
                obstore.put(self._store, path, pieces, chunk_size=_PART, max_concurrency=_PARTS)

    def publish(self) -> None:
        """The manifest is there, which says that all the rest is."""

    def close(self) -> None:
        """There is nothing to let go of."""
