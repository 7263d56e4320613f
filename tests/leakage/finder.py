"""Finds secrets in bytes, in whatever form: plain, hex, base64, URL-encoded, UTF-16, packed, in Parquet."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

_ZSTD = b"\x28\xb5\x2f\xfd"
_DEEPEST = 4


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """The ways in which a secret may be written; the name of each and what to look for."""
    yield "plain", secret
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    for shift in range(3):
        # Of base64 text whose alignment is not known, the middle does not depend on what stands around it.
        middle = secret[(3 - shift) % 3 :]
        whole = middle[: len(middle) // 3 * 3]
        if len(whole) >= 6:
            yield f"base64+{shift}", base64.b64encode(whole)
            yield f"base64url+{shift}", base64.urlsafe_b64encode(whole)
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return
    yield "url", quote(text, safe="").encode()
    yield "json", json.dumps(text)[1:-1].encode()
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "lower", text.lower().encode()
    yield "upper", text.upper().encode()


def leaks(data: bytes, secrets: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """The secrets that stand in some bytes, each with the form in which it does."""
    found = set()
    for layer in layers(data):
        for name, secret in secrets.items():
            found |= {(name, form) for form, needle in forms(secret) if needle in layer}
    return found


def layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes, and whatever is packed in them."""
    yield data
    if depth >= _DEEPEST:
        return
    for inner in (*_parquet(data), *_zip(data), *_streams(data)):
        yield from layers(inner, depth + 1)


def _parquet(data: bytes) -> Iterator[bytes]:
    if data[:4] != b"PAR1":
        return
    file = pq.ParquetFile(io.BytesIO(data))
    yield str(file.metadata.metadata).encode()
    for row in file.read().to_pylist():
        for name, value in row.items():
            yield value if isinstance(value, bytes) else f"{name}\n{value}".encode()


def _zip(data: bytes) -> Iterator[bytes]:
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)


def _streams(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    at = data.find(_ZSTD)
    if at >= 0:
        with suppress(OSError, pa.ArrowException):
            yield pa.CompressedInputStream(pa.BufferReader(data[at:]), "zstd").read()
    if data[:1] == b"\x78":
        with suppress(zlib.error):
            yield zlib.decompress(data)
