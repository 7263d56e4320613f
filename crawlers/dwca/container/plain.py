"""Archives that are a folder, a bare table, or a table in gzip."""

import gzip
import zlib
from pathlib import Path

from crawlers.dwca.container.interface import (
    Digests,
    Member,
    check_members,
    check_ratio,
    copy_bounded,
    digest_of,
    is_junk,
)
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits
from hashstore.digest import Digest
from manifests.source_row import SourceFile


class Folder:
    """An unpacked archive; each of its files is addressed by its own digest."""

    def __init__(self, root: Path, name: str, digests: Digests, limits: Limits) -> None:
        self._root = root
        self._name = name
        self._digests = digests
        self.members = check_members(self._listed(limits), name, limits)

    def _listed(self, limits: Limits) -> list[Member]:
        found = []
        for path in sorted(self._root.rglob("*")):
            name = path.relative_to(self._root).as_posix()
            if path.is_symlink():
                raise ArchiveRefused(f"{name!r} is a symbolic link", file=self._name)
            if path.is_file() and not is_junk(name):
                found.append(Member(name, name, path.stat().st_size))
            if len(found) > limits.max_members:
                break
        return found

    def extract(self, member: Member) -> Path:
        """The file itself."""
        return self._root / member.path

    def address(self, member: Member) -> str:
        """`line:hash://sha256/<file>!/`."""
        return SourceFile(digest_of(self._digests, member.path)).prefix

    def close(self) -> None:
        """Nothing is open."""


class BareFile:
    """A table that is its own archive."""

    def __init__(self, path: Path, name: str, digest: Digest, limits: Limits) -> None:
        self._path = path
        self._prefix = SourceFile(digest).prefix
        self.members = (Member(name, name, path.stat().st_size),)

    def extract(self, member: Member) -> Path:
        """The file itself."""
        return self._path

    def address(self, member: Member) -> str:
        """`line:hash://sha256/<file>!/`."""
        return self._prefix

    def close(self) -> None:
        """Nothing is open."""


class GzipFile:
    """A table in gzip."""

    def __init__(self, path: Path, name: str, digest: Digest, scratch: Path, limits: Limits) -> None:
        self._target = scratch / "member-0"
        self._prefix = SourceFile(digest, ("gz",)).prefix
        inside = name.removesuffix(".gz") or name
        packed = path.stat().st_size
        most = min(limits.max_total, max(limits.ratio_from, limits.max_ratio * packed) + 1)
        try:
            with gzip.open(path) as reader:
                size = copy_bounded(reader, self._target, most, name)  # type: ignore[arg-type]
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveRefused(f"it is a damaged gzip file ({error})", file=name) from None
        check_ratio(size, packed, name, limits)
        self.members = (Member(inside, inside, size),)

    def extract(self, member: Member) -> Path:
        """The unpacked table."""
        return self._target

    def address(self, member: Member) -> str:
        """`line:gz:hash://sha256/<file>!/`."""
        return self._prefix

    def close(self) -> None:
        """Nothing stays open."""
