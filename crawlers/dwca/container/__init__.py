"""What an archive comes in: zip, tar, gzip, folder or bare file, behind one interface."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crawlers.dwca.container.interface import Container, Digests, Member, digest_of
from crawlers.dwca.container.plain import BareFile, Folder, GzipFile
from crawlers.dwca.container.tarred import TarArchive, is_tar
from crawlers.dwca.container.zipped import ZipArchive, is_zip
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits

__all__ = ["Container", "Digests", "Member", "opened"]


@contextmanager
def opened(
    archive: Path, digests: Digests, scratch: Path, limits: Limits, name: str | None = None
) -> Iterator[Container]:
    """Open an archive of any kind.

    Args:
        archive: A file or a folder.
        digests: The file's digest; for a folder the digests of its files by path relative to it, `/`
            between parts.
        scratch: An empty folder to unpack into.
        limits: What to put up with.
        name: What to call the archive, where its path does not tell.

    Raises:
        ArchiveRefused: It is absent, damaged, encrypted, hostile, or larger than the limits.
    """
    with closing(_container(archive, name or archive.name, digests, scratch, limits)) as container:
        yield container


def _container(archive: Path, name: str, digests: Digests, scratch: Path, limits: Limits) -> Container:
    try:
        if archive.is_dir():
            return Folder(archive, name, digests, limits)
        with archive.open("rb") as stream:
            start = stream.read(2)
        digest = digest_of(digests, name)
        if is_zip(archive):
            return ZipArchive(archive, name, digest, scratch, limits)
        if is_tar(archive):
            return TarArchive(archive, name, digest, scratch, limits)
        if start == b"\x1f\x8b":
            return GzipFile(archive, name, digest, scratch, limits)
        return BareFile(archive, name, digest, limits)
    except OSError as error:
        raise ArchiveRefused(f"it cannot be read ({error.strerror or error})", file=name) from None
