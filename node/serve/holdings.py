"""Who holds what, and proof of it: `POST /locate` and `POST /audit`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from hashstore.canonical import parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.compose import Node
from node.policy import Principal, decide
from node.serve.described import gives, problems, takes
from node.serve.lookup import ServedBlobs
from node.slices.auditing import MalformedAudit, answer_audit, decode_request
from node.slices.locate import Claimed, Holder, How, claimed_by, claims_in_force

MOST_LOCATED = 10_000
_FRESH = 60.0  # seconds for which what the claims say is kept; the index is not opened for each request
# An audit reads a blob whole; more of them at a time would only make the disk seek.
_AUDITS = threading.Semaphore(4)
_DIGEST = {"type": "string"}
_WANTED = {
    "type": "object",
    "required": ["digests"],
    "properties": {"digests": {"type": "array", "items": _DIGEST, "minItems": 1, "maxItems": MOST_LOCATED}},
}
_PIECES = {
    "type": "object",
    "required": ["digest"],
    "properties": {
        "digest": _DIGEST,
        "pieces": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "hashes": {"const": True},
    },
}
_HOLDERS = gives("For each digest who holds it.", holders="object") | problems(400)
_AUDITED = gives("Pieces with paths, or the hashes of all pieces.") | problems(400, 404, 410)


def add_holdings(api: FastAPI, live: Callable[[], Node]) -> None:
    """Answer who holds what, and audits, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
    """
    desk = _Desk(live)

    @api.post("/locate", responses=_HOLDERS, openapi_extra=takes("application/json", _WANTED))
    async def locate(request: Request) -> Response:
        """Who holds up to 10,000 digests, as far as this node knows."""
        body = await request.body()
        return await run_in_threadpool(desk.locate, body)

    @api.post("/audit", responses=_AUDITED, openapi_extra=takes("application/json", _PIECES))
    async def audit(request: Request) -> Response:
        """Pieces of a blob, with their paths to the root over all of them."""
        body = await request.body()
        return await run_in_threadpool(desk.audit, body)


class _Desk:
    """What one worker knows; safe for several threads."""

    def __init__(self, live: Callable[[], Node]) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._claims: tuple[Claimed, ...] = ()
        self._read = float("-inf")

    def locate(self, body: bytes) -> Response:
        try:
            wanted = read_request(body)
        except (ValueError, HashstoreError) as error:
            return _problem(400, str(error))
        node = self._live()
        served, claims = ServedBlobs(node.layout.served), self._fresh(node)
        try:
            found = {digest: self._holders(node, served, claims, digest) for digest in wanted}
        finally:
            served.close()
        return JSONResponse(
            {
                "holders": {
                    digest.uri: [holder_fields(one) for one in holders] for digest, holders in found.items()
                }
            },
            headers={"cache-control": "no-cache"},
        )

    def audit(self, body: bytes) -> Response:
        try:
            request = decode_request(body)
        except MalformedAudit as error:
            return _problem(400, str(error))
        node = self._live()
        served = ServedBlobs(node.layout.served)
        try:
            readable = _may_read(served, request.digest)
        finally:
            served.close()
        if readable != 200:
            return _problem(readable, "There is no such blob here.")
        with _AUDITS:
            answer = answer_audit(node.store, request)
        if answer is None:
            return _problem(404, "There is no such blob, or no such piece of it, here.")
        return Response(answer, media_type="application/json", headers={"cache-control": "no-store"})

    def _fresh(self, node: Node) -> tuple[Claimed, ...]:
        with self._lock:
            if time.monotonic() - self._read > _FRESH:
                with node.index() as index:
                    self._claims = claims_in_force(node, index)
                self._read = time.monotonic()
            return self._claims

    def _holders(
        self, node: Node, served: ServedBlobs, claims: tuple[Claimed, ...], digest: Digest
    ) -> list[Holder]:
        readable = _may_read(served, digest)
        if readable != 200:
            return []  # neither what is withheld here nor what nobody named exists for the public
        own = [Holder(node.log_key.name, How.HELD)] if node.store.contains(digest) else []
        return [*own, *claimed_by(digest, claims)]


def _may_read(served: ServedBlobs, digest: Digest) -> int:
    """The status with which the public is answered about a blob."""
    found = served.find(digest)
    return 404 if found is None else decide(Principal.PUBLIC, found.access).status


def read_request(body: bytes) -> list[Digest]:
    """The digests that a request to locate asks for, each once.

    Raises:
        ValueError: it has none or too many, or no list of texts.
        HashstoreError: it is no JSON, or names what is no digest.
    """
    document = parse_json(body)
    listed = document.get("digests") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_LOCATED:
        raise ValueError(f"A request has 1 to {MOST_LOCATED} digests, in a list of that name.")
    if not all(isinstance(one, str) for one in listed):
        raise ValueError("A digest is a text.")
    return list(dict.fromkeys(Digest.parse(one) for one in listed))


def holder_fields(holder: Holder) -> dict[str, object]:
    """A holder as an answer tells of it."""
    return {
        "origin": holder.origin,
        "how": str(holder.how),
        "urls": list(holder.urls),
        "claim": holder.claim.uri if holder.claim else None,
        "slice": holder.slice.uri if holder.slice else None,
    }


def _problem(status: int, title: str) -> Response:
    return JSONResponse(
        {"status": status, "title": title}, status_code=status, media_type="application/problem+json"
    )
