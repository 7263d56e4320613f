"""Conditional requests for pages: who has one is told that nothing is other (RFC 9110, section 13)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from fastapi import Request
from fastapi.responses import Response

# What an answer without a body still says of the page that it stands for (RFC 9110, section 15.4.5).
_KEPT: Final = ("cache-control", "vary", "content-security-policy", "content-language", "link")


def conditional(request: Request, answer: Response) -> Response:
    """Name an answer by its bytes; leave them out where the request says that it has them.

    Args:
        request: What may have `If-None-Match`.
        answer: With its whole body.
    """
    # The same page may be sent packed or not, so that the name is a weak one.
    tag = f'W/"{sha256(bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers["etag"] = tag
    if answer.status_code != 200 or not _has(request.headers.get("if-none-match", ""), tag):
        return answer
    fields = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return Response(status_code=304, headers={**fields, "etag": tag})


def _has(field: str, tag: str) -> bool:
    """Whether a field names a tag; what packs answers on the way may have changed its weakness."""
    named = {one.strip().removeprefix("W/") for one in field.split(",")}
    return "*" in named or tag.removeprefix("W/") in named
