"""The HTTP interface behind blobs and log files, as a FastAPI application."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from node.errors import NodeError
from node.search.desk import SearchDesk
from node.serve.annotations import add_annotations
from node.serve.datasets import PublishedDatasets, add_datasets
from node.serve.described import DescribedApi, gives, gives_text, problems, takes
from node.serve.feeds import add_feeds
from node.serve.heads import did_document, heads, node_document
from node.serve.health import readiness
from node.serve.holdings import add_holdings
from node.serve.jobs import add_jobs
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.serve.searching import add_search
from node.serve.similar import add_similar
from node.web.routes import add_pages
from node.witness.own import own_witness
from provenance.errors import ProvenanceError

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_OPEN = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
_NEVER_KEPT = {"cache-control": "no-store"}
_READY = {
    **gives("It can answer.", status="string", faults="array"),
    **gives("It cannot.", 503, status="string", faults="array"),
}
_SIZE = gives_text("The size of what was cosigned last.", "text/x.tlog.size", 409)
_COSIGNED = gives_text("Signature lines.", "text/plain", 200, 400, 403, 404, 422)
_NEWEST = gives_text("The checkpoint.", "text/plain") | problems(404)


def make_api(
    live: LiveNode, metrics: Metrics, desk: SearchDesk | None = None, *, read_only: bool = False
) -> FastAPI:
    """Everything that is answered but blobs, packs and log files: all of it JSON, and the page at the root.

    Args:
        live: The node; what is asked of it is what it is at that moment.
        metrics: What this worker counts.
        desk: Where this worker asks what is searched; its own if None.
        read_only: Cosign nothing, so that no request leaves a trace in the node.
    """
    api = DescribedApi(
        title="Vasculum node", version=version("vasculum"), openapi_url="/api/openapi.json", docs_url=None,
        redoc_url=None, responses=problems(503),
    )  # fmt: skip
    api.add_exception_handler(HTTPException, _refused)
    for kind in (NodeError, ProvenanceError, Exception):
        api.add_exception_handler(kind, _failed)

    published, desk = PublishedDatasets(live), desk or SearchDesk(live)
    _add_names(api, live)
    add_holdings(api, live)
    add_datasets(api, live, published)
    add_jobs(api, live, read_only=read_only)
    add_feeds(api, live)
    add_search(api, live, desk)
    add_similar(api, live, desk)
    add_annotations(api, live)
    add_pages(api, live, desk, published, read_only=read_only)
    _add_health(api, live, metrics)
    if not read_only:
        _add_witness(api, live)
    return api


def _add_names(api: FastAPI, live: LiveNode) -> None:
    """Who this node is, and which logs it has."""

    @api.get("/.well-known/vasculum", responses=gives("The node document.", type="string", name="string"))
    def describe() -> Response:
        """Who this node is, and what a peer needs to follow it."""
        return JSONResponse(node_document(live()), headers=_OPEN)

    @api.get("/.well-known/did.json", responses=gives("did:web.", id="string") | problems(400))
    def did(request: Request) -> Response:
        """The node's identity key as a did:web document."""
        host = request.headers.get("host", "")
        if not _HOST.fullmatch(host):
            return _problem(400, "The request does not say under which host name it asks.")
        return JSONResponse(did_document(live(), host.lower()), headers=_OPEN)

    @api.get("/heads", responses=gives("A head for each log.", heads="array"))
    def newest_heads() -> Response:
        """The newest checkpoint of every log that this node keeps or follows."""
        return JSONResponse(heads(live()), headers=_OPEN | {"cache-control": "no-cache"})


def _add_health(api: FastAPI, live: LiveNode, metrics: Metrics) -> None:
    """For whoever watches over the machine."""

    @api.get("/healthz", responses=gives("This worker lives.", status="string"))
    def healthy() -> Response:
        """Answers as long as this worker lives."""
        return JSONResponse({"status": "ok"}, headers=_OPEN | _NEVER_KEPT)

    @api.get("/readyz", responses=_READY)
    def ready() -> Response:
        """Whether the node can answer: its log can be read, and its look-up of blobs is there."""
        faults = readiness(live())
        return JSONResponse({"status": "ready" if not faults else "not ready", "faults": faults},
                            status_code=503 if faults else 200, headers=_OPEN | _NEVER_KEPT)  # fmt: skip

    @api.get("/metrics", response_class=Response, responses=gives_text("Counts.", "text/plain"))
    def prometheus() -> Response:
        """Counts for Prometheus."""
        return Response(metrics.exposition(), media_type=metrics.media_type)


def _add_witness(api: FastAPI, live: LiveNode) -> None:
    """C2SP tlog-witness, for the logs that this node follows."""

    @api.post(
        "/witness/add-checkpoint", response_class=Response, responses=_COSIGNED | _SIZE,
        openapi_extra=takes("text/plain", {"type": "string"}),
    )  # fmt: skip
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint of a log that this node follows, if it continues what was cosigned before."""
        body = await request.body()
        answer = await run_in_threadpool(lambda: own_witness(live()).add_checkpoint(body))
        return Response(answer.body, answer.status, media_type=answer.content_type)

    @api.get("/witness/{origin_hash}/checkpoint", response_class=Response, responses=_NEWEST)
    def cosigned(origin_hash: str) -> Response:
        """What this node cosigned last of a log, by the hex SHA-256 of its origin."""
        found = own_witness(live()).checkpoint(origin_hash)
        if found is None:
            return _problem(404, "This witness has cosigned no checkpoint of that log.")
        return Response(found, media_type="text/plain; charset=utf-8", headers={"cache-control": "no-cache"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail), **dict(error.headers or {}))


async def _failed(request: Request, error: Exception) -> Response:
    """What a curator is told names files; the public is told that it did not work."""
    return _problem(
        503, "The node cannot answer this at the moment. Its operator finds the reason in its log."
    )


def _problem(status: int, title: str, **headers: str) -> Response:
    content: dict[str, Any] = {"status": status, "title": title}
    fields = _OPEN | _NEVER_KEPT | headers
    return JSONResponse(content, status_code=status, headers=fields, media_type="application/problem+json")
