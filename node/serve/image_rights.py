"""The rights URIs of images, as the records that are searched say them; remembered for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from hashstore.digest import Digest
from node.errors import NodeError
from node.iiif.rights import rights_uri
from node.search.desk import SearchDesk
from node.search.licence import licence_of

_MOST: Final = 10_000
_AGE: Final = 300.0  # seconds for which an answer holds: records change


class ImageRights:
    """What one worker knows of rights; for several threads."""

    def __init__(self, desk: SearchDesk, clock: Callable[[], float] = time.monotonic) -> None:
        """Knows nothing yet.

        Args:
            desk: Where this worker asks.
            clock: Seconds, from any start, never going back.
        """
        self._desk = desk
        self._clock = clock
        self._known: OrderedDict[Digest, tuple[float, str | None]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, image: Digest) -> str | None:
        """The URI for an image; None if it is not known, or cannot be found out at the moment."""
        now = self._clock()
        with self._lock:
            at, uri = self._known.get(image, (now - _AGE, None))
        if now - at < _AGE:
            return uri
        try:
            with self._desk.query() as query:
                spdx = licence_of(query, image)
        except NodeError:
            return None  # what is searched is being made, or many ask; the image is shown all the same
        uri = rights_uri(spdx) if spdx else None
        with self._lock:
            self._known[image] = now, uri
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return uri
