"""The page for programs: what can be asked of the node, out of its own OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from node.web.pages import Pages

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked.

    Attributes:
        method: `GET` or another.
        path: Its path.
        words: What it answers.
        parameters: Each with name, place, words and whether it must be given.
        answers: What may come back, by status.
    """

    method: str
    path: str
    words: str
    parameters: tuple[Mapping[str, Any], ...]
    answers: Mapping[str, str]


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI document, in its order."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if found := item.get(method):
                yield Operation(
                    method.upper(),
                    path,
                    found.get("description") or found.get("summary") or "",
                    tuple(found.get("parameters", ())),
                    {status: answer.get("description", "") for status, answer in found["responses"].items()},
                )


def add_api_docs(api: FastAPI, pages: Pages) -> None:
    """Explain the interface, on an application.

    Args:
        api: The application.
        pages: Renders.
    """

    @api.get("/api/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        """What programs can ask."""
        return pages.page(request, "apidocs.html", operations=list(operations(api.openapi())))
