"""Darwin Core Archives: packed, unpacked, or a bare table whose header is Darwin Core terms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawlers.fetch.sniff import image_type
from crawlers.sources.columns import URL_HEADERS
from crawlers.sources.interface import HEAD_SIZE, ArchiveFile, Opened

_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_TAR_MAGIC = slice(257, 262)
# A table that has one of these and an identifier is a Darwin Core table; a list of image URLs has neither.
_CORE_TERMS = frozenset({"scientificname", "basisofrecord", "taxonid", "catalognumber", "occurrenceid"})
_ADDRESSES = frozenset(URL_HEADERS) - {"associatedmedia"}  # that one is Darwin Core's own
_OWN_TERMS = frozenset({"basisofrecord", "taxonid", "occurrenceid"})


class DwcaSource:
    """An archive is judged by its bytes; what is inside is judged when it is converted."""

    name = "dwca"
    looks_for = "a Darwin Core Archive (zip, tar or folder with a meta.xml), or a table of Darwin Core terms"
    priority = 10

    def recognise(self, location: str, head: bytes | None, media_type: str | None) -> bool:
        if head is None:
            return is_unpacked_archive(Path(location))
        return head.startswith(_PACKED) or head[_TAR_MAGIC] == b"ustar" or _is_core_table(head)

    def read(self, opened: Opened) -> Iterator[ArchiveFile]:
        yield ArchiveFile(opened, "dwca")


def is_unpacked_archive(folder: Path) -> bool:
    """Whether a folder is an unpacked archive.

    It is if it holds a meta.xml. Without one, a table of Darwin Core terms makes it one as well, unless
    images lie beside it: a photographer's folder with a list of names in it is a folder of images.
    """
    if not folder.is_dir():
        return False
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    if any(path.name.lower() == "meta.xml" for path in files):
        return True
    heads = [_head(path) for path in files]
    return any(_is_core_table(head) for head in heads) and not any(image_type(head) for head in heads)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_SIZE)
    except OSError:
        return b""  # whoever adds the file reports that it cannot be read


def _is_core_table(head: bytes) -> bool:
    lines = head.lstrip(b"\xef\xbb\xbf").splitlines()
    first = lines[0].decode("utf-8", "replace") if lines else ""
    delimiter = "\t" if "\t" in first else ","
    cells = {cell.strip().strip('"').rpartition("/")[2].lower() for cell in first.split(delimiter)}
    found = cells & _CORE_TERMS
    # A few names beside addresses are a list of images; records of their own say what they are.
    return len(found) >= 2 and bool(found & _OWN_TERMS or not cells & _ADDRESSES)


SOURCE = DwcaSource()
