"""What the OpenAPI document says of answers: their bodies, and which problems there can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from fastapi import FastAPI

Responses: TypeAlias = dict[int | str, dict[str, Any]]

_WORDS: Final = {
    400: "What is asked cannot be read; the words say what of it.",
    401: "It is for whoever has the node's token.",
    403: "This server only reads.",
    404: "There is nothing of that name here, or nothing that anyone may see.",
    409: "It does not stand where it would have to for that.",
    410: "It was here, and was withdrawn.",
    413: "The body is too long.",
    415: "The body is of another type.",
    422: "It can be read, and does not hold.",
    429: "Too much is asked at a time; ask again later.",
    503: "The node cannot answer at the moment; ask again later.",
}
_PROBLEM: Final = {
    "application/problem+json": {
        "schema": {
            "type": "object",
            "required": ["status", "title"],
            "properties": {"status": {"type": "integer"}, "title": {"type": "string"}},
        }
    }
}
BY_TOKEN: Final[dict[str, Any]] = {"security": [{"token": []}]}
"""For `openapi_extra`: the route asks for the node's token."""


def problems(*statuses: int) -> Responses:
    """Answers in words, `application/problem+json`, by their statuses."""
    return {status: {"description": _WORDS[status], "content": _PROBLEM} for status in statuses}


def gives(about: str, status: int = 200, /, **properties: str) -> Responses:
    """An answer that is a JSON object.

    Args:
        about: What it tells.
        status: With which it comes.
        properties: What every such answer has, each with its JSON type.
    """
    schema = {
        "type": "object",
        "required": list(properties),
        "properties": {name: {"type": kind} for name, kind in properties.items()},
    }
    return {status: {"description": about, "content": {"application/json": {"schema": schema}}}}


def gives_text(about: str, media_type: str, *statuses: int) -> Responses:
    """Answers that are no JSON; the route's `response_class` has to be of no type.

    Args:
        about: What they tell.
        media_type: Of all of them.
        statuses: With which they come; 200 if none is given.
    """
    content = {media_type: {"schema": {"type": "string"}}}
    return {
        status: {"description": _WORDS.get(status, about), "content": content}
        for status in statuses or (200,)
    }


def takes(media_type: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """For `openapi_extra`: the body that a route wants."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


class DescribedApi(FastAPI):
    """An application whose document tells of problems as they are answered here."""

    def openapi(self) -> dict[str, Any]:
        """The document; without the answer that FastAPI would give to parameters that are none."""
        if self.openapi_schema is None:
            document = super().openapi()
            for operation in (one for path in document["paths"].values() for one in path.values()):
                if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                    del operation["responses"]["422"]
            document["components"] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
        assert self.openapi_schema is not None
        return self.openapi_schema
