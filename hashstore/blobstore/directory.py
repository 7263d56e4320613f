"""A blob store in a plain folder, which `sha256sum` alone can verify (see `spec/blob-store.md`)."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from hashstore.blobstore import durable, layout, temporaries
from hashstore.blobstore.interface import Sealed
from hashstore.blobstore.landing import land
from hashstore.blobstore.prefix import checked_prefix
from hashstore.blobstore.reader import verifying_reader
from hashstore.blobstore.staged_file import StagedFile
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, StoreUnusable


class DirectoryBlobStore:
    """Blobs as files `root/aa/bb/<hex>`.

    Opening one writes nothing, so that a read-only disk can be read; the folder and `tmp/` in it are made
    when the first blob is staged, and what dead processes left in `tmp/` is swept then.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root.absolute())
        self._anchored: set[str] = set()
        self._session: temporaries.Session | None = None
        self._lock = threading.Lock()

    @property
    def root(self) -> Path:
        """The store's folder."""
        return Path(self._root)

    def path(self, digest: Digest) -> Path:
        """Where the blob lies, or would lie. Bytes read from there are not verified."""
        return Path(self._path(digest.hex))

    def located(self, digest: Digest) -> tuple[str, int] | None:
        """The path and the size in bytes of a blob, as a server asks at each request; None if it is not here.

        Bytes read from there are not verified.
        """
        size = self._size(digest)
        return None if size is None else (self._path(digest.hex), size)

    def stage(self) -> StagedFile:
        try:
            return StagedFile(self._current_session().new_path())
        except OSError as error:
            raise durable.translated(error, f"making a temporary under {self._root}") from error

    def commit(self, sealed: Iterable[Sealed]) -> None:
        batch = list(sealed)
        try:
            landings = [(self._token(one), one.digest.hex, one.size) for one in batch]
            land(self._root, landings, self._anchored)
        except OSError as error:
            self.discard(batch)
            raise durable.translated(error, f"landing {len(batch)} blobs under {self._root}") from error

    def discard(self, sealed: Iterable[Sealed]) -> None:
        for one in sealed:
            with suppress(OSError):
                os.unlink(self._token(one))

    def contains(self, digest: Digest) -> bool:
        return self._size(digest) is not None

    def size(self, digest: Digest) -> int:
        size = self._size(digest)
        if size is None:
            raise BlobNotFound(digest, self._root)
        return size

    def open(self, digest: Digest) -> BinaryIO:
        source = self._file(digest)
        return verifying_reader(source, os.fstat(source.fileno()).st_size, digest, self._path(digest.hex))

    def read(self, digest: Digest) -> bytes:
        # In one piece: what verifies as it reads costs twice as much, which whoever trains on images notices.
        path = self._path(digest.hex)
        with self._file(digest) as source:
            try:
                data = source.readall()
            except OSError as error:
                raise durable.translated(error, f"reading {path}") from error
        if Digest.of(data) != digest:
            raise CorruptBlob(digest, path)
        return data

    def _file(self, digest: Digest) -> FileIO:
        path = self._path(digest.hex)
        try:
            return open(path, "rb", buffering=0)
        except FileNotFoundError:
            raise BlobNotFound(digest, self._root) from None
        except OSError as error:
            raise durable.translated(error, f"opening {path}") from error

    def digests(self) -> Iterator[Digest]:
        return self.with_prefix("")

    def with_prefix(self, hex_prefix: str) -> Iterator[Digest]:
        return self._listed(checked_prefix(hex_prefix))

    def remove(self, digest: Digest) -> None:
        path = self._path(digest.hex)
        try:
            os.unlink(path)
            durable.sync_path(os.path.dirname(path))
        except FileNotFoundError:
            raise BlobNotFound(digest, self._root) from None
        except OSError as error:
            raise durable.translated(error, f"removing {path}") from error

    def sweep(self) -> int:
        """Remove the temporaries that dead processes left; those of the living stay.

        Returns:
            How many files there were.

        Raises:
            StoreUnusable: If the store cannot be written.
        """
        try:
            return temporaries.sweep(self._root)
        except OSError as error:
            raise durable.translated(error, f"sweeping {self._root}/{layout.TEMPORARY}") from error

    def _path(self, name: str) -> str:
        first, second = layout.folder_names(name)
        return f"{self._root}/{first}/{second}/{name}"

    def _listed(self, prefix: str) -> Iterator[Digest]:
        try:
            for name in layout.blob_names(self._root, prefix):
                yield Digest(bytes.fromhex(name))
        except OSError as error:
            raise durable.translated(error, f"listing {self._root}") from error

    def _size(self, digest: Digest) -> int | None:
        path = self._path(digest.hex)
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise durable.translated(error, f"looking at {path}") from error
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def _current_session(self) -> temporaries.Session:
        session = self._session
        if session is None or session.pid != os.getpid():  # a forked child needs names of its own
            with self._lock:
                session = self._session
                if session is None or session.pid != os.getpid():
                    session = self._session = temporaries.Session(self._root)
        return session

    def _token(self, sealed: Sealed) -> str:
        if not isinstance(sealed.token, str) or not sealed.token.startswith(
            f"{self._root}/{layout.TEMPORARY}/"
        ):
            raise StoreUnusable(f"{sealed.digest} was not staged in the store {self._root}")
        return sealed.token
