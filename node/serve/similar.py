"""Pictures that look like another: `GET` and `POST /api/similar` (spec/similar.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from node.compose import Node
from node.search.desk import SearchDesk
from node.serve.problems import OPEN, PROBLEM, problem_response
from node.serve.similar_desk import Refused, SimilarDesk, Wanted
from node.similar.types import PICTURE_TYPES, picture_type

MOST_HITS_SERVED: Final = 200
_LONGEST: Final = 16 * 1024  # characters of a filter, or a region, in an address
_PICTURE: Final = {"schema": {"type": "string", "format": "binary"}}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "The picture: at most 24 MiB and 200 million pixels. It is not stored.",
        "content": dict.fromkeys((*PICTURE_TYPES, "application/octet-stream"), _PICTURE),
    }
}
_EXAMPLE: Final = {
    "index": "hash://sha256/5f1c" + "0" * 60,
    "kind": "embedding",
    "analyzer": {
        "name": "embedding",
        "version": "1",
        "identity": "hash://sha256/9a31" + "0" * 60,
        "parameters": "hash://sha256/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    },
    "hits": [
        {
            "digest": "hash://sha256/53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3",
            "region": "xywh=pixel:10,20,300,400",
            "score": "0.9321",
            "analyzer": "embedding@1",
            "annotations": "/api/images/53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3"
            "/annotations",
            "record": {"scientificName": "Quercus robur L.", "institutionCode": "BR", "catalogNumber": "7"},
        }
    ],
}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": PROBLEM}


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Hits, the likest first; of each picture the part that is likest.",
        "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
    },
    400: _problem("A parameter is refused."),
    404: _problem("There is no such image here, or no index of vectors."),
    410: _problem("The image was withdrawn."),
    413: _problem("The picture has too many bytes."),
    415: _problem("What was sent is none of these types of pictures."),
    422: _problem("The picture is damaged or too large, or the region lies outside of it."),
    429: _problem("Too many requests from this address."),
    503: _problem("The index is not here yet, or many are asking; ask again later."),
}
_Region = Annotated[
    str | None,
    Query(max_length=_LONGEST, description="A part: X,Y,WIDTH,HEIGHT in pixels of the upright picture.",
          examples=["120,80,300,200"]),
]  # fmt: skip
_Text = Annotated[
    str,
    Query(max_length=_LONGEST, description="Find only images of records that this filter holds for.",
          examples=["taxon:Fagaceae AND country:BE"]),
]  # fmt: skip
_Limit = Annotated[int, Query(ge=1, le=MOST_HITS_SERVED, description="Pictures at most.")]
_Index = Annotated[
    str | None,
    Query(pattern="^[0-9a-f]{8,64}$", description="Search this index, by the hex digits of its statement's "
          "digest or the first of them; the newest one of this node if left out."),
]  # fmt: skip


def add_similar(api: FastAPI, live: Callable[[], Node], searching: SearchDesk) -> None:
    """Answer searches by pictures on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        searching: Where filters are asked.
    """
    desk = SimilarDesk(live, searching)

    @api.get("/api/similar", responses=_RESPONSES)
    def by_digest(
        digest: Annotated[str, Query(max_length=200, description="An image, by any form of its digest.")],
        region: _Region = None,
        q: _Text = "",
        limit: _Limit = 20,
        index: _Index = None,
    ) -> Response:
        """Images, and parts of images, that look like one, or like a part of one, by its digest."""
        return _answer(lambda: desk.by_digest(digest, Wanted(region, q, limit, index)))

    @api.post("/api/similar", responses=_RESPONSES, openapi_extra=_BODY)
    async def by_picture(
        request: Request, region: _Region = None, q: _Text = "", limit: _Limit = 20, index: _Index = None
    ) -> Response:
        """Images, and parts of images, that look like a picture that is sent, or like a part of it."""
        data = await request.body()
        if (refused := _unfit(data, request.headers.get("content-type", ""))) is not None:
            return refused
        wanted = Wanted(region, q, limit, index)
        return await run_in_threadpool(_answer, lambda: desk.by_picture(data, wanted))

    @api.options("/api/similar", include_in_schema=False)
    def asked_before() -> Response:
        """What a browser asks before it sends a picture from another site's page."""
        fields = {"allow": "GET, HEAD, OPTIONS, POST", "access-control-allow-methods": "GET, POST"}
        allowed = {"access-control-allow-headers": "content-type", "access-control-max-age": "86400"}
        return Response(status_code=204, headers={**OPEN, **fields, **allowed})


def _unfit(data: bytes, declared: str) -> Response | None:
    """Why bytes are not looked at at all; None if they may be."""
    found, said = picture_type(data), declared.partition(";")[0].strip().lower()
    if found is None:
        types = ", ".join(PICTURE_TYPES)
        return problem_response(
            415, "This is no picture that can be searched with.", f"Send one of: {types}."
        )
    if said.startswith("image/") and said not in (found, "image/*"):
        return problem_response(
            415, "The picture is of another type than its Content-Type.", f"It is {found}."
        )
    return None


def _answer(asked: Callable[[], dict[str, Any]]) -> Response:
    try:
        return JSONResponse(asked(), headers={**OPEN, "cache-control": "no-store"})
    except Refused as refused:
        again = {"retry-after": "10"} if refused.status == 503 else {}
        return problem_response(refused.status, refused.title, refused.detail, refused.where, **again)
