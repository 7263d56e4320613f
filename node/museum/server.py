"""Open the museum: a real HTTP server on loopback with a Darwin Core Archive and drawn specimens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from node.museum.addresses import (
    ADVANCE_PATH,
    ARCHIVE_PATH,
    EML_PATH,
    FEED_PATH,
    LIST_PATH,
    TABLE_PATH,
    image_url,
)
from node.museum.catalogue import VERSIONS, specimens
from node.museum.drawings import drawings_of
from node.museum.errors import MuseumClosed, PortTaken, UnknownVersion
from node.museum.site import site
from node.museum.web.answering import answer_request
from node.museum.web.faults import Fault, FaultBoard
from node.museum.web.message import HTML, Answer, Request, Resource
from node.museum.web.requestlog import RequestLog
from node.museum.web.transport import MuseumServer


class Museum:
    """A museum that stands on loopback while its `with` block runs.

    Args:
        directory: Where drawings are kept, so that opening again is quick; museums may share one.
        port: Port on 127.0.0.1; 0 takes any free one.
        version: 1, or 2 for the state that a second crawl finds.
        on_drawn: Told after each drawing how many are ready, and how many there will be; opening a museum for
            the first time takes some seconds.

    Attributes:
        requests: What clients asked for and how many bytes they were sent.

    Raises:
        UnknownVersion: The version is neither 1 nor 2.
        UnusableDirectory: The drawings cannot be kept there (on entering).
        PortTaken: Something else listens on the port (on entering).
    """

    def __init__(
        self,
        directory: Path | str,
        port: int = 0,
        version: int = 1,
        on_drawn: Callable[[int, int], None] | None = None,
    ) -> None:
        if version not in VERSIONS:
            raise UnknownVersion(version)
        self.requests = RequestLog()
        self._directory = Path(directory)
        self._port = port
        self._version = version
        self._on_drawn = on_drawn
        self._faults = FaultBoard()
        self._resources: Mapping[str, Resource] = {}
        self._server: MuseumServer | None = None

    def __enter__(self) -> Museum:
        try:
            self._server = MuseumServer(self._port, self._answer, self.requests)
        except OSError as error:
            raise PortTaken(self._port, error.strerror or str(error)) from error
        try:
            self._lay_out(self._version)
        except BaseException:
            self._server.server_close()
            self._server = None
            raise
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="museum", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.hang_up()
            server.server_close()

    @property
    def version(self) -> int:
        """The version that is published now."""
        return self._version

    @property
    def url(self) -> str:
        """The museum's address, without a trailing slash.

        Raises:
            MuseumClosed: The museum is not open.
        """
        if self._server is None:
            raise MuseumClosed
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def archive_url(self) -> str:
        """Address of the Darwin Core Archive."""
        return self.url + ARCHIVE_PATH

    @property
    def eml_url(self) -> str:
        """Address of the dataset's metadata."""
        return self.url + EML_PATH

    @property
    def feed_url(self) -> str:
        """Address of the RSS feed of archives."""
        return self.url + FEED_PATH

    @property
    def list_url(self) -> str:
        """Address of a plain list of image addresses, one a line."""
        return self.url + LIST_PATH

    @property
    def table_url(self) -> str:
        """Address of a CSV of image addresses (columns catalogNumber, scientificName, url)."""
        return self.url + TABLE_PATH

    @property
    def resources(self) -> Mapping[str, Resource]:
        """What stands on the server now, by path: the bytes that a harvester ought to get."""
        return dict(self._resources)

    def image_url(self, catalog_number: str) -> str:
        """Give the address of a specimen's image."""
        return image_url(self.url, catalog_number)

    def advance(self) -> None:
        """Publish version 2: a row added, one removed, one changed, and one sheet photographed again."""
        self._lay_out(VERSIONS[-1])

    def trouble(self, url: str, fault: Fault, times: int | None = None) -> None:
        """Make an address misbehave.

        Args:
            url: Address or path on this server.
            fault: One of `node.museum.web.faults`.
            times: For how many requests; None for until it is healed.
        """
        self._faults.put(_path(url), fault, times)

    def heal(self, url: str | None = None) -> None:
        """Make one address, or all, behave again."""
        self._faults.heal(None if url is None else _path(url))

    def _lay_out(self, version: int) -> None:
        drawings = drawings_of(specimens(version), self._directory, self._on_drawn)
        self._resources = site(version, self.url, drawings)
        self._version = version

    def _answer(self, request: Request) -> Answer:
        if request.path == ADVANCE_PATH and request.method == "POST":
            self.advance()
            return Answer(200, (("Content-Type", HTML),), b"This is version 2 now.\n")
        path = request.path.partition("?")[0]
        return self._faults.spoil(request.path, answer_request(request, self._resources.get(path)))


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
