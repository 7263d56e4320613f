"""A transport that answers from recorded bodies, by URL: a crawl can be repeated without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from email.utils import formatdate
from pathlib import Path

import httpx

_CHUNK = 64 * 1024


class ReplayTransport(httpx.AsyncBaseTransport):
    """Serves files under the URLs that they were recorded from, and 404 for every other URL.

    It honours If-None-Match with an ETag of the file's size and time: a re-crawl finds them unchanged.
    """

    def __init__(self, bodies: Mapping[str, Path], media_types: Mapping[str, str] | None = None) -> None:
        """Hold the recordings.

        Args:
            bodies: File by URL, the URL exactly as it will be asked for.
            media_types: Content-Type by URL; `application/octet-stream` for those that it lacks.
        """
        self._bodies = {str(httpx.URL(url)): path for url, path in bodies.items()}
        self._media_types = {str(httpx.URL(url)): kind for url, kind in (media_types or {}).items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        path = self._bodies.get(url)
        if path is None:
            return httpx.Response(404, content=b"no recording of this URL")
        stat = path.stat()
        fields = {
            "Content-Type": self._media_types.get(url, "application/octet-stream"),
            "ETag": f'"{stat.st_size:x}-{stat.st_mtime_ns:x}"',
            "Last-Modified": formatdate(stat.st_mtime, usegmt=True),
        }
        if request.headers.get("if-none-match") == fields["ETag"]:
            return httpx.Response(304, headers=fields)
        return httpx.Response(
            200, headers={**fields, "Content-Length": str(stat.st_size)}, stream=_FileStream(path)
        )


class _FileStream(httpx.AsyncByteStream):
    def __init__(self, path: Path) -> None:
        self._path = path

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
