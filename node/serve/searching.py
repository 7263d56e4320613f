"""Search for everybody: `GET /api/search` and `GET /api/facets` (spec/search.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from manifests.errors import FilterRefused
from manifests.filter import Filter, filter_text, read_filter, written
from node.checklists.use import by_checklist, only_own
from node.compose import Node
from node.errors import ChecklistError, SearchBusy, SearchNotReady, SearchRefused
from node.search.desk import SearchDesk
from node.search.facet import FACET_NAMES, USUAL
from node.search.hits import SORTS
from node.search.run import MOST_FACETS, Asked, Found
from node.serve.described import gives, problems

MOST_HITS_SERVED: Final = 200
MOST_VALUES_SERVED: Final = 200
_LONGEST: Final = 16 * 1024  # characters of a filter in an address
_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}
_FOUND: Final = gives("What fits.", records="integer", hits="array", facets="array") | problems(400)
_Text = Annotated[str, Query(max_length=_LONGEST, description="A filter (spec/filters.md); empty for all.")]
_Names = Annotated[
    list[str],
    Query(max_length=MOST_FACETS, description="What to count by; may be repeated.",
          json_schema_extra={"items": {"type": "string", "enum": [*FACET_NAMES]}}),
]  # fmt: skip
_Order = Annotated[
    str,
    Query(description="- before it reverses it.",
          json_schema_extra={"enum": [*SORTS, *(f"-{name}" for name in SORTS)]}),
]  # fmt: skip
_Values = Annotated[int, Query(ge=0, le=MOST_VALUES_SERVED, description="Values of each facet.")]
_Images = Annotated[bool, Query(description="Only records of which there is an image.")]


def add_search(api: FastAPI, live: Callable[[], Node], desk: SearchDesk) -> None:
    """Answer searches on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        desk: Where this worker asks.
    """
    api.add_exception_handler(RequestValidationError, _malformed)

    @api.get("/api/search", responses=_FOUND)
    def records(
        q: _Text = "",
        limit: Annotated[int, Query(ge=0, le=MOST_HITS_SERVED)] = 50,
        after: Annotated[str, Query(max_length=200, description="The row of the last hit before.")] = "",
        sort: _Order = "name",
        facet: _Names = [],  # noqa: B006 - FastAPI copies it
        values: _Values = 10,
        images: _Images = False,
    ) -> Response:
        """The records that fit a filter, a page of them, and counts by some facets."""
        wishes = {"limit": limit, "after": after or None, "sort": sort, "facets": facet, "values": values}
        return _answer(live, desk, q, images=images, **wishes)

    @api.get("/api/facets", responses=_FOUND)
    def facets(
        q: _Text = "",
        facet: _Names = list(USUAL),  # noqa: B006
        values: _Values = 50,
        images: _Images = False,
    ) -> Response:
        """How many of the records that fit a filter have each value."""
        return _answer(live, desk, q, limit=0, facets=facet, values=values, images=images)


def _answer(live: Callable[[], Node], desk: SearchDesk, text: str, **wishes: Any) -> Response:
    try:
        node = live()
        tree = by_checklist(node, read_filter(text)) if text.strip() else None
        found = desk.search(Asked(None if tree is None else only_own(node, tree), **wishes))
    except SearchNotReady as error:
        return _problem(503, str(error), **{"retry-after": "30"})
    except SearchBusy as error:
        return _problem(503, str(error), **{"retry-after": "5"})
    except ChecklistError as error:
        return _problem(400, "The search is refused.", detail=str(error), where="the filter")
    except (FilterRefused, SearchRefused) as error:
        return _problem(400, "The search is refused.", detail=str(error), where=error.where)
    return JSONResponse(_document(tree, found), headers=_HEADERS)


def _document(tree: Filter | None, found: Found) -> dict[str, Any]:
    return {
        "filter": None if tree is None else filter_text(tree),
        "text": None if tree is None else written(tree),
        "records": found.total,
        "hits": [hit.document() for hit in found.hits],
        "next": found.next,
        "facets": [facet.document() for facet in found.facets],
    }


async def _malformed(request: Request, error: Exception) -> Response:
    """What FastAPI says of parameters that are none, as every other problem is said."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return _problem(400, "The request is refused.", detail=f"{where}: {first['msg']}", where=where)


def _problem(
    status: int, title: str, detail: str | None = None, where: str | None = None, **headers: str
) -> Response:
    content = {"status": status, "title": title, "detail": detail, "where": where}
    return JSONResponse(
        {name: value for name, value in content.items() if value is not None},
        status_code=status,
        headers={**_HEADERS, "cache-control": "no-store", **headers},
        media_type="application/problem+json",
    )
