"""A bundle packed to about half its size: a gzip file (RFC 1952) that any unpacker reads, and of one form.

The bundles of a log that has changed its keys hold statements that say much the same, and hashes in hex.
Its header names the SHA-256 of all that follows, so that whatever bit of a packed file changes is found.
"""

from __future__ import annotations

import zlib
from typing import Final

from hashstore.digest import Digest
from provenance.errors import BundleError

MAGIC: Final = b"\x1f\x8b"
LARGEST: Final = 4 * 1024 * 1024
"""Bytes that a bundle may have, packed or not."""

# Deflate, with a comment and nothing else; no time; packed as well as it goes; whatever the system.
_HEADER: Final = MAGIC + b"\x08\x10\x00\x00\x00\x00\x02\xff"
_COMMENT: Final = b"vasculum-citation-bundle, packed; what follows has "
_BEFORE: Final = len(_HEADER) + len(_COMMENT) + len(Digest.of(b"").uri) + 1


def pack_bundle(data: bytes) -> bytes:
    """Packs a bundle; the same library gives the same bytes, and each library gives the same bundle back."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(data) + deflate.flush()
    rest = packed + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return _before(rest) + rest


def unpack_bundle(data: bytes) -> bytes:
    """The bundle in a packed file; nothing in it is judged yet.

    Raises:
        BundleError: the file was changed, is of another form, or unpacks to more than any bundle has.
    """
    rest = data[_BEFORE:]
    if data[:_BEFORE] != _before(rest):
        raise BundleError("The packed bundle is not what its header says: it has been damaged or changed.")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflate.decompress(rest, LARGEST + 1)
    except zlib.error as error:
        raise BundleError(f"The packed bundle cannot be unpacked: {error}") from error
    if len(found) > LARGEST:
        raise BundleError(f"The bundle has more than {LARGEST:,} bytes, and none has.")
    end = zlib.crc32(found).to_bytes(4, "little") + len(found).to_bytes(4, "little")
    if not inflate.eof or inflate.unused_data != end:
        raise BundleError("The packed bundle does not end where it should.")
    return found


def _before(rest: bytes) -> bytes:
    """What stands before the packed bytes: gzip's header, and a comment that fixes all the rest."""
    return _HEADER + _COMMENT + Digest.of(rest).uri.encode() + b"\0"
