"""Which image a file means: by digest, by a file name made of one, or by the manifest of an export."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.errors import NodeError


@dataclass(frozen=True, slots=True)
class Names:
    """Names of images.

    Attributes:
        paths: Digests by path, and by file name where only one path ends so.
    """

    paths: Mapping[str, Digest] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, name: str) -> Digest | None:
        """The image of that name; None if it is none that is known."""
        plain = name.replace("\\", "/")
        path = PurePosixPath(plain)
        return self.paths.get(plain) or self.paths.get(path.name) or _digest(plain) or _digest(path.stem)


def names_of_manifest(lines: Iterable[bytes]) -> Names:
    """The names of an export of ours (spec/exports.md), by its manifest.

    Raises:
        NodeError: it is none.
    """
    found: dict[str, Digest] = {}
    twice: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            if entry["type"] != "File" or not entry.get("member"):
                continue
            path, digest = str(entry["path"]), Digest.parse(entry["digest"])
        except (ValueError, KeyError, TypeError, HashstoreError) as error:
            raise NodeError(
                f"Line {number} is none of an export's manifest ({error}). Give the file "
                "vasculum-export.jsonl that lies beside the exported images."
            ) from error
        for name in {path, PurePosixPath(path).name}:
            if found.setdefault(name, digest) != digest:
                twice.add(name)
    return Names(MappingProxyType({name: digest for name, digest in found.items() if name not in twice}))


def _digest(text: str) -> Digest | None:
    try:
        return Digest.parse(text)
    except HashstoreError:
        return None
