"""Datasets over HTTP: which are published, what each is, and what of its manifest may be shown."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.dataset.manifest import MEDIA_TYPE
from node.compose import Node
from node.datasets.hidden import hidden_count, shown_entries
from node.datasets.known import KnownDataset, find_dataset, known_datasets
from node.datasets.told import dataset_fields
from node.datasets.uses import citing_works, made_from, published_by
from node.errors import NodeError
from node.index import Index
from node.serve.described import gives, gives_text, problems

_OPEN = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
_SHORT = _OPEN | {"cache-control": "max-age=60"}
_FRESH = 60.0  # seconds for which the list is kept; the index is not opened for each request
_IN_MEMORY = 4 << 20
_CHUNK = 256 << 10
# A manifest is read whole for it; more of them at a time would only keep others from the index.
_SPOOLING = threading.Semaphore(1)
_ONE = gives("The version.", dataset="string", published="array", citedBy="array") | problems(404)
_MANIFEST = (
    gives_text("A member, or the hash of one that was withdrawn, on each line.", MEDIA_TYPE)
    | {307: {"description": "Nothing was withdrawn: the blob is the manifest."}}
    | problems(404)
)


def add_datasets(api: FastAPI, live: Callable[[], Node], listed: PublishedDatasets) -> None:
    """Answer what datasets there are, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        listed: What is published.
    """

    @api.get("/api/datasets", responses=gives("The versions.", datasets="array"))
    def published() -> Response:
        """The versions of datasets that this node, or one that it follows, has published."""
        return JSONResponse({"datasets": listed()}, headers=_SHORT)

    @api.get("/api/datasets/{identifier}", responses=_ONE)
    def one(identifier: str) -> Response:
        """A version: what it was made of, who cites it, what was made from it."""
        node = live()
        with node.index() as index:
            known = _find(node, index, identifier)
            if known is None:
                return _problem(404, "There is no such dataset here.")
            return JSONResponse(_account(node, index, known), headers=_SHORT)

    @api.get("/api/datasets/{identifier}/manifest", response_class=Response, responses=_MANIFEST)
    def manifest(identifier: str) -> Response:
        """The manifest, in which leaf hashes stand for members that were withdrawn."""
        node = live()
        with node.index() as index:
            known = _find(node, index, identifier)
            hidden = None if known is None else hidden_count(node, index, known)
            if known is None or hidden is None:
                return _problem(404, "There is no such manifest here.")
            if hidden == 0:
                return RedirectResponse(f"/blob/sha256/{known.version.manifest.hex}", headers=_SHORT)
            with _SPOOLING:
                found = _spooled(node, index, known)
        return StreamingResponse(_chunks(found), media_type=MEDIA_TYPE, headers=_SHORT)


class PublishedDatasets:
    """What is published here or in a followed log, asked anew every minute; safe for several threads."""

    def __init__(self, live: Callable[[], Node]) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._found: list[dict[str, Any]] = []
        self._read = float("-inf")

    def __call__(self) -> list[dict[str, Any]]:
        """Each version as JSON.

        Raises:
            IndexUnusable: the index cannot be asked now.
        """
        with self._lock:
            if time.monotonic() - self._read > _FRESH:
                self._found = list(_published(self._live()))
                self._read = time.monotonic()
            return self._found


def _published(node: Node) -> Iterator[dict[str, Any]]:
    with node.index() as index:
        for known in known_datasets(node, index):
            if by := published_by(node, index, known):
                yield dataset_fields(known) | {"published": by}


def _find(node: Node, index: Index, identifier: str) -> KnownDataset | None:
    """A version that a log tells of, by its whole digest; what was only given to this node is not told."""
    try:
        known = find_dataset(node, index, Digest.parse(identifier).uri)
    except (HashstoreError, NodeError):
        return None
    return None if known.log is None else known


def _account(node: Node, index: Index, known: KnownDataset) -> dict[str, Any]:
    withdrawn = hidden_count(node, index, known)
    return dataset_fields(known) | {
        "published": published_by(node, index, known),
        "withdrawn": withdrawn,
        "citation": known.description(withdrawn or 0).citation,
        "citedBy": [{"work": one.work, "origin": one.origin} for one in citing_works(node, index, known)],
        "madeFromIt": [
            {"statement": one.statement.uri, "kind": one.kind, "origin": one.origin}
            for one in made_from(node, index, known)
        ],
    }


def _spooled(node: Node, index: Index, known: KnownDataset) -> IO[bytes]:
    """Written down first, so that the index is not open for as long as somebody reads."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by who reads it
    for entry in shown_entries(node, index, known):
        file.write(entry.line())
    file.seek(0)
    return file


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _problem(status: int, title: str) -> Response:
    return JSONResponse(
        {"status": status, "title": title},
        status_code=status,
        headers=_OPEN,
        media_type="application/problem+json",
    )
