"""An ASGI application behind RSGI: granian speaks one protocol, and only RSGI sends parts of files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Asgi = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


def asgi_scope(scope: Any) -> dict[str, Any]:
    """The ASGI scope (version 3, HTTP 2.3) of an RSGI request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        # What can be got can be asked for its head; the server leaves the body away.
        "method": "GET" if scope.method == "HEAD" else scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "raw_path": scope.path.encode("utf-8", "surrogateescape"),
        "query_string": scope.query_string.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _fields(scope)],
        "client": _address(scope.client),
        "server": _address(scope.server),
        "state": {},
    }


def _fields(scope: Any) -> list[tuple[str, str]]:
    fields = list(scope.headers.items())
    # The server leaves out a value that is not ASCII; that it was sent must not be lost, or a request that
    # asks for one thing on a condition would be answered as if it had asked for none.
    readable = {name for name, _ in fields}
    fields += [(name, "") for name in scope.headers.keys() if name not in readable]  # noqa: SIM118
    # HTTP/2 says the host in a pseudo-field, which ASGI puts back among the others.
    if scope.authority and all(name != "host" for name, _ in fields):
        fields.append(("host", scope.authority))
    return fields


def _address(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if port.isdigit() else None


async def answer_by(application: Asgi, scope: Any, protocol: Any, body: bytes) -> int:
    """Let an ASGI application answer; returns the status.

    Args:
        application: It.
        scope: The RSGI request.
        protocol: Its connection.
        body: The request's body, whole: it is bounded before it comes here.
    """
    sent: dict[str, Any] = {"status": 500, "headers": [], "stream": None}
    asked = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        if asked:
            await protocol.client_disconnect()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            sent["status"] = message["status"]
            sent["headers"] = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in message["headers"]]
            return
        part, more = message.get("body", b""), message.get("more_body", False)
        if sent["stream"] is None and not more:
            protocol.response_bytes(sent["status"], sent["headers"], part)
            return
        if sent["stream"] is None:
            sent["stream"] = protocol.response_stream(sent["status"], sent["headers"])
        if part:
            await sent["stream"].send_bytes(part)

    await application(asgi_scope(scope), receive, send)
    return int(sent["status"])
