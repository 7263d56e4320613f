"""Archives in a zip file."""

import stat
import zipfile
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

_ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """Whether a file begins as zip files do, damaged ones included."""
    with path.open("rb") as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08") or zipfile.is_zipfile(path)


class ZipArchive:
    """A zip file's members, unpacked on demand; each may be unpacked in a thread of its own."""

    def __init__(self, path: Path, name: str, digest: Digest, scratch: Path, limits: Limits) -> None:
        self._path = path
        self._name = name
        self._scratch = scratch
        self._limits = limits
        self._digest = digest
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise ArchiveRefused(f"it is a damaged or truncated zip file ({error})", file=name) from None
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._extracted: dict[str, Path] = {}
        self.members: tuple[Member, ...] = check_members(self._listed(), name, limits)
        self._number = {member.path: number for number, member in enumerate(self.members)}

    def _listed(self) -> list[Member]:
        found = []
        for info in self._zip.infolist():
            # zipfile has already turned the platform's own separator round, so ask for the name as stored.
            path = posix(info.orig_filename, self._name)
            if info.is_dir() or not path:
                continue
            if stat.S_ISLNK(info.external_attr >> 16):
                raise ArchiveRefused(f"{path!r} is a symbolic link", file=self._name)
            if info.flag_bits & _ENCRYPTED:
                raise ArchiveRefused(f"{path!r} is encrypted", file=self._name)
            check_ratio(info.file_size, info.compress_size, path, self._limits)
            self._infos[path] = info
            found.append(Member(info.orig_filename, path, info.file_size))
        return found

    def extract(self, member: Member) -> Path:
        """A file with the member's bytes, checked against the zip's own checksum."""
        if member.path not in self._extracted:
            target = self._scratch / f"member-{self._number[member.path]}"
            self._unpack(member, target)
            self._extracted[member.path] = target
        return self._extracted[member.path]

    def _unpack(self, member: Member, target: Path) -> None:
        try:
            with zipfile.ZipFile(self._path) as own, own.open(self._infos[member.path]) as reader:
                copy_bounded(reader, target, member.size, member.path)  # type: ignore[arg-type]
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
        ) as error:
            raise ArchiveRefused(f"it cannot be unpacked ({error})", file=member.path) from None

    def address(self, member: Member) -> str:
        """`line:zip:hash://sha256/<archive>!/<name>!/`."""
        return SourceFile.zipped(self._digest, member.name).prefix

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
