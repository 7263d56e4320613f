"""Check an export that came from elsewhere: every file by its digest, none lacking, none besides."""

from __future__ import annotations

import os
import re
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from manifests.export.errors import DamagedExport
from manifests.export.manifest import MANIFEST_NAME, lines_of
from manifests.export.tarring import BLOCK
from manifests.export.zip_tree import MAGIC, opened_zip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in an export that is not what its manifest says: where, and what."""

    path: str
    what: str


class Tree(Protocol):
    """The files of an export, wherever it is."""

    def manifest(self) -> Iterator[bytes]:
        """The lines of the manifest.

        Raises:
            DamagedExport: there is none.
        """

    def open(self, path: str) -> BinaryIO:
        """A file. Files are asked for in the manifest's order.

        Raises:
            DamagedExport: it is not there, or not a plain file.
        """

    def besides(self) -> Iterator[str]:
        """Files that were not asked for; to be asked last."""


@contextmanager
def opened_tree(path: Path) -> Iterator[Tree]:
    """Open an export: a folder, a ZIP, or a tar.

    Raises:
        DamagedExport: it is neither, or cannot be read.
    """
    try:
        if path.is_dir():
            yield FolderTree(path)
        else:
            with path.open("rb") as file:
                if file.read(4) in MAGIC:
                    with opened_zip(path) as tree:
                        yield tree
                    return
                file.seek(0)
                _require_plain(file)
                with tarfile.open(fileobj=file, mode="r:") as tar:
                    yield TarTree(tar)
    except (tarfile.TarError, EOFError) as error:
        raise DamagedExport(f"{path} cannot be read as an export: {error}") from error
    except OSError as error:
        raise DamagedExport(f"{path} cannot be read: {error.strerror or error}") from error


class FolderTree:
    """An export in a folder. Links are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._named: set[str] = set()

    def manifest(self) -> Iterator[bytes]:
        with self.open(MANIFEST_NAME) as file:
            yield from lines_of(file)

    def open(self, path: str) -> BinaryIO:
        where = self._root
        try:
            *folders, name = path.split("/")
            for folder in folders:
                where = where / folder
                if not stat.S_ISDIR(where.lstat().st_mode):
                    raise DamagedExport("its folder is a link, or no folder")
            handle = os.open(where / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise DamagedExport(f"it cannot be opened ({error.strerror})") from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise DamagedExport("it is no plain file")
        self._named.add(path)
        return open(handle, "rb")

    def besides(self) -> Iterator[str]:
        for parent, folders, names in os.walk(self._root):
            folders.sort()
            # The walk does not go into links to folders, and does not count them as files either.
            links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
            for name in sorted([*names, *links]):
                path = os.path.relpath(os.path.join(parent, name), self._root)
                if path not in self._named:
                    yield path


class TarTree:
    """An export in a tar, whose files stand in the manifest's order and whose manifest is the last."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._waiting: tarfile.TarInfo | None = None

    def manifest(self) -> Iterator[bytes]:
        last: tarfile.TarInfo | None = None
        while (info := self._following()) is not None:
            last = info
        if last is None or last.name != MANIFEST_NAME:
            raise DamagedExport(
                "The last file of the tar is no export's manifest: the tar is not whole, or no export."
            )
        self._tar.offset = 0
        # Read before anything else is asked for: both go through one file.
        with self._opened(last) as file:
            yield from lines_of(file)

    def open(self, path: str) -> BinaryIO:
        if self._waiting is None:
            self._waiting = self._following()
        info = self._waiting
        if info is None or info.name != path:
            raise DamagedExport(f"in its place stands {info.name if info else 'nothing'}")
        self._waiting = None
        return self._opened(info)

    def besides(self) -> Iterator[str]:
        waiting, self._waiting = self._waiting, None
        while waiting is not None:
            if waiting.name != MANIFEST_NAME:
                yield waiting.name
            waiting = self._following()

    def _following(self) -> tarfile.TarInfo | None:
        # Not by the library's own iteration, which keeps every header that it has met: there may be millions.
        file = cast(BinaryIO, self._tar.fileobj)
        file.seek(self._tar.offset)
        _require_plain(file)
        try:
            return tarfile.TarInfo.fromtarfile(self._tar)
        except tarfile.HeaderError:
            return None  # the end, or no tar any more: the manifest will be missed

    def _opened(self, info: tarfile.TarInfo) -> BinaryIO:
        if not info.isreg() or info.issparse():
            raise DamagedExport("it is no plain file")
        file = self._tar.extractfile(info)
        assert file is not None
        return cast(BinaryIO, file)


def _require_plain(file: BinaryIO) -> None:
    """Refuse a header that would have the library read what it likes into memory; none of ours does.

    Raises:
        DamagedExport: it is such a header.
    """
    place = file.tell()
    header = file.read(BLOCK)
    file.seek(place)
    kind, size = header[156:157], header[124:136].strip(b"\0 ")
    small = kind == b"x" and re.fullmatch(rb"[0-7]{1,6}", size)
    if kind in b"xgLKXS" and kind and not small:
        raise DamagedExport("The tar has headers that no export has.")
