"""Make what was written survive a power cut. The kernel's words for it, in one place."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Collection
from typing import Final

from hashstore.errors import StoreFull, StoreUnusable

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_WRITE: Final = 2  # SYNC_FILE_RANGE_WRITE
_MANY: Final = 16  # beyond so many files or folders, one syncfs costs less than an fsync each


def sync_filesystem(path: str) -> None:
    """Write everything that is dirty on the filesystem of `path` to the disk.

    Raises:
        OSError: If the disk refused; what was written is then lost, and asking again would hide it.
    """
    syncfs = getattr(_LIBC, "syncfs", None)
    if syncfs is None:  # only Linux has it
        os.sync()
        return
    folder = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if syncfs(folder) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), path)
    finally:
        os.close(folder)


def begin_writing(handle: int) -> None:
    """Have the disk begin with a file's bytes, without waiting: only a later sync makes them durable."""
    begin = getattr(_LIBC, "sync_file_range", None)
    if begin is not None:  # only Linux has it; it promises nothing, so whether it worked is of no interest
        begin(ctypes.c_int(handle), ctypes.c_int64(0), ctypes.c_int64(0), ctypes.c_uint(_WRITE))


def sync_path(path: str) -> None:
    """Write one file, or one folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_paths(paths: Collection[str], root: str) -> None:
    """Write some files or folders under `root` to the disk, in the cheaper way for their number."""
    if len(paths) > _MANY:
        sync_filesystem(root)
        return
    for path in paths:
        sync_path(path)


def translated(error: OSError, doing: str) -> StoreUnusable:
    """The error that a curator can act upon, for one of the kernel's.

    Args:
        error: What the kernel said.
        doing: What was being done and where, as in "writing under /srv/blobs".
    """
    said = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        return StoreFull(
            f"no room is left while {doing} ({said}). Free some space, then add the same files again."
        )
    return StoreUnusable(f"{said} while {doing}. Look at the disk and its permissions, then try again.")


_LIBC: Final = ctypes.CDLL(None, use_errno=True)
