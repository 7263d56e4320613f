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
def opened(archive: Path, digests: Digests, scratch: Path, limits: Limits) -> Iterator[Container]:
    """Open an archive of any kind.

    Args:
        archive: A file or a folder.
        digests: The file's digest; for a folder the digests of its files by path relative to it, `/`
            between parts.
        scratch: An empty folder to unpack into.
        limits: What to put up with.

    Raises:
        ArchiveRefused: It is absent, damaged, encrypted, hostile, or larger than the limits.
    """
    with closing(_container(archive, digests, scratch, limits)) as container:
        yield container


def _container(archive: Path, digests: Digests, scratch: Path, limits: Limits) -> Container:
    try:
        if archive.is_dir():
            return Folder(archive, digests, limits)
        with archive.open("rb") as stream:
            start = stream.read(2)
        digest = digest_of(digests, archive.name)
        if is_zip(archive):
            return ZipArchive(archive, digest, scratch, limits)
        if is_tar(archive):
            return TarArchive(archive, digest, scratch, limits)
        if start == b"\x1f\x8b":
            return GzipFile(archive, digest, scratch, limits)
        return BareFile(archive, digest, limits)
    except OSError as error:
        raise ArchiveRefused(f"it cannot be read ({error.strerror or error})", file=archive.name) from None
