"""Files of a version that a browser keeps: who is credited, and the datasheet for people."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final

from fastapi import FastAPI
from fastapi.responses import Response, StreamingResponse

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.dataset.attribution import attribution_file
from manifests.dataset.datasheet_text import datasheet_text
from manifests.errors import ManifestError
from node.compose import Node
from node.datasets.hidden import hidden_count
from node.datasets.known import KnownDataset, find_dataset
from node.datasets.shown import shown_members
from node.datasets.told import datasheet_of, made_of
from node.errors import NodeError
from node.index import Index

_IN_MEMORY: Final = 4 << 20
_CHUNK: Final = 256 << 10
_PLAIN: Final = "text/plain; charset=utf-8"


def add_files(api: FastAPI, live: Callable[[], Node]) -> None:
    """Hand files of versions over, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
    """

    @api.get("/datasets/{name}/attribution.txt", include_in_schema=False)
    def attribution(name: str) -> Response:
        """Who is credited for each image that may be shown."""
        node = live()
        with node.index() as index:
            known = version_of(node, index, name)
            if known is None or (hidden := hidden_count(node, index, known)) is None:
                return _nothing()
            lines = attribution_file(known.description(hidden), shown_members(node, index, known))
            # Written down first, so that the index is not open for as long as somebody reads.
            file = _spooled(lines)
        return StreamingResponse(_chunks(file), media_type=_PLAIN, headers=_as_file(known, "attribution.txt"))

    @api.get("/datasets/{name}/datasheet.md", include_in_schema=False)
    def datasheet(name: str) -> Response:
        """The datasheet in Markdown, unless it counts members that must not be told of."""
        node = live()
        with node.index() as index:
            known = version_of(node, index, name)
            if known is None or hidden_count(node, index, known) != 0:
                return _nothing()
            try:
                sheet = datasheet_of(node, known)
            except ManifestError:
                sheet = None
            if sheet is None:
                return _nothing()
            text = datasheet_text(known.description(), sheet, made_of(node, known))
        return Response(
            text, media_type="text/markdown; charset=utf-8", headers=_as_file(known, "datasheet.md")
        )


def version_of(node: Node, index: Index, name: str) -> KnownDataset | None:
    """A version that a log tells of, by its whole digest; what was only given to this node is not shown."""
    try:
        known = find_dataset(node, index, Digest.parse(name).uri)
    except (HashstoreError, NodeError):
        return None
    return None if known.log is None else known


def _spooled(lines: Iterable[str]) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by who reads it
    for line in lines:
        file.write(line.encode())
    file.seek(0)
    return file


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _as_file(known: KnownDataset, name: str) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="{known.digest.hex[:12]}-{name}"',
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
    }


def _nothing() -> Response:
    return Response("This node has no such file, or none that may be shown.", 404, media_type="text/plain")
