"""Print `identifiers.json`: the written forms of some digests, and texts that are none.

Uses nothing of Vasculum, so that the vectors are a second opinion:
python generate_identifiers.py > identifiers.json
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BLOBS = [
    b"",
    b"abc",
    b"A vasculum is the box in which a botanist carries specimens home.",
    bytes(range(256)) * 4096,
]


def _base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def _forms(raw: bytes) -> dict[str, str]:
    multihash = bytes.fromhex("1220") + raw
    cid = bytes.fromhex("0155") + multihash
    return {
        "hex": raw.hex(),
        "uri": f"hash://sha256/{raw.hex()}",
        "ni": "ni:///sha-256;" + base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "cid": "b" + base64.b32encode(cid).decode().lower().rstrip("="),
        "multihash": "f" + multihash.hex(),
    }


def _also_read(raw: bytes) -> dict[str, str]:
    multihash = bytes.fromhex("1220") + raw
    cid = bytes.fromhex("0155") + multihash
    value = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return {
        "upper-case hex": raw.hex().upper(),
        "hash URI in upper case": f"HASH://SHA256/{raw.hex().upper()}",
        "ni with authority and media type": f"ni://museum.example/sha-256;{value}?ct=image/jpeg",
        "CIDv1 in base 16": "f" + cid.hex(),
        "CIDv1 in base 58": "z" + _base58(cid),
        "CIDv1 in base 64 URL": "u" + base64.urlsafe_b64encode(cid).decode().rstrip("="),
        "multihash in hex": multihash.hex(),
        "multihash in base 58": _base58(multihash),
        "multihash in multibase base 58": "z" + _base58(multihash),
    }


def _refused() -> list[dict[str, str]]:
    raw = hashlib.sha256(b"").digest()
    forms = _forms(raw)
    dag_cbor = "b" + base64.b32encode(bytes.fromhex("01711220") + raw).decode().lower().rstrip("=")
    sha3 = "b" + base64.b32encode(bytes.fromhex("01551620") + hashlib.sha3_256().digest()).decode().lower()
    texts = {
        "nothing": "",
        "63 hex digits": raw.hex()[:-1],
        "65 hex digits": raw.hex() + "0",
        "space before": f" {raw.hex()}",
        "newline after": f"{raw.hex()}\n",
        "another hash in a hash URI": f"hash://md5/{hashlib.md5(b'', usedforsecurity=False).hexdigest()}",
        "a row, not a blob": f"{forms['uri']}#row=1",
        "ni with padding": forms["ni"] + "=",
        "ni with another algorithm": forms["ni"].replace("sha-256", "sha-512"),
        "ni with bits beyond the hash": forms["ni"][:-1] + "V",
        "ni cut short": forms["ni"][:-1],
        "CIDv1 with codec dag-cbor": dag_cbor,
        "CIDv1 with sha3-256": sha3.rstrip("="),
        "CIDv1 cut short": forms["cid"][:-2],
        "CIDv1 in mixed case": "b" + forms["cid"][1:].upper(),
        "multihash of sha1": "f1114" + hashlib.sha1(b"", usedforsecurity=False).hexdigest(),
        "multihash with a wrong length": "f121f" + raw.hex(),
        "multihash with a long varint": "f928020" + raw.hex(),
    }
    return [{"about": about, "text": text} for about, text in texts.items()]


def build() -> dict[str, Any]:
    """The whole document."""
    cases = []
    for data in _BLOBS:
        raw = hashlib.sha256(data).digest()
        about = "bytes 0 to 255, 4096 times" if len(data) > 1000 else data.decode()
        cases.append({"data": about, "size": len(data), "forms": _forms(raw), "alsoRead": _also_read(raw)})
    description = (
        "Written forms of SHA-256 digests (spec/identifiers.md). A parser reads every text of `forms` and "
        "`alsoRead` as the same digest, a printer prints exactly `forms`; each text of `refused` is an error."
    )
    return {"description": description, "cases": cases, "refused": _refused()}


if __name__ == "__main__":
    print(json.dumps(build(), indent=2, ensure_ascii=False))
