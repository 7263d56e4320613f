"""A bundle as files: a folder, or a ZIP of it, with the manifest and each blob under its digest."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from analyzers.bundle.manifest import LONGEST, Bundle, read_bundle
from analyzers.code import LONGEST as LONGEST_CODE
from analyzers.errors import UnsuitableBundle
from hashstore.blobstore import BlobStore, Sealed
from hashstore.digest import Digest

MANIFEST: Final = "bundle.json"
BLOBS: Final = "blobs"
_LARGEST: Final = 4 << 30  # bytes of one blob
_STEP: Final = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class BundleFiles:
    """A bundle that lies somewhere.

    Attributes:
        bundle: Its manifest, read.
        open: Opens one of its files by name; whoever reads checks what it reads.
    """

    bundle: Bundle
    open: Callable[[str], IO[bytes]]

    def code(self) -> bytes:
        """Its code bundle, whose digest is checked.

        Raises:
            UnsuitableBundle: It is missing, or not what its name says.
        """
        name = f"{BLOBS}/{self.bundle.code.hex}"
        with reading(name), self.open(name) as stream:
            data = stream.read(LONGEST_CODE + 1)
        if Digest.of(data) != self.bundle.code:
            raise UnsuitableBundle(f"{name} is not the code that the manifest names: its bytes were changed.")
        return data

    def staged(self, store: BlobStore) -> Iterator[Sealed]:
        """Its blobs on their way into a store, each hashed.

        Raises:
            UnsuitableBundle: One is missing, too large, or not what its name says.
        """
        for digest in self.bundle.parts:
            with reading(f"{BLOBS}/{digest.hex}"), self.open(f"{BLOBS}/{digest.hex}") as stream:
                yield _staged(stream, digest, store)


@contextmanager
def opened(path: Path) -> Iterator[BundleFiles]:
    """Open a bundle: a folder or a ZIP. Nothing of it is written anywhere, and nothing is run.

    Raises:
        UnsuitableBundle: It is none.
    """
    if path.is_dir():
        yield BundleFiles(
            _manifest(lambda name: (path / name).open("rb")), lambda name: (path / name).open("rb")
        )
        return
    with reading(path.name):
        archive = zipfile.ZipFile(path)
    with archive:
        yield BundleFiles(_manifest(archive.open), archive.open)


def write_bundle(bundle: Bundle, parts: Mapping[Digest, bytes], target: Path) -> None:
    """Write a bundle as a ZIP, the same bytes each time; as a folder if the name does not end in `.zip`."""
    files = {MANIFEST: bundle.data, **{f"{BLOBS}/{one.hex}": parts[one] for one in bundle.parts}}
    if target.suffix != ".zip":
        for name, data in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(data)
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """What goes wrong while a stranger's file is read is a fault of the bundle."""
    try:
        yield
    except KeyError as error:
        raise UnsuitableBundle(f"The bundle has no {name}.") from error
    except OSError as error:
        raise UnsuitableBundle(f"The bundle's {name} cannot be read: {error.strerror}") from error
    except _DAMAGED as error:
        raise UnsuitableBundle(f"The bundle is damaged at {name}: {error}") from error


def _manifest(open: Callable[[str], IO[bytes]]) -> Bundle:
    with reading(MANIFEST), open(MANIFEST) as stream:
        data = stream.read(LONGEST + 1)
    return read_bundle(data)


def _staged(stream: IO[bytes], digest: Digest, store: BlobStore) -> Sealed:
    with store.stage() as staging:
        length = 0
        while chunk := stream.read(_STEP):
            length += len(chunk)
            if length > _LARGEST:
                raise UnsuitableBundle(f"{BLOBS}/{digest.hex} has more than {_LARGEST >> 30} GiB.")
            staging.write(chunk)
        sealed = staging.seal()
    if sealed.digest != digest:
        store.discard([sealed])
        raise UnsuitableBundle(
            f"{BLOBS}/{digest.hex} holds {sealed.digest.uri}: its bytes were changed. "
            "Nothing of the bundle is kept."
        )
    return sealed
