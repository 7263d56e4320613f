"""What somebody is told who may not do something: a page where to sign in, or words for a program."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from node.accounts.errors import AccountRefused, TooManyAttempts
from node.serve.problems import problem_response
from node.web.account.guard import NotAllowed
from node.web.pages import Pages

PRIVATE = {"cache-control": "no-store"}


def add_refusals(api: FastAPI, pages: Pages) -> None:
    """Answer refusals on an application.

    Args:
        api: The application.
        pages: Renders.
    """

    async def refused(request: Request, error: Exception) -> Response:
        status = _status(error)
        fields = (
            {"retry-after": str(max(1, round(error.seconds)))} if isinstance(error, TooManyAttempts) else {}
        )
        if _is_program(request):
            if status == 401:
                fields["www-authenticate"] = "Bearer"
            return problem_response(status, str(error), **fields)
        if status == 401 and request.method == "GET":
            return RedirectResponse(sign_in_address(request), 303, headers=PRIVATE)
        answer = pages.page(request, "account/refused.html", status, problem=str(error))
        answer.headers.update({**PRIVATE, **fields})
        return answer

    for kind in (NotAllowed, AccountRefused, TooManyAttempts):
        api.add_exception_handler(kind, refused)


def sign_in_address(request: Request) -> str:
    """Where to sign in, to come back here then."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/account/login?{urlencode({'next': here})}"


def _status(error: Exception) -> int:
    if isinstance(error, NotAllowed):
        return error.status
    return 429 if isinstance(error, TooManyAttempts) else 400


def _is_program(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accepted and "html" not in accepted)
