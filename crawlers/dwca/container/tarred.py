"""Archives in a tar file, compressed or not. A tar has no index, so everything is unpacked in one pass."""

import lzma
import tarfile
import zlib
from pathlib import Path

from crawlers.dwca.container.interface import (
    Member,
    check_members,
    check_ratio,
    copy_bounded,
    posix,
)
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits
from hashstore.digest import Digest
from manifests.source_row import SourceFile

_MAGIC = ((b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"))
_ERRORS = (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError)


def _compression(path: Path) -> str:
    """By which scheme a file is compressed, from its first bytes: ``gz``, ``bz2``, ``xz``, or nothing."""
    with path.open("rb") as stream:
        start = stream.read(6)
    return next((scheme for magic, scheme in _MAGIC if start.startswith(magic)), "")


def is_tar(path: Path) -> bool:
    """Whether a file can be opened as a tar file, compressed as its first bytes say and in no other way.

    :func:`tarfile.is_tarfile` tries every way. A tar header's checksum is a mere sum, so it takes one
    gzip file in some two hundred, by its time stamp, for a tar file that is not compressed.
    """
    try:
        with tarfile.open(path, f"r:{_compression(path)}"):  # type: ignore[call-overload]
            return True
    except _ERRORS:
        return False


class TarArchive:
    """A tar file's regular members."""

    def __init__(self, path: Path, name: str, digest: Digest, scratch: Path, limits: Limits) -> None:
        self._path = path
        self._name = name
        self._limits = limits
        self._files: dict[str, Path] = {}
        self._compression = _compression(path)
        self._schemes = ("tar", self._compression) if self._compression else ("tar",)
        self._digest = digest
        try:
            self.members = check_members(self._unpacked(scratch), name, limits)
        except _ERRORS as error:
            raise ArchiveRefused(f"it is a damaged or truncated tar file ({error})", file=name) from None

    def _unpacked(self, scratch: Path) -> list[Member]:
        packed, total = self._path.stat().st_size, 0
        found: list[Member] = []
        with tarfile.open(self._path, f"r|{self._compression}") as tar:  # type: ignore[call-overload]
            for info in tar:
                path = posix(info.name, self._name)
                if info.isdir() or not path:
                    continue
                if not info.isreg():
                    raise ArchiveRefused(f"{path!r} is a link or a device", file=self._name)
                total += info.size
                check_ratio(total, packed, self._name, self._limits)
                if len(found) >= self._limits.max_members or total > self._limits.max_total:
                    raise ArchiveRefused("it unpacks to more than the limits allow", file=self._name)
                reader = tar.extractfile(info)
                if reader is None:
                    raise ArchiveRefused(f"{path!r} cannot be read", file=self._name)
                target = scratch / f"member-{len(found)}"
                copy_bounded(reader, target, info.size, path)
                self._files[path] = target
                found.append(Member(info.name, path, info.size))
        return found

    def extract(self, member: Member) -> Path:
        """The file that the member was unpacked to."""
        return self._files[member.path]

    def address(self, member: Member) -> str:
        """`line:tar:gz:hash://sha256/<archive>!/<name>!/`, by the tar's compression."""
        return SourceFile(self._digest, self._schemes, (member.name,)).prefix

    def close(self) -> None:
        """Nothing stays open."""
