"""One worker's answers to searches by pictures: an index that is open, and a process that makes vectors."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from analyzers.errors import AnalyzerError, MalformedRegion
from analyzers.region import Region
from analyzers.vectors.search import Hit, VectorIndex
from hashstore.digest import Digest
from hashstore.errors import HashstoreError, MalformedDigest
from manifests.errors import FilterRefused
from manifests.filter import read_filter
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan
from node.checklists.use import by_checklist, only_own
from node.compose import Node
from node.errors import ChecklistError, NotFound, SearchBusy, SearchNotReady, SearchRefused, Withdrawn
from node.search.desk import SearchDesk
from node.search.images import images_matching
from node.similar.asked import asked_region, picture_bytes, record_of, require_image
from node.similar.embedder import Embedder, UnreadableQuery, Vector
from node.similar.find import find_similar, plan_for, said_vector
from node.similar.known import KnownVectors, Maker, NoIndex, choose_vectors, maker_of, open_vectors

_LOG = logging.getLogger("vasculum.serve")
_PATIENCE: Final = 3.0  # seconds for which one waits for those before it
# Each takes a processor and hundreds of megabytes; more of them at a time would only wait for each other.
_ASKING: Final = threading.Semaphore(1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked beside a picture, as it was written.

    Attributes:
        region: The part that is asked with; None for all of it.
        filter: Which images may be found; empty for all.
        limit: How many at most.
        index: The first hex digits of an index's statement; None for the newest own one.
    """

    region: str | None
    filter: str
    limit: int
    index: str | None


class Refused(Exception):
    """What is answered instead, as HTTP has it."""

    def __init__(self, status: int, title: str, detail: str | None = None, where: str | None = None) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.where = status, title, detail, where


@dataclass(frozen=True)
class _Open:
    """An index that is ready, and the analyzer that makes vectors for it."""

    known: KnownVectors
    vectors: VectorIndex
    maker: Maker


class SimilarDesk:
    """Safe for several threads; it holds one index, which may take much memory."""

    def __init__(self, live: Callable[[], Node], searching: SearchDesk) -> None:
        """Opens and starts nothing yet.

        Args:
            live: The node as it is at that moment.
            searching: Where filters are asked.
        """
        self._live = live
        self._searching = searching
        self._embedder = Embedder()
        self._open: _Open | None = None
        self._plan: tuple[Digest, Plan] | None = None
        atexit.register(self._embedder.close)

    def by_digest(self, text: str, wanted: Wanted) -> dict[str, Any]:
        """Search by an image that a log tells of.

        Raises:
            Refused: it cannot be, or must not.
        """
        try:
            digest = Digest.parse(text)
        except MalformedDigest as error:
            raise Refused(400, "The request is refused.", str(error), "digest") from error
        return self._guarded(lambda: self._by_digest(digest, _region(wanted), wanted))

    def by_picture(self, data: bytes, wanted: Wanted) -> dict[str, Any]:
        """Search by a picture that was sent.

        Raises:
            Refused: it cannot be.
        """
        return self._guarded(lambda: self._by_picture(data, _region(wanted), wanted))

    def _guarded(self, search: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if not _ASKING.acquire(timeout=_PATIENCE):
            # Who waits keeps a thread from all other requests of this worker.
            raise Refused(503, "Many are asking at the moment; ask again.")
        try:
            return search()
        except NoIndex as error:
            raise Refused(404, "There is no such index of vectors here.") from error
        except NotFound as error:
            raise Refused(404, "There is no such image here.") from error
        except Withdrawn as error:
            raise Refused(410, "The image was withdrawn.") from error
        except UnreadableQuery as error:
            raise Refused(422, "The picture cannot be searched with.", str(error)) from error
        except (AnalysisError, AnalyzerError, HashstoreError) as error:
            # Its words are for the operator: they may name files.
            _LOG.warning("a search by a picture did not work: %s", error)
            raise Refused(503, "The index of vectors cannot be searched here now.") from error
        finally:
            _ASKING.release()

    def _by_digest(self, digest: Digest, region: Region | None, wanted: Wanted) -> dict[str, Any]:
        node = self._live()
        with node.index() as index:
            require_image(index, digest)
            known = choose_vectors(node, index, wanted.index)
            vector = said_vector(index, known, digest, region)
        opened = self._opened(node, known)
        if vector is None or vector.shape != (opened.vectors.recipe.width,):
            data = picture_bytes(node, digest)
            if data is None:
                raise Refused(404, "The bytes of the image are not to be had; send the picture itself.")
            vector = self._vector(node, opened, data, region)
        return self._found(node, opened, vector, wanted, without=None if region else digest)

    def _by_picture(self, data: bytes, region: Region | None, wanted: Wanted) -> dict[str, Any]:
        node = self._live()
        with node.index() as index:
            known = choose_vectors(node, index, wanted.index)
        opened = self._opened(node, known)
        return self._found(node, opened, self._vector(node, opened, data, region), wanted)

    def _opened(self, node: Node, known: KnownVectors) -> _Open:
        if self._open is None or self._open.known.digest != known.digest:
            self._open = None  # two of them may not fit into memory
            vectors = open_vectors(node, known, _nothing)
            self._open = _Open(known, vectors, maker_of(node, known))
        return self._open

    def _vector(self, node: Node, opened: _Open, data: bytes, region: Region | None) -> Vector:
        known = opened.known
        if self._plan is None or self._plan[0] != known.digest:
            self._plan = (known.digest, plan_for(node, known, opened.maker.name, _nothing))
        return self._embedder.vector(self._plan[1], data, region)

    def _found(
        self, node: Node, opened: _Open, vector: Vector, wanted: Wanted, without: Digest | None = None
    ) -> dict[str, Any]:
        among = self._among(node, wanted.filter)
        hits = find_similar(node, opened.vectors, vector, wanted.limit, among, without)
        with node.index() as index:
            told = [_hit(hit, opened.maker, record_of(index, hit.input.digest)) for hit in hits]
        made, maker = opened.known.made, opened.maker
        analyzer = {
            "name": maker.name,
            "version": maker.version,
            "identity": made.analyzer.uri,
            "parameters": made.parameters.uri,
        }
        return {"index": opened.known.digest.uri, "kind": made.kind, "analyzer": analyzer, "hits": told}

    def _among(self, node: Node, text: str) -> list[Digest] | None:
        if not text.strip():
            return None
        try:
            tree = only_own(node, by_checklist(node, read_filter(text)))
            with self._searching.query() as query:
                return images_matching(query, tree)
        except (SearchBusy, SearchNotReady) as error:
            raise Refused(503, str(error)) from error
        except ChecklistError as error:
            raise Refused(400, "The search is refused.", str(error), "the filter") from error
        except (FilterRefused, SearchRefused) as error:
            raise Refused(400, "The search is refused.", str(error), error.where) from error


def _region(wanted: Wanted) -> Region | None:
    try:
        return asked_region(wanted.region)
    except MalformedRegion as error:
        raise Refused(400, "The request is refused.", str(error), "region") from error


def _nothing(digests: object) -> tuple[()]:
    """Nobody's request makes this node fetch an index: that comes with a sync."""
    return ()


def _hit(hit: Hit, maker: Maker, record: dict[str, Any]) -> dict[str, Any]:
    digest, region = hit.input.digest, hit.input.region
    return {
        "digest": digest.uri,
        **({"region": region.text} if region else {}),
        "score": f"{hit.score:.4f}",
        "analyzer": maker.text,
        "annotations": f"/api/images/{digest.hex}/annotations",
        **({"record": record} if record else {}),
    }
