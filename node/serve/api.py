"""The HTTP interface behind blobs and log files, as a FastAPI application."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from node.compose import Node
from node.errors import NodeError
from node.serve.heads import did_document, heads, node_document
from node.serve.health import readiness
from node.serve.metrics import Metrics
from provenance.errors import ProvenanceError

_OPEN = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}


def make_api(node: Node, metrics: Metrics) -> FastAPI:
    """Everything that is answered as JSON.

    Args:
        node: The node; it is only read.
        metrics: What this worker counts.
    """
    api = FastAPI(
        title="Vasculum node", version=version("vasculum"), openapi_url="/api/openapi.json", docs_url=None,
        redoc_url=None,
    )  # fmt: skip
    api.add_exception_handler(HTTPException, _refused)
    api.add_exception_handler(NodeError, _failed)
    api.add_exception_handler(ProvenanceError, _failed)

    @api.get("/.well-known/vasculum")
    def describe() -> Response:
        """Who this node is, and what a peer needs to follow it."""
        return JSONResponse(node_document(node), headers=_OPEN)

    @api.get("/.well-known/did.json")
    def did(request: Request) -> Response:
        """The node's identity key as a did:web document."""
        return JSONResponse(did_document(node, request.url.netloc), headers=_OPEN)

    @api.get("/heads")
    def newest_heads() -> Response:
        """The newest checkpoint of every log that this node keeps or follows."""
        return JSONResponse(heads(node), headers=_OPEN | {"cache-control": "no-cache"})

    @api.get("/healthz")
    def healthy() -> Response:
        """Answers as long as this worker lives."""
        return JSONResponse({"status": "ok"})

    @api.get("/readyz")
    def ready() -> Response:
        """Whether the node can answer: its log can be read, and its look-up of blobs is there."""
        faults = readiness(node)
        return JSONResponse({"status": "ready" if not faults else "not ready", "faults": faults},
                            status_code=503 if faults else 200)  # fmt: skip

    @api.get("/metrics")
    def prometheus() -> Response:
        """Counts for Prometheus."""
        return Response(metrics.exposition(), media_type=metrics.media_type)

    return api


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail))


async def _failed(request: Request, error: Exception) -> Response:
    """What a curator is told names files; the public is told that it did not work."""
    return _problem(
        503, "The node cannot answer this at the moment. Its operator finds the reason in its log."
    )


def _problem(status: int, title: str) -> Response:
    content: dict[str, Any] = {"status": status, "title": title}
    return JSONResponse(content, status_code=status, media_type="application/problem+json")
