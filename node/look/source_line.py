"""The very lines of a published file that a `line:` address names, out of whatever it is packed in."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import IO, cast

from crawlers.dwca.lines import physical_lines
from manifests.source_row import SourceFile, SourceRow
from node.errors import NotFound

_LONGEST_LINE = 16 << 20
# Whatever the libraries raise for an archive that is damaged, encrypted, or packed in a way they do not know.
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    ValueError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
)


def read_source_row(path: Path, address: SourceRow) -> bytes:
    """The bytes of the lines, line ends included.

    Args:
        path: The file or archive that the address names by digest.
        address: The lines.

    Raises:
        NotFound: the file has no such member or line, or cannot be unpacked.
    """
    with ExitStack() as stack:
        try:
            stream = _unpacked(stack, path, address.file)
            wanted = islice(physical_lines(stream, _LONGEST_LINE), address.first - 1, address.last)  # type: ignore[arg-type]
            lines = [line.raw for line in wanted]
        except _UNREADABLE as error:
            raise NotFound(f"{address} cannot be read: {error}") from error
    if len(lines) != address.last - address.first + 1:
        raise NotFound(f"{address}: the file ends before that line.")
    return b"".join(lines)


def _unpacked(stack: ExitStack, path: Path, file: SourceFile) -> IO[bytes]:
    """Undo the layers from the digest inward: they are printed innermost first."""
    stream: IO[bytes] = stack.enter_context(path.open("rb"))
    members = iter(file.members)
    for scheme in reversed(file.schemes):
        stream = _layer(stack, stream, scheme, members)
    return stream


def _layer(stack: ExitStack, stream: IO[bytes], scheme: str, members: Iterator[str]) -> IO[bytes]:
    if scheme == "gz":
        return stack.enter_context(cast("IO[bytes]", gzip.open(stream)))
    if scheme == "bz2":
        return stack.enter_context(bz2.open(stream))
    if scheme == "xz":
        return stack.enter_context(lzma.open(stream))
    name = next(members)
    if scheme == "zip":
        archive = stack.enter_context(zipfile.ZipFile(stream))
        return stack.enter_context(archive.open(_named(name, archive.namelist())))
    tar = stack.enter_context(tarfile.TarFile(fileobj=stream))
    member = tar.extractfile(_named(name, tar.getnames()))
    if member is None:
        raise KeyError(f"{name} is no file")
    return stack.enter_context(member)


def _named(name: str, names: list[str]) -> str:
    """The member's own spelling: Windows tools write backslashes, and some archives begin with `./`."""
    for candidate in names:
        if candidate == name or candidate.replace("\\", "/").lstrip("/").removeprefix("./") == name:
            return candidate
    raise KeyError(f"the archive has no member {name}")
