"""A blob store in object storage: S3 and the like, Google Cloud Storage, Azure (see `spec/storage.md`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

from hashstore.blobstore import DirectoryBlobStore, Sealed, Staging
from hashstore.blobstore.layout import folder_names, is_blob_name, is_folder_name
from hashstore.blobstore.prefix import checked_prefix
from hashstore.blobstore.reader import verifying_reader
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, HashstoreError, StoreUnusable
from node.storage.interface import Place
from node.storage.object_errors import translated
from node.storage.object_reader import PIECE, PieceSource
from node.storage.upload import upload

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

_AT_ONCE: Final = 8  # uploads of one batch at the same time; small blobs wait for the network, not for us
Answer = TypeVar("Answer")


class ObjectBlobStore:
    """Blobs as objects `aa/bb/<hex>` below a prefix.

    Bytes are staged in a folder of this machine, because their name is known only at their end; `commit`
    uploads them. An object store acknowledges a put when the object is durable, and shows it whole or not at
    all, so two writers of the same bytes put the same object.
    """

    def __init__(self, store: ObjectStore, name: str, spool: Path) -> None:
        """Opens a store; nothing is asked of it yet.

        Args:
            store: The bucket, with its prefix.
            name: Its address, for people; nothing secret.
            spool: Where bytes are staged, in `tmp/` of this folder; may be the folder of another blob store.
        """
        self._store = store
        self._name = name
        self._spool = DirectoryBlobStore(spool)

    @property
    def name(self) -> str:
        """The address."""
        return self._name

    def stage(self) -> Staging:
        return self._spool.stage()

    def commit(self, sealed: Iterable[Sealed]) -> None:
        batch = list(sealed)
        distinct = list({one.digest: one for one in batch}.values())
        try:
            if len(distinct) == 1:
                self._land(distinct[0])
            elif distinct:
                with ThreadPoolExecutor(min(_AT_ONCE, len(distinct)), "upload") as pool:
                    for _ in pool.map(self._land, distinct):
                        pass
        finally:
            self.discard(batch)  # landed or not: what landed needs its temporary no more

    def discard(self, sealed: Iterable[Sealed]) -> None:
        self._spool.discard(sealed)

    def contains(self, digest: Digest) -> bool:
        return self._meta(digest) is not None

    def size(self, digest: Digest) -> int:
        meta = self._meta(digest)
        if meta is None:
            raise BlobNotFound(digest, self._name)
        return meta["size"]

    def open(self, digest: Digest) -> BinaryIO:
        import obstore

        key = key_of(digest)
        with self._asking(f"reading {self._name}/{key}", digest):
            answer = obstore.get(self._store, key)
            size = answer.meta["size"]
            # A small blob comes with the first answer; a large one by pieces, each of which can be repeated.
            first = answer.bytes() if size <= PIECE else b""
        source = PieceSource(self._fetcher(digest, key), size, first)
        return verifying_reader(source, size, digest, f"{self._name}/{key}")

    def read(self, digest: Digest) -> bytes:
        with self.open(digest) as reader:
            return reader.read()

    def digests(self) -> Iterator[Digest]:
        return self.with_prefix("")

    def with_prefix(self, hex_prefix: str) -> Iterator[Digest]:
        prefix = checked_prefix(hex_prefix)
        return (
            place.digest
            for place in self._listed(prefix)
            if place.digest is not None and place.digest.hex.startswith(prefix)
        )

    def places(self) -> Iterator[Place]:
        """Everything below the prefix: blobs in the order of their digests, and what does not belong."""
        return self._listed("")

    def remove(self, digest: Digest) -> None:
        import obstore

        if self._meta(digest) is None:  # an object store deletes what is not there without a word
            raise BlobNotFound(digest, self._name)
        with self._asking(f"removing {self._name}/{key_of(digest)}", digest):
            obstore.delete(self._store, key_of(digest))

    def _land(self, sealed: Sealed) -> None:
        meta = self._meta(sealed.digest)
        if meta is not None and meta["size"] == sealed.size:
            return
        key = key_of(sealed.digest)
        path = self._staged_path(sealed)
        with self._asking(f"writing {self._name}/{key}"):
            upload(self._store, key, sealed, path)

    def _staged_path(self, sealed: Sealed) -> Path:
        path = Path(sealed.token) if isinstance(sealed.token, str) else None
        if path is None or not path.is_relative_to(self._spool.root) or not path.is_file():
            raise StoreUnusable(f"{sealed.digest} was not staged for {self._name}; add it again")
        return path

    def _meta(self, digest: Digest) -> ObjectMeta | None:
        import obstore

        key = key_of(digest)
        try:
            with self._asking(f"looking at {self._name}/{key}", digest):
                return obstore.head(self._store, key)
        except BlobNotFound:
            return None

    def _fetcher(self, digest: Digest, key: str) -> Callable[[int, int], bytes]:
        import obstore

        def fetch(start: int, stop: int) -> bytes:
            with self._asking(f"reading {self._name}/{key}", digest):
                return bytes(obstore.get_range(self._store, key, start=start, end=stop))

        return fetch

    def _listed(self, prefix: str) -> Iterator[Place]:
        """What lies below `prefix`'s folder. Only one of the 256 folders is held in memory at a time.

        Not every store lists in the order of names, so each folder is sorted here.
        """
        import obstore

        with self._asking(f"listing {self._name}"):
            top = obstore.list_with_delimiter(self._store)
        yield from (_place(self._name, meta) for meta in top["objects"])
        for first in sorted(top["common_prefixes"]):
            if not first.startswith(prefix[:2]):
                continue
            folder = f"{first}/{prefix[2:4]}" if len(prefix) >= 4 else first
            with self._asking(f"listing {self._name}/{folder}"):
                found = [meta for page in obstore.list(self._store, folder) for meta in page]
            yield from (_place(self._name, meta) for meta in sorted(found, key=lambda meta: meta["path"]))

    @contextmanager
    def _asking(self, doing: str, digest: Digest | None = None) -> Iterator[None]:
        """Translate what obstore raises: its own errors, and the built-in ones that it takes for the same."""
        try:
            yield
        except HashstoreError:
            raise
        except FileNotFoundError as error:
            if digest is None:
                raise translated(error, doing) from error
            raise BlobNotFound(digest, self._name) from None
        except Exception as error:
            from obstore.exceptions import BaseError

            if not isinstance(error, (BaseError, OSError)):
                raise
            raise translated(error, doing) from error


def key_of(digest: Digest) -> str:
    """The key of a blob below the prefix: the layout of a folder."""
    first, second = folder_names(digest.hex)
    return f"{first}/{second}/{digest.hex}"


def _place(name: str, meta: ObjectMeta) -> Place:
    key = meta["path"]
    return Place(f"{name}/{key}", _digest_of(key), meta["size"])


def _digest_of(key: str) -> Digest | None:
    *folders, last = key.split("/")
    fits = is_blob_name(last) and folders == list(folder_names(last)) and all(map(is_folder_name, folders))
    return Digest(bytes.fromhex(last)) if fits else None
