"""An export to be read where it is: below a prefix of object storage, or in a folder of a web server."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast
from urllib.parse import urlsplit

from hashstore.errors import StoreUnusable
from manifests.export.errors import DamagedExport, PlaceUnusable
from manifests.export.manifest import MANIFEST_NAME, lines_of
from manifests.export.verify import Tree, opened_tree
from node.errors import ConfigError
from node.export.object_asking import ObjectMissing, asking
from node.storage.address import Bucket, open_bucket, parse_address
from node.storage.object_reader import PIECE, PieceSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore.store import ObjectStore

_WEB: Final = ("http", "https")
_PATIENCE: Final = timedelta(minutes=2)  # for one piece of 8 MiB


@contextmanager
def opened_export(text: str) -> Iterator[Tree]:
    """Open an export wherever it is.

    Args:
        text: A folder, a tar or a ZIP; `s3://bucket/prefix`, `gs://`, `az://`; or a folder's https:// URL.

    Raises:
        DamagedExport: it cannot be read as an export.
        PlaceUnusable: it cannot be reached.
        ConfigError: the address cannot be read.
    """
    if "://" not in text:
        with opened_tree(Path(text)) as tree:
            yield tree
        return
    if urlsplit(text).scheme in _WEB:
        yield ObjectTree(_web(text), text.rstrip("/"), lists=False)
        return
    address = parse_address(text)
    if isinstance(address, Bucket):
        try:
            store = open_bucket(address)
        except StoreUnusable as error:
            raise PlaceUnusable(str(error)) from error
        yield ObjectTree(store, address.url, lists=True)
    else:
        with opened_tree(address) as tree:
            yield tree


class ObjectTree:
    """The files of an export, an object each."""

    def __init__(self, store: ObjectStore, name: str, *, lists: bool) -> None:
        """Asks nothing yet.

        Args:
            store: Where they are, with the prefix.
            name: Its address, for people.
            lists: Whether it can tell what else is there; a web server cannot.
        """
        self._store = store
        self._name = name
        self._lists = lists
        self._named: set[str] = set()

    def manifest(self) -> Iterator[bytes]:
        try:
            with self._opened(MANIFEST_NAME) as file:
                yield from lines_of(file)
        except ObjectMissing as error:
            raise DamagedExport(
                f"{self._name} has no {MANIFEST_NAME}: it is no export, or not a whole one."
            ) from error

    def open(self, path: str) -> BinaryIO:
        try:
            return self._opened(path)
        except ObjectMissing:
            raise DamagedExport("it is not there") from None

    def besides(self) -> Iterator[str]:
        if not self._lists:
            return
        import obstore

        with asking(f"listing {self._name}"):
            for page in obstore.list(self._store):
                yield from (meta["path"] for meta in page if meta["path"] not in self._named)

    def _opened(self, path: str) -> BinaryIO:
        import obstore

        self._named.add(path)
        where = f"reading {self._name}/{path}"
        with asking(where):
            answer = obstore.get(self._store, path)
            size = answer.meta["size"]
            # A small file comes with the first answer; a large one by pieces, each of which can be repeated.
            first = answer.bytes() if size <= PIECE else b""
        return cast(BinaryIO, io.BufferedReader(_Raw(PieceSource(self._fetcher(path), size, first)), 1 << 20))

    def _fetcher(self, path: str) -> Callable[[int, int], WriteableBuffer]:
        import obstore

        def fetch(start: int, stop: int) -> WriteableBuffer:
            with asking(f"reading {self._name}/{path}"):
                return bytearray(obstore.get_range(self._store, path, start=start, end=stop))

        return fetch


class _Raw(io.RawIOBase):
    def __init__(self, source: PieceSource) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return self._source.readinto(buffer)


def _web(url: str) -> ObjectStore:
    """A folder of a web server.

    Raises:
        ConfigError: the URL names no server, or holds a password, which would stand in every error.
        PlaceUnusable: the library for object storage is not here.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(f"{url!r} is no folder of a web server: give https://host/path.")
    try:
        from obstore.store import HTTPStore
    except ImportError:
        raise PlaceUnusable(f"{url} needs the library obstore: pip install 'vasculum[s3]'") from None
    with asking(f"opening {url}"):
        return HTTPStore.from_url(
            url.rstrip("/"),
            client_options={"timeout": _PATIENCE, "allow_http": parts.scheme == "http"},
            retry_config={"max_retries": 5, "retry_timeout": _PATIENCE},
        )
