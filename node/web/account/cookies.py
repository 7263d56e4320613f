"""What a browser holds: the secret of its session, and before that one for the form by which to sign in."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.responses import Response

from node.serve.limits import client_of, scheme_of

_SESSION: Final = "session"
_ENTRANCE: Final = "entrance"
_LONGEST: Final = 200  # characters that a secret may have


def is_https(request: Request) -> bool:
    """Whether the browser asked by https; a web server on this machine is believed when it says so."""
    return scheme_of(_peer(request), request.url.scheme, request.headers.get("x-forwarded-proto")) == "https"


def client(request: Request) -> str:
    """The address that a request comes from."""
    return client_of(_peer(request), request.headers.get("x-forwarded-for"))


def session_secret(request: Request) -> str | None:
    """The secret of a session, if the browser holds one."""
    return _read(request, _SESSION)


def entrance_secret(request: Request) -> str | None:
    """The secret of the form by which to sign in, if the browser holds one."""
    return _read(request, _ENTRANCE)


def give_session(request: Request, answer: Response, secret: str, seconds: float) -> None:
    """Sign a browser in; the form's secret has done its work."""
    _give(request, answer, _SESSION, secret, int(seconds))
    take_entrance(request, answer)


def give_entrance(request: Request, answer: Response, secret: str) -> None:
    """Let a browser sign in; ends with the browser."""
    _give(request, answer, _ENTRANCE, secret, None)


def take_session(request: Request, answer: Response) -> None:
    """Sign a browser out."""
    _give(request, answer, _SESSION, "", 0)


def take_entrance(request: Request, answer: Response) -> None:
    """Forget the form."""
    _give(request, answer, _ENTRANCE, "", 0)


def _name(request: Request, name: str) -> str:
    """Behind https, a name that no other host may set (RFC 6265bis, section 4.1.3.2)."""
    return f"__Host-{name}" if is_https(request) else name


def _read(request: Request, name: str) -> str | None:
    found = request.cookies.get(_name(request, name))
    return found if found and len(found) <= _LONGEST else None


def _give(request: Request, answer: Response, name: str, value: str, seconds: int | None) -> None:
    answer.set_cookie(
        _name(request, name), value, max_age=seconds, path="/", httponly=True, samesite="lax",
        secure=is_https(request),
    )  # fmt: skip


def _peer(request: Request) -> str:
    return f"[{request.client.host}]:{request.client.port}" if request.client else ""
