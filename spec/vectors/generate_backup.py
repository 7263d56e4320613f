"""Prints `backup.json`: `python spec/vectors/generate_backup.py > spec/vectors/backup.json`."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(document: Any) -> bytes:
    """RFC 8785 of a document whose names are ASCII and whose numbers are integers."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def uri(data: bytes) -> str:
    """The digest of bytes in its written form."""
    return f"hash://sha256/{hashlib.sha256(data).hexdigest()}"


BLOBS = [b"", b"abc", b"a pressed leaf", b"an image in the archive"]
WHERE = ["here", "base", "here", "archive"]


def listed() -> bytes:
    """The list of blobs."""
    lines = sorted(
        f"{hashlib.sha256(blob).hexdigest()} {len(blob)} {where}\n"
        for blob, where in zip(BLOBS, WHERE, strict=True)
    )
    return "".join(lines).encode()


def manifest() -> dict[str, Any]:
    """A manifest."""
    config = b'[node]\nname = "My Herbarium"\n'
    return {
        "type": "VasculumBackup",
        "version": 1,
        "made": "2026-11-23T14:38:32.840387Z",
        "node": {
            "name": "Herbário",
            "origin": "museum.example/log",
            "identity": "did:key:z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP",
        },
        "log": {"size": 0, "rootHash": hashlib.sha256().hexdigest()},
        "files": [
            {"path": "keys/log.pem", "digest": uri(b"not a key"), "size": 9, "mode": "0600"},
            {"path": "node.toml", "digest": uri(config), "size": len(config), "mode": "0644"},
        ],
        "blobs": {"list": uri(listed()), "size": len(listed()), "count": 4, "bytes": 17},
        "bases": [uri(b"the manifest of an earlier backup")],
    }


def refused() -> list[dict[str, Any]]:
    """Manifests of another form."""
    cases: list[tuple[str, dict[str, Any]]] = [
        ("another type", {"type": "Backup"}),
        ("a later version", {"version": 2}),
        ("a count below zero", {"log": {"size": -1, "rootHash": "00" * 32}}),
        ("no files", {"files": None}),
    ]
    paths = [
        *("../outside", "/etc/passwd", "a/../b", "a//b", ""),
        *("log.lock", "x/log.lock.guard", "keys/witness.pem", "index.duckdb", "blobs/aa/bb/cc", "staging/x"),
    ]
    entry = {"digest": uri(b""), "size": 0, "mode": "0600"}
    cases += [(f"the path {path!r}", {"files": [{"path": path, **entry}]}) for path in paths]
    cases.append(("a mode beyond permissions", {"files": [{"path": "x", **entry, "mode": "4755"}]}))
    return [{"why": why, "manifest": {**manifest(), **change}} for why, change in cases]


def refused_lists() -> list[dict[str, str]]:
    """Lists of another form."""
    first, second, *_ = listed().decode().splitlines(keepends=True)
    return [
        {"why": "out of order", "list": second + first},
        {"why": "twice", "list": first + first},
        {"why": "no end of line", "list": first.rstrip()},
        {"why": "upper case", "list": first.upper()},
        {"why": "another place", "list": first.replace("here", "there").replace("base", "there")},
        {"why": "a size with a zero before it", "list": first.replace(" ", " 0", 1)},
    ]


if __name__ == "__main__":
    data = canonical(manifest())
    vectors = {
        "description": "A backup's manifest in canonical form with its digest and name, its list of blobs, "
        "and what a reader refuses (spec/backup.md).",
        "manifest": manifest(),
        "canonical": data.decode(),
        "digest": uri(data),
        "name": f"20261123T143832840387Z-{hashlib.sha256(data).hexdigest()}.json",
        "list": listed().decode(),
        "refused": refused(),
        "refusedLists": refused_lists(),
    }
    print(json.dumps(vectors, ensure_ascii=False, indent=1))
