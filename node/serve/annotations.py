"""What was found in an image, as a container of W3C's Web Annotation Protocol that is only read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response

from analyzers.annotation import CONTEXT
from hashstore.digest import Digest
from node.compose import Node
from node.errors import NotFound, Withdrawn
from node.index import Index
from node.look.annotations import annotation_count, annotation_names, annotations_about
from node.serve.negotiating import JSON_LD, accepted, preferred
from node.serve.problems import OPEN, PROBLEM, problem_response
from node.similar.asked import require_image

PAGE: Final = 100
_LDP: Final = "http://www.w3.org/ns/ldp.jsonld"
_ALLOW: Final = "GET, HEAD, OPTIONS"
_PATH: Final = "/api/images/{image}/annotations"
_LINKS: Final = (
    '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type", '
    '<http://www.w3.org/TR/annotation-protocol/>; rel="http://www.w3.org/ns/ldp#constrainedBy"'
)
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "An AnnotationCollection, or with `page` an AnnotationPage (W3C Web Annotation).",
        "content": {
            JSON_LD: {
                "schema": {"type": "object"},
                "example": {
                    "@context": [CONTEXT, _LDP],
                    "id": "/api/images/53c2…/annotations?iris=1",
                    "type": ["BasicContainer", "AnnotationCollection"],
                    "total": 13,
                    "first": "/api/images/53c2…/annotations?iris=1&page=0",
                    "last": "/api/images/53c2…/annotations?iris=1&page=0",
                },
            }
        },
    },
    304: {"description": "It is as it was."},
    404: {"description": "There is no such image here, or no such page.", "content": PROBLEM},
    406: {"description": "It is told as JSON-LD only.", "content": PROBLEM},
    410: {"description": "The image was withdrawn.", "content": PROBLEM},
}
_Image = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The image's digest in hex digits.")]
_Number = Annotated[int | None, Query(ge=0, le=1_000_000, description="A page, from 0.")]
_Iris = Annotated[int | None, Query(ge=0, le=1, description="1: names alone; 0: whole annotations.")]
_Vectors = Annotated[bool, Query(description="Tell the coordinates of vectors, too.")]


def add_annotations(api: FastAPI, live: Callable[[], Node]) -> None:
    """Answer what was found in images, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
    """

    @api.get(_PATH, responses=_RESPONSES)
    def annotations(
        request: Request, image: _Image, page: _Number = None, iris: _Iris = None, vectors: _Vectors = False
    ) -> Response:
        """What analyzers found in an image and its parts: a collection of annotations, or a page of it.

        `Prefer: return=representation;include="…"` chooses as the Web Annotation Protocol says.
        """
        if accepted(request.headers.get("accept")) is None:
            return problem_response(406, "Annotations are told as JSON-LD.", f"Accept {JSON_LD}.")
        digest = Digest.parse(image)
        shown = preferred(request.headers.get("prefer"), iris, whole=page is not None)
        try:
            with live().index() as index:
                require_image(index, digest)
                asked = _Asked(index, digest, shown.iris, vectors)
                found = asked.container(minimal=shown.minimal) if page is None else asked.page(page)
        except NotFound:
            return problem_response(404, "There is no such image here.")
        except Withdrawn:
            return problem_response(410, "The image was withdrawn.")
        if found is None:
            return problem_response(404, "There is no such page.")
        return _answer(request, found, container=page is None)

    @api.options(_PATH, include_in_schema=False)
    def asked_before(image: _Image) -> Response:
        """What may be done here."""
        return Response(
            status_code=204, headers={**OPEN, "allow": _ALLOW, "access-control-allow-methods": "GET"}
        )


class _Asked:
    """One image's annotations, as names or whole."""

    def __init__(self, index: Index, digest: Digest, iris: bool, vectors: bool) -> None:
        self._index, self._digest, self._iris, self._vectors = index, digest, iris, vectors
        self._total = annotation_count(index, digest)
        self._base = f"/api/images/{digest.hex}/annotations?iris={int(iris)}" + "&vectors=true" * vectors

    def container(self, *, minimal: bool) -> dict[str, Any]:
        last = max(0, self._total - 1) // PAGE
        made: dict[str, Any] = {
            "@context": [CONTEXT, _LDP],
            "id": self._base,
            "type": ["BasicContainer", "AnnotationCollection"],
            "label": f"What was found in {self._digest.uri}",
            "total": self._total,
        }
        if self._total:
            first = self._page(0, within=True)
            made |= {"first": first["id"] if minimal else first, "last": f"{self._base}&page={last}"}
        return made

    def page(self, number: int) -> dict[str, Any] | None:
        """None if there is none of that number."""
        if number * PAGE >= max(1, self._total):
            return None
        return {"@context": CONTEXT, **self._page(number, within=False)}

    def _page(self, number: int, *, within: bool) -> dict[str, Any]:
        start = number * PAGE
        made: dict[str, Any] = {"id": f"{self._base}&page={number}", "type": "AnnotationPage"}
        if not within:
            made["partOf"] = {"id": self._base, "type": "AnnotationCollection", "total": self._total}
        made["startIndex"] = start
        if number:
            made["prev"] = f"{self._base}&page={number - 1}"
        if start + PAGE < self._total:
            made["next"] = f"{self._base}&page={number + 1}"
        return {**made, "items": self._items(start)}

    def _items(self, start: int) -> list[Any]:
        if self._iris:
            return list(annotation_names(self._index, self._digest, start, PAGE))
        found = annotations_about(self._index, self._digest, start, PAGE, vectors=self._vectors)
        return [{name: value for name, value in one.items() if name != "@context"} for one in found]


def _answer(request: Request, found: dict[str, Any], *, container: bool) -> Response:
    data = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    kind = accepted(request.headers.get("accept")) or JSON_LD
    etag = f'"{Digest.of(kind.encode() + data).hex}"'
    fields = {**OPEN, "allow": _ALLOW, "etag": etag, "vary": "accept, prefer", "cache-control": "no-cache"}
    fields["link"] = _LINKS if container else '<http://www.w3.org/ns/ldp#Resource>; rel="type"'
    if container:
        fields["content-location"] = found["id"]
    asked = request.headers.get("if-none-match", "")
    if asked == "*" or etag in [one.strip().removeprefix("W/") for one in asked.split(",")]:
        return Response(status_code=304, headers=fields)
    return Response(data, headers={**fields, "content-type": kind})
