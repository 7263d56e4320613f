"""The RSGI application: answers for blobs, images, packs, log files itself, and asks the API for all else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from typing import Any

from hashstore.blobstore import DirectoryBlobStore
from hashstore.digest import Digest
from hashstore.errors import HashstoreError, MalformedDigest
from node.iiif.target import PREFIX as IIIF
from node.iiif.target import target
from node.layout import Layout
from node.policy import Decision, Principal, decide
from node.serve.answer import Answer, FileSlice, problem
from node.serve.blob import StoredBlob, answer_blob
from node.serve.bridge import Asgi, answer_by
from node.serve.images import ImageAsked, Images, refused
from node.serve.limits import RateLimit, client_of, scheme_of
from node.serve.logfiles import log_file
from node.serve.lookup import ServedBlobs
from node.serve.pack import (
    LARGEST_PACKED,
    MEDIA_TYPE,
    MOST_BLOBS,
    Frame,
    MalformedPack,
    PackState,
    decode_request,
)
from node.storage import NodeStore, TieredBlobStore

_BLOB = "/blob/sha256/"
_PACK = "/pack"
LARGEST_BODY = max(2 * 1024 * 1024, MOST_BLOBS * 32)
_BODY_SECONDS = 30.0
# Where a whole picture may come: bytes, and how many of them at a time in one worker's memory.
_PICTURES = "/api/similar"
LARGEST_PICTURE = 24 * 1024 * 1024
_MOST_PICTURES = 4
_CHUNK = 1 << 20
_ASKED = ("range", "if-range", "if-none-match")
_ASKED_OF_IMAGES = ("accept", "if-none-match")
_NOBODY = Decision(False, 404)
# It may be here: only an archive that answers can say that it is not.
_ELSEWHERE = Decision(True, 503)
_UNREACHED = problem(503, "The archive cannot be read now.", **{"retry-after": "600"})
_LOG = logging.getLogger("vasculum.serve")

Seen = Callable[[str, str, int, float, str], None]


class NodeApplication:
    """One worker's view of a node. Everything that it answers is public."""

    def __init__(
        self, layout: Layout, store: NodeStore, api: Asgi, images: Images, limit: RateLimit, seen: Seen
    ) -> None:
        """Opens nothing yet.

        Args:
            layout: The node's files.
            store: Its blobs.
            api: Answers what is neither blob nor image nor log.
            images: Shows images in parts and sizes.
            limit: Requests a second for each client.
            seen: Told of each request: method, path, status, seconds, client.
        """
        self._layout = layout
        self._store = store
        self._active = DirectoryBlobStore(layout.blobs)
        self._api = api
        self._images = images
        self._limit = limit
        self._seen = seen
        self._served = ServedBlobs(layout.served)
        self._pictures = 0

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        begun = time.perf_counter()
        client = client_of(scope.client, scope.headers.get("x-forwarded-for"))
        status = 500
        try:
            if wait := self._limit.wait(client):
                answer = problem(
                    429, "Too many requests from this address.", **{"retry-after": str(ceil(wait))}
                )
                status = _send(protocol, answer)
            else:
                status = await self._answer(scope, protocol)
        except Exception:
            # What went wrong stands in the log, and nowhere else. An answer that had begun just breaks off.
            _LOG.exception("%s %s could not be answered", scope.method, scope.path)
            with suppress(Exception):
                _send(protocol, problem(500, "The node cannot answer this."))
        finally:
            self._seen(scope.method, scope.path, status, time.perf_counter() - begun, client)

    async def _answer(self, scope: Any, protocol: Any) -> int:
        path: str = scope.path
        if path.startswith(_BLOB):
            return _send(protocol, await self._blob(scope, path.removeprefix(_BLOB)))
        if path.startswith(IIIF):
            return _send(protocol, await self._image(scope, path))
        if path.startswith(("/log/", "/mirror/")):
            return _send(protocol, self._log(scope.method, path, scope.headers.get("if-none-match")))
        if path == _PICTURES and scope.method == "POST":
            return await self._picture(scope, protocol)
        return await self._ask(scope, protocol, LARGEST_BODY)

    async def _picture(self, scope: Any, protocol: Any) -> int:
        if self._pictures >= _MOST_PICTURES:
            return _send(
                protocol, problem(503, "Many pictures are coming; send it again.", **{"retry-after": "5"})
            )
        self._pictures += 1
        try:
            return await self._ask(scope, protocol, LARGEST_PICTURE)
        finally:
            self._pictures -= 1

    async def _ask(self, scope: Any, protocol: Any, most: int) -> int:
        """Answer what is neither blob nor log file.

        Args:
            scope: The request.
            protocol: Its connection.
            most: Bytes that its body may have.
        """
        body = b""
        if scope.method not in ("GET", "HEAD"):
            read = await _body(scope, protocol, most)
            if isinstance(read, Answer):
                return _send(protocol, read)
            body = read
        if scope.path == _PACK:
            return await self._pack(scope.method, protocol, body)
        return await answer_by(self._api, scope, protocol, body)

    async def _blob(self, scope: Any, name: str) -> Answer:
        try:
            digest = Digest.parse(name) if len(name) == 64 else None
        except MalformedDigest:
            digest = None
        decision, blob = (_NOBODY, None) if digest is None else await self._reached(digest)
        if decision is _ELSEWHERE:
            return _UNREACHED
        asked = {field: value for field in _ASKED if (value := scope.headers.get(field)) is not None}
        return answer_blob(scope.method, asked, decision, blob)

    async def _image(self, scope: Any, path: str) -> Answer:
        if (answer := refused(scope.method)) is not None:
            return answer
        wanted = target(path)
        decision, blob = (_NOBODY, None) if wanted is None else await self._reached(wanted.digest)
        if decision is _ELSEWHERE:
            return _UNREACHED
        if decision.status == 410:
            return problem(410, "This was withdrawn by its publisher.")
        if wanted is None or not decision.allowed or blob is None:
            # One answer for what is withheld, what is unknown and what is not here: none tells of the others.
            return problem(404, "There is no such image here.")
        headers = scope.headers
        asked = ImageAsked(
            scope.method,
            wanted,
            scheme_of(scope.client, scope.scheme, headers.get("x-forwarded-proto")),
            headers.get("host") or scope.authority or "",
            {field: value for field in _ASKED_OF_IMAGES if (value := headers.get(field)) is not None},
        )
        return await self._images.answer(asked, blob)

    async def _reached(self, digest: Digest) -> tuple[Decision, StoredBlob | None]:
        """Whether a blob may be read, and where it lies, brought back from the archive if need be."""
        decision, blob = self._find(digest)
        if blob is None and decision.allowed:
            if not await asyncio.get_running_loop().run_in_executor(None, self._recall, digest):
                return _ELSEWHERE, None
            decision, blob = self._find(digest)
        return decision, blob

    def _find(self, digest: Digest) -> tuple[Decision, StoredBlob | None]:
        found = self._served.find(digest)
        if found is None:
            return _NOBODY, None
        decision = decide(Principal.PUBLIC, found.access)
        located = self._located(digest)
        if located is None:
            return decision, None
        return decision, StoredBlob(digest, *located, found.media_type, found.reserved)

    def _located(self, digest: Digest) -> tuple[str, int] | None:
        try:
            return self._active.located(digest)
        except HashstoreError:
            return None

    def _found(self, wanted: list[Digest]) -> list[tuple[Digest, Decision, StoredBlob | None, bool]]:
        found = [(digest, *self._find(digest)) for digest in wanted]
        return [
            (digest, decision, blob, blob is None and decision.allowed and self._archived(digest))
            for digest, decision, blob in found
        ]

    def _archived(self, digest: Digest) -> bool:
        """Whether the archive holds a blob, or might: a client that asks for it alone will be told."""
        try:
            return isinstance(self._store, TieredBlobStore) and self._store.contains(digest)
        except HashstoreError:
            return True

    def _recall(self, digest: Digest) -> bool:
        """Bring a blob back from the archive, so that it can be sent as a file; whether it could be asked."""
        try:
            self._store.path(digest)
        except HashstoreError as error:
            _LOG.warning("%s could not be recalled from the archive: %s", digest, error)
            return False
        return True

    def _log(self, method: str, path: str, has: str | None) -> Answer:
        if method not in ("GET", "HEAD"):
            return problem(405, "Only GET and HEAD are understood here.", allow="GET, HEAD")
        named = log_file(self._layout, path)
        if named is None or not named[0].is_file():
            return problem(404, "There is no such file in this log.")
        file, fields = named
        # Read, not sent as a file: a checkpoint is replaced while it is served, and all of these are small.
        data = file.read_bytes()
        fields["etag"] = f'"{Digest.of(data).hex}"'
        if has == fields["etag"]:
            return Answer(304, fields)
        fields["content-length"] = str(len(data))
        return Answer(200, fields, data if method == "GET" else None)

    async def _pack(self, method: str, protocol: Any, body: bytes) -> int:
        if method != "POST":
            return _send(protocol, problem(405, "A pack is asked for with POST.", allow="POST"))
        try:
            wanted = list(decode_request(body))
        except MalformedPack as error:
            return _send(protocol, problem(400, str(error)))
        loop = asyncio.get_running_loop()
        transport = protocol.response_stream(200, [("content-type", MEDIA_TYPE)])
        found = await loop.run_in_executor(None, self._found, wanted)
        start = 0
        while start < len(found):
            start, chunk = await loop.run_in_executor(None, _frames, found, start)
            await transport.send_bytes(chunk)
        return 200


