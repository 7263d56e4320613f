"""One worker's open generation of what is searched; for several threads."""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hashstore.digest import Digest
from node.compose import Node
from node.errors import NodeError
from node.iiif.rights import rights_uri
from node.search.database import SearchDatabase
from node.search.generation import current
from node.search.licence import licence_of

_SECONDS: Final = 5.0
_MOST: Final = 10_000


class OpenGeneration:
    """Keeps the current generation open; one that was replaced goes with the last question to it."""

    def __init__(self, live: Callable[[], Node]) -> None:
        """Opens nothing yet.

        Args:
            live: The node as it is at that moment.
        """
        self._live = live
        self._lock = threading.Lock()
        self._open: SearchDatabase | None = None
        # DuckDB complains of what is open when the process ends.
        atexit.register(self.close)

    def close(self) -> None:
        """Let the generation go."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    def database(self) -> SearchDatabase | None:
        """The current generation; None while there is none."""
        found = current(self._live())
        with self._lock:
            if found is None:
                self._open = None
            elif self._open is None or (self._open.path, self._open.hidden) != (found.path, found.hidden):
                self._open = SearchDatabase(found.path, hidden=found.hidden)
            return self._open


class ImageRights:
    """The rights URIs of images, as the records that are searched say them."""

    def __init__(self, generation: OpenGeneration) -> None:
        """Knows nothing yet.

        Args:
            generation: What is searched.
        """
        self._generation = generation
        self._path: Path | None = None
        self._known: OrderedDict[Digest, str | None] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, image: Digest) -> str | None:
        """The URI for an image; None if it is not known, or cannot be found out at the moment."""
        try:
            database = self._generation.database()
            if database is None:
                return None
            with self._lock:
                if database.path != self._path:
                    self._known.clear()
                    self._path = database.path
                if image in self._known:
                    return self._known[image]
            with database.query(_SECONDS) as query:
                spdx = licence_of(query, image)
        except NodeError:
            return None
        found = rights_uri(spdx) if spdx else None
        with self._lock:
            self._known[image] = found
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return found
