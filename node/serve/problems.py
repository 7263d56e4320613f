"""What is answered instead of an answer (RFC 9457)."""

from __future__ import annotations

from typing import Any, Final

from fastapi.responses import JSONResponse, Response

OPEN: Final = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
PROBLEM: Final[dict[str, Any]] = {"application/problem+json": {"schema": {"type": "object"}}}


def problem_response(
    status: int, title: str, detail: str | None = None, where: str | None = None, **headers: str
) -> Response:
    """An error in words; it names no path, digest or person that the request did not name.

    Args:
        status: HTTP status.
        title: What is wrong, the same for every such request.
        detail: What is wrong with this one.
        where: Which part of the request that is.
        headers: Further fields.
    """
    content = {"status": status, "title": title, "detail": detail, "where": where}
    return JSONResponse(
        {name: value for name, value in content.items() if value is not None},
        status_code=status,
        headers={**OPEN, "cache-control": "no-store", **headers},
        media_type="application/problem+json",
    )
