"""A backup in one file: a plain tar with the manifest at its end, so that a file cut short has none."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from hashstore.blobstore import durable
from hashstore.blobstore.layout import folder_names, is_blob_name
from hashstore.blobstore.reader import verifying_reader
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, HashstoreError
from node.backup.errors import BackupError, DamagedBackup
from node.backup.place import MANIFESTS, Kind, take_turns
from provenance.log.files import sync_folder

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_STEP: Final = 1 << 20
_KINDS: Final = frozenset(kind.value for kind in Kind)
_LARGEST_MANIFEST: Final = 1 << 30  # bytes; a log of 10 million leaves needs 12 million


@dataclass(frozen=True, slots=True)
class _Member:
    """Where in the file something lies."""

    offset: int
    size: int


class _Part(io.RawIOBase):
    """A stretch of a file, as a source to be hashed."""

    def __init__(self, path: Path, member: _Member) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._file.seek(member.offset)
        self._left = member.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")[: self._left]
        count = self._file.readinto(view) or 0 if view else 0
        self._left -= count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _Readable(Protocol):
    """What tarfile copies from."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Hashing:
    """Hashes what is read through it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._state = hashlib.sha256()

    @property
    def digest(self) -> Digest:
        """Of all that was read."""
        return Digest(self._state.digest())

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""
        data = self._source.read(size)
        self._state.update(data)
        return data


class TarReader:
    """Reads a backup in a file; its table of contents is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members: dict[tuple[Kind, Digest], _Member] = {}
        self._manifests: dict[str, _Member] = {}
        for name, member in _members(path):
            folder, _, rest = name.partition("/")
            if (found := _parse(name)) is not None:
                self._members[found] = member
            elif folder == MANIFESTS:
                self._manifests[rest] = member

    @property
    def name(self) -> str:
        """The file."""
        return str(self._path)

    def manifests(self) -> list[str]:
        return sorted(self._manifests)

    def manifest_bytes(self, name: str) -> bytes:
        member = self._manifests[name]
        if member.size > _LARGEST_MANIFEST:
            raise DamagedBackup(f"{self._path}: {MANIFESTS}/{name} is too long for a manifest.")
        with _Part(self._path, member) as part:
            return part.read()

    def open(self, kind: Kind, digest: Digest) -> BinaryIO:
        member = self._members.get((kind, digest))
        if member is None:
            raise BlobNotFound(digest, str(self._path))
        where = f"{self._path}: {_path_of(kind, digest)}"
        return verifying_reader(_Part(self._path, member), member.size, digest, where)

    def close(self) -> None:
        """Nothing is held open."""


class TarWriter:
    """Writes a backup to `FILE.partial`, and gives it its name when it is whole.

    After a kill the next run keeps the whole, right members of the partial file, and goes on behind them.
    """

    def __init__(self, path: Path) -> None:
        """Begins, or goes on.

        Raises:
            BackupError: There is such a file already, or it cannot be written.
        """
        if path.exists():
            raise BackupError(f"{path} is there already, and stays as it is. Name another file.")
        self._path = path
        self._partial = path.with_name(f"{path.name}.partial")
        self._held: set[tuple[Kind, Digest]] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # It holds private keys.
            handle = os.open(self._partial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._file = os.fdopen(handle, "r+b")
            take_turns(handle, path)
            self._file.truncate(self._kept())
            self._file.seek(0, os.SEEK_END)
            self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        except OSError as error:
            raise BackupError(f"The backup {path} cannot be written: {error.strerror}.") from error

    @property
    def scratch(self) -> Path:
        """The folder around the file; temporary files there have no name."""
        return self._path.parent

    def holds(self, kind: Kind, digest: Digest, size: int) -> bool:
        return (kind, digest) in self._held

    def put(self, kind: Kind, digest: Digest, size: int, source: BinaryIO) -> None:
        start, hashing = self._file.tell(), _Hashing(source)
        try:
            self._add(_path_of(kind, digest), size, hashing)
            if hashing.digest != digest or source.read(1):
                raise CorruptBlob(digest, "what was to be backed up")
        except OSError as error:
            self._cut(start)
            if str(error) == "unexpected end of data":
                raise CorruptBlob(digest, "what was to be backed up", "it is too short") from error
            raise durable.translated(error, f"writing {self._partial}") from error
        except HashstoreError:
            self._cut(start)
            raise
        self._held.add((kind, digest))

    def _cut(self, offset: int) -> None:
        """Take back what was written from an offset on, as far as the disk lets us."""
        with suppress(OSError):
            self._file.seek(offset)
            self._file.truncate()

    def finish(self, name: str, manifest: bytes) -> None:
        try:
            self._add(f"{MANIFESTS}/{name}", len(manifest), io.BytesIO(manifest))
            self._tar.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            os.replace(self._partial, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise durable.translated(error, f"writing {self._partial}") from error

    def close(self) -> None:
        """Let go of the file; a partial one stays for the next run."""
        with suppress(OSError):
            self._file.close()

    def _add(self, name: str, size: int, source: _Readable) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.offset = self._file.tell()
        self._tar.addfile(member, source)
        self._tar.members.clear()  # type: ignore[attr-defined] # a million of them fills the memory

    def _kept(self) -> int:
        """How much of a partial file is whole and right."""
        end = 0
        for name, member in _members(self._partial):
            found = _parse(name)
            if found is None or not _is_right(self._partial, member, found[1]):
                break
            self._held.add(found)
            end = member.offset + -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        return end


def _members(path: Path) -> Iterator[tuple[str, _Member]]:
    """The regular files of a tar with where their bytes lie; ends where the file is cut off."""
    if path.stat().st_size == 0:
        return
    try:
        with tarfile.open(path, "r:") as tar:
            while (member := tar.next()) is not None:
                if member.isreg():
                    yield member.name, _Member(member.offset_data, member.size)
                tar.members.clear()  # type: ignore[attr-defined] # a million of them fills the memory
    except (tarfile.TarError, OSError, EOFError) as error:
        if not path.name.endswith(".partial"):
            raise DamagedBackup(f"{path} is damaged, or no backup: {error}.") from error


def _is_right(path: Path, member: _Member, digest: Digest) -> bool:
    try:
        with verifying_reader(_Part(path, member), member.size, digest, str(path)) as reader:
            while reader.read(_STEP):
                pass
    except CorruptBlob:
        return False
    return True


def _path_of(kind: Kind, digest: Digest) -> str:
    first, second = folder_names(digest.hex)
    return f"{kind.value}/{first}/{second}/{digest.hex}"


def _parse(path: str) -> tuple[Kind, Digest] | None:
    folder, _, rest = path.partition("/")
    name = rest.rpartition("/")[2]
    if folder not in _KINDS or not is_blob_name(name):
        return None
    found = Kind(folder), Digest(bytes.fromhex(name))
    return found if _path_of(*found) == path else None
