"""A client of one node."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlencode

from hashstore.digest import Digest
from manifests.dataset.member import Member
from manifests.filter import read_filter
from node.client.blobs import CachedBlobs
from node.client.dataset import RemoteDataset, checked_dataset, description_of
from node.client.pictures import ask_annotations, ask_similar
from node.client.prefetch import AHEAD, THREADS, read_ahead
from node.errors import NotFound, Withdrawn
from node.peers.client import PeerClient, PeerMisbehaved, Refusal, UnexpectedStatus
from provenance.statement import parse_statement
from provenance.statement.kinds.dataset_version import read_dataset_version

_PAGE: Final = 200  # hits; a node gives no more at a time
_LARGEST: Final = 4 << 30  # bytes of one blob
_LARGEST_STATEMENT: Final = 4 << 20
_LARGEST_MANIFEST: Final = 2 << 30


class Client:
    """What one node publishes. Safe for several threads and processes: each has a connection of its own.

    Attributes:
        url: The node's base URL.
        cache: A folder that keeps what was read; None for none.
    """

    def __init__(self, url: str, *, cache: Path | None = None) -> None:
        """Asks nothing yet.

        Args:
            url: The node's base URL, such as https://node.museum.example.
            cache: A folder in which blobs are kept once they were read.

        Raises:
            PeerError: it is no http(s) URL.
        """
        PeerClient(url).close()
        self.url = url.rstrip("/")
        self.cache = cache

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Connections stay where they were made."""
        return {"url": self.url, "cache": self.cache}

    def close(self) -> None:
        """Close this thread's connection."""
        if (held := getattr(self._connections, "held", None)) is not None:
            held[1].close()
            self._connections.held = None

    def about(self) -> Mapping[str, Any]:
        """Who the node is: its name, its log's origin and key, its software."""
        return self._object("/.well-known/vasculum")

    def search(
        self, query: str = "", *, images: bool = False, sort: str = "name", most: int | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """The records that fit a filter, page by page as they are read.

        Args:
            query: A filter in either written form (spec/filters.md), such as `taxon:Fagaceae AND country:BE`.
            images: Only records of which the node has an image.
            sort: What they are sorted by; `-` before it reverses.
            most: How many at most; None for all.

        Returns:
            For each its values by Darwin Core term, its `row` URI, and the digests of its `images`.

        Raises:
            FilterRefused: the filter cannot be read; it says where.
            PeerError: no answer came, or the node refuses the search.
        """
        wishes = {"q": query, "images": str(images).lower(), "sort": sort, "after": ""}
        left = most
        while left is None or left > 0:
            wishes["limit"] = str(_PAGE if left is None else min(left, _PAGE))
            page = self._found(f"/api/search?{urlencode(wishes)}", query)
            hits, after = page.get("hits"), page.get("next")
            if not isinstance(hits, list) or (after is not None and not (hits and isinstance(after, str))):
                raise PeerMisbehaved(f"{self.url} gave no page of hits.")  # or one that has no end
            yield from hits
            if after is None:
                return
            left = None if left is None else left - len(hits)
            wishes["after"] = after

    def facets(self, query: str = "", *names: str, images: bool = False) -> Mapping[str, Any]:
        """How many of the records that fit a filter have each value of some facets.

        Args:
            query: A filter in either written form.
            names: Such as family or countryCode; without any, those that the node thinks usual.
            images: Only records of which the node has an image.

        Raises:
            FilterRefused: the filter cannot be read; it says where.
            PeerError: no answer came, or the node refuses the search.
        """
        wishes = [("q", query), ("images", str(images).lower()), *(("facet", name) for name in names)]
        return self._found(f"/api/facets?{urlencode(wishes)}", query)

    def similar(
        self,
        picture: bytes | str | Digest,
        *,
        region: str | None = None,
        query: str = "",
        most: int = 20,
        index: str | None = None,
    ) -> Mapping[str, Any]:
        """Images, and parts of images, that look like a picture.

        Args:
            picture: The bytes of one, which the node does not store; or an image of the node, by its digest.
            region: Ask with this part of it: `X,Y,WIDTH,HEIGHT` in pixels of the upright picture.
            query: A filter: find only among the images of records that it holds for.
            most: How many at most, up to 200.
            index: Search this index, by the first hex digits of its statement's digest.

        Returns:
            `index`, `analyzer`, and `hits`: each with `digest`, `score`, `analyzer`, and `region` where it is
            part of an image.

        Raises:
            NotFound: the node has no such image, or no index of vectors.
            Withdrawn: the image was taken back.
            PeerError: no answer came, or the node refuses the picture or another part of the question.
        """
        asked = Digest.parse(picture) if isinstance(picture, str) else picture
        wishes = {"region": region, "q": query, "limit": str(most), "index": index}
        return ask_similar(self._connection(), asked, wishes)

    def annotations(self, image: str | Digest, *, vectors: bool = False) -> Iterator[Mapping[str, Any]]:
        """What was found in an image, as annotations of W3C Web Annotation.

        Args:
            image: Its digest.
            vectors: With the coordinates of vectors.

        Raises:
            NotFound: the node has no such image, or does not show it.
            Withdrawn: it was taken back.
            PeerError: no answer came.
        """
        digest = image if isinstance(image, Digest) else Digest.parse(image)
        return ask_annotations(self._connection(), digest, vectors=vectors)

    def datasets(self) -> tuple[Mapping[str, Any], ...]:
        """The versions of datasets that the node, or one that it follows, has published.

        Returns:
            For each `dataset` (its digest), `title`, `version`, `members`, `license`, and more.
        """
        return tuple(self._object("/api/datasets").get("datasets", ()))

    def dataset(self, identifier: str | Digest) -> RemoteDataset:
        """A version of a dataset, checked against its digest.

        Args:
            identifier: Its digest in any form, as a citation gives it.

        Raises:
            NotFound: the node does not have it.
            DatasetError: its manifest is not the one that it names.
            ManifestError, ProvenanceError: statement or manifest cannot be read.
        """
        digest = identifier if isinstance(identifier, Digest) else Digest.parse(identifier)
        version = read_dataset_version(parse_statement(self._blob(digest, _LARGEST_STATEMENT)))
        try:
            manifest = self._blob(version.manifest, _LARGEST_MANIFEST)
        except (NotFound, Withdrawn):
            # Members were withdrawn since: the node gives the manifest with leaf hashes in their places.
            manifest = self._get(f"/api/datasets/{digest.hex}/manifest", _LARGEST_MANIFEST, digest)
        return checked_dataset(
            description_of(digest, version), version.manifest_root, manifest.splitlines(keepends=True)
        )

    def read(self, digest: str | Digest) -> bytes:
        """The bytes of a digest, verified.

        Raises:
            NotFound: the node does not have them, or does not show them.
            Withdrawn: they were taken back.
            PeerError: no answer came, or the bytes of another digest.
        """
        parsed = digest if isinstance(digest, Digest) else Digest.parse(digest)
        return self._cached.read(parsed) if self._cached is not None else self._blob(parsed, _LARGEST)

    def images(
        self, members: Iterable[Member], *, threads: int = THREADS, ahead: int = AHEAD
    ) -> Iterator[tuple[Member, bytes]]:
        """The bytes of members in their order, fetched ahead.

        Args:
            members: Such as `dataset.members`.
            threads: How many are asked for at the same time.
            ahead: How many are asked for before they are wanted, and so held in memory.
        """
        return read_ahead(self, members, _digest_of, threads=threads, ahead=ahead)

    @cached_property
    def _connections(self) -> threading.local:
        return threading.local()

    @cached_property
    def _cached(self) -> CachedBlobs | None:
        return None if self.cache is None else CachedBlobs(_Uncached(self), self.cache)

    def _connection(self) -> PeerClient:
        """This thread's connection; a forked process must not go on with that of its parent."""
        held: tuple[int, PeerClient] | None = getattr(self._connections, "held", None)
        if held is None or held[0] != os.getpid():
            held = self._connections.held = (os.getpid(), PeerClient(self.url))
        return held[1]

    def _blob(self, digest: Digest, most: int) -> bytes:
        data = self._get(f"/blob/sha256/{digest.hex}", most, digest)
        if Digest.of(data) != digest:
            raise PeerMisbehaved(f"{self.url} gave other bytes for {digest}. They were thrown away.")
        return data

    def _get(self, path: str, most: int, digest: Digest) -> bytes:
        found = self._connection().get(path, most)
        if isinstance(found, Refusal):
            if found.status == 410:
                raise Withdrawn(f"{digest} was withdrawn, says {self.url}.")
            raise NotFound(f"{self.url} does not have {digest}, or does not show it.")
        return found

    def _found(self, path: str, query: str) -> Mapping[str, Any]:
        try:
            return self._object(path)
        except UnexpectedStatus:
            # The node knows its filters best; if ours refuses this one too, it can say where.
            if query.strip():
                read_filter(query)
            raise

    def _object(self, path: str) -> Mapping[str, Any]:
        found = self._connection().get_json(path)
        if not isinstance(found, dict):
            raise PeerMisbehaved(f"{self.url}{path} is no JSON object. Is this a Vasculum node?")
        return found


class _Uncached:
    """The node itself, for the folder that stands before it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, digest: Digest) -> bytes:
        return self._client._blob(digest, _LARGEST)


def _digest_of(member: Member) -> Digest:
    return member.digest
