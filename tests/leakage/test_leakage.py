"""Nothing that must not leave does, in any output; and a leak would be found, in any form."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from tests.leakage.conftest import House, Outputs

_SECRET = "Höhle am Wasserfall / 47.30712"


def test_no_output_holds_a_secret(house: House, output: Outputs, finder: Any) -> None:
    seen = 0
    for name, data in output(house):
        seen += 1
        assert finder.leaks(data, house.secrets) == set(), name
    assert seen, "an output that lets nothing out proves nothing"


@pytest.mark.slow
def test_the_suite_notices_a_node_that_tells_everything(
    open_house: House, output: Outputs, finder: Any
) -> None:
    found = {name for _, data in output(open_house) for name, _ in finder.leaks(data, open_house.secrets)}
    never = {"identity key", "log key", "passphrase", "path of the node", "secret behind commitments"}
    assert not found & never, "these no setting lets out"
    # These name images by their digests, and say nothing of records.
    if output.__module__ in (
        "leakage_notices",
        "leakage_analyses",
        "leakage_reviews",
        "leakage_pictures",
    ):
        assert found & {"image of a sensitive specimen", "image of a withheld specimen"}
    elif output.__module__ not in ("leakage_log_files",):
        assert found & {"locality", "latitude", "EXIF latitude", "address of a sensitive image"}


def _parquet(secret: bytes) -> bytes:
    out = io.BytesIO()
    table = pa.table({"n": list(range(50)), "t": ["a"] * 49 + [secret.decode()]})
    pq.write_table(table, out, compression="zstd", use_dictionary=False, write_statistics=False)
    return out.getvalue()


def _zip(secret: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"x" * 90 + secret)
    return out.getvalue()


_PLANTED: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda secret: secret,
    "hex": lambda secret: secret.hex().encode(),
    "HEX": lambda secret: secret.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64, shifted by one": lambda secret: base64.b64encode(b"x" + secret),
    "base64, shifted by two": lambda secret: base64.b64encode(b"xy" + secret + b"z"),
    "base64url": base64.urlsafe_b64encode,
    "URL-encoded": lambda secret: quote(secret.decode(), safe="").encode(),
    "JSON with escapes": lambda secret: json.dumps({"a": secret.decode()}).encode(),
    "UTF-16": lambda secret: secret.decode().encode("utf-16-le"),
    "capitals": lambda secret: secret.decode().upper().encode(),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": lambda secret: pa.compress(b"x" * 90 + secret, codec="zstd", asbytes=True),
    "Parquet with zstd": _parquet,
    "ZIP": _zip,
    "base64 in gzip": lambda secret: gzip.compress(base64.b64encode(secret)),
}


@pytest.mark.parametrize("form", list(_PLANTED))
def test_a_planted_leak_is_found_in_each_form(form: str, finder: Any) -> None:
    secrets = {"planted": _SECRET.encode()}
    planted = _PLANTED[form](_SECRET.encode())
    around = (
        planted
        if form in ("gzip", "zlib", "Parquet with zstd", "ZIP", "base64 in gzip")
        else b"<" + planted + b">"
    )
    assert {name for name, _ in finder.leaks(around, secrets)} == {"planted"}


def test_a_digest_is_found_however_it_is_written(finder: Any) -> None:
    from hashstore.digest import Digest

    digest = Digest.of(b"a secret image")
    for written in (digest.uri, digest.hex, base64.b64encode(digest.raw).decode()):
        assert finder.leaks(written.encode(), {"digest": digest.raw})


def test_what_holds_no_secret_raises_no_alarm(finder: Any) -> None:
    assert finder.leaks(_parquet(b"nothing of interest"), {"planted": _SECRET.encode()}) == set()