def _frames(found: list[tuple[Digest, Decision, StoredBlob | None, bool]], start: int) -> tuple[int, bytes]:
    """The frames from `start` on, about a chunk of them, and where the next chunk starts."""
    parts: list[bytes] = []
    length = 0
    while start < len(found) and length < _CHUNK:
        frame, data = _frame(*found[start])
        parts += (frame.encode(), data)
        length += len(data) + 41
        start += 1
    return start, b"".join(parts)


def _frame(
    digest: Digest, decision: Decision, blob: StoredBlob | None, archived: bool
) -> tuple[Frame, bytes]:
    if decision.status == 410:
        return Frame(digest, PackState.WITHDRAWN, 0), b""
    if not decision.allowed or (blob is None and not archived):
        return Frame(digest, PackState.NOT_HERE, 0), b""
    if blob is None or blob.size > LARGEST_PACKED:
        return Frame(digest, PackState.ASK_ALONE, 0), b""
    data = _read(blob.path)
    if data is None:
        return Frame(digest, PackState.NOT_HERE, 0), b""
    return Frame(digest, PackState.HERE, len(data)), data


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:  # a blob is small here: one read has all of it
            return file.read()
    except OSError:
        return None


async def _body(scope: Any, protocol: Any, most: int) -> bytes | Answer:
    """The request's body, bounded in length and time."""
    too_large = problem(413, f"At most {most} bytes are taken here.")
    declared = scope.headers.get("content-length") or "0"
    if len(declared) > 18 or not declared.isdecimal() or int(declared) > most:
        return too_large
    if declared == "0" and not scope.headers.get("transfer-encoding"):
        return b""  # granian waits for a body that never comes
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in protocol:
                length += len(part)
                if length > most:
                    return too_large
                parts.append(bytes(part))
    except TimeoutError:
        return problem(408, f"The request did not come whole within {_BODY_SECONDS:.0f} s.")
    return b"".join(parts)


def _send(protocol: Any, answer: Answer) -> int:
    fields = list(answer.headers.items())
    match answer.body:
        case None:
            protocol.response_empty(answer.status, fields)
        case FileSlice(path, _, None):
            protocol.response_file(answer.status, fields, path)
        case FileSlice(path, start, stop):
            protocol.response_file_range(answer.status, fields, path, start, stop)
        case bytes() as data:
            protocol.response_bytes(answer.status, fields, data)
    return answer.status
