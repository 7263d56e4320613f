"""How much a followed log may bring here: a limit on its bytes, and a floor under the free disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from node.errors import DiskNearlyFull, LimitReached

_LOOK = 16 << 20  # bytes between two looks at the disk


class Allowance:
    """What one sync of one log may still bring; threads share it. A publisher without end ends here."""

    def __init__(self, origin: str, left: int, most: int, folder: Path, floor: int) -> None:
        """Sets the limits.

        Args:
            origin: The log.
            left: How many bytes it may still bring.
            most: How many it may have altogether.
            folder: On the disk to watch.
            floor: How many bytes have to stay free there.
        """
        self._origin = origin
        self._left = left
        self._most = most
        self._folder = folder
        self._floor = floor
        self._unlooked = 0
        self._lock = threading.Lock()

    def __call__(self, count: int) -> None:
        """Take down that so many bytes more are about to be kept.

        Raises:
            LimitReached: the log has all that it may have.
            DiskNearlyFull: less than the floor is free.
        """
        with self._lock:
            self._left -= count
            self._unlooked += count
            over, look = self._left < 0, self._unlooked >= _LOOK
            if look:
                self._unlooked = 0
        if over:
            raise LimitReached(
                f"{self._origin} has reached the {sized(self._most)} that this node lets it have. What came "
                "before stays, and nothing is lost: with a higher limit the next sync goes on. "
                "See `vasculum peer add --help`, --most-bytes, and [follow] in node.toml."
            )
        if look:
            check_floor(self._folder, self._floor)


def check_floor(folder: Path, floor: int) -> None:
    """Look whether enough of a disk is free.

    Raises:
        DiskNearlyFull: it is not.
    """
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    if free < floor:
        raise DiskNearlyFull(
            f"Only {sized(free)} are free on the disk of {folder}, and node.toml keeps {sized(floor)} free "
            "([follow] keep_free), so nothing more is fetched. Make room, or lower it; the next sync goes on."
        )


def sized(count: int) -> str:
    """A number of bytes for people, such as `1.5 GB`."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {_UNITS[unit]}"


_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
