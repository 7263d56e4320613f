"""Tar files that are the same bytes wherever they are made: one owner, one time, one mode, POSIX pax form."""

from __future__ import annotations

import tarfile
from typing import Final

BLOCK: Final = 512
END: Final = bytes(2 * BLOCK)


def tar_header(path: str, size: int, time: int) -> bytes:
    """The header of a regular file: one block, or three where it is 8 GiB or larger.

    Args:
        path: Its name in the tar.
        size: In bytes.
        time: Seconds since 1970, UTC.
    """
    info = tarfile.TarInfo(path)
    info.size = size
    info.mtime = time
    info.mode = 0o644
    return info.tobuf(tarfile.PAX_FORMAT)


def padding(size: int) -> bytes:
    """What fills the last block of a file."""
    return bytes(-size % BLOCK)
