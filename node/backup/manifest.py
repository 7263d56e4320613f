"""What a backup holds: a small document in canonical JSON that names every file by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.backup.contents import belongs
from node.backup.errors import DamagedBackup

TYPE: Final = "VasculumBackup"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the node's folder that is no blob.

    Attributes:
        path: From the node's folder on, with `/`.
        digest: Of its bytes.
        size: In bytes.
        mode: Its permission bits.
    """

    path: str
    digest: Digest
    size: int
    mode: int


@dataclass(frozen=True, slots=True)
class BlobList:
    """The list of the node's blobs, which is a file of the backup itself.

    Attributes:
        digest: Of the list.
        size: Of the list, in bytes.
        count: How many blobs it names.
        bytes: Those of them that do not lie in the archive tier, together.
    """

    digest: Digest
    size: int
    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup of one node.

    Attributes:
        made: When, RFC 3339 in UTC.
        name: The institution.
        origin: The name of the node's log.
        identity: The did:key that signs its statements.
        log_size: How many leaves the log had.
        root_hash: The log's root then, 32 bytes.
        files: Everything but blobs, by path.
        blobs: The list of blobs.
        bases: Digests of the manifests of the backups that hold what this one leaves out.
    """

    made: str
    name: str
    origin: str
    identity: str
    log_size: int
    root_hash: bytes
    files: tuple[FileEntry, ...]
    blobs: BlobList
    bases: tuple[Digest, ...] = ()

    def encode(self) -> bytes:
        """The document."""
        files: list[Json] = [
            {"path": f.path, "digest": f.digest.uri, "size": f.size, "mode": f"{f.mode:04o}"}
            for f in self.files
        ]
        return canonical_json(
            {
                "type": TYPE,
                "version": VERSION,
                "made": self.made,
                "node": {"name": self.name, "origin": self.origin, "identity": self.identity},
                "log": {"size": self.log_size, "rootHash": self.root_hash.hex()},
                "files": files,
                "blobs": {
                    "list": self.blobs.digest.uri,
                    "size": self.blobs.size,
                    "count": self.blobs.count,
                    "bytes": self.blobs.bytes,
                },
                "bases": [base.uri for base in self.bases],
            }
        )


def read_manifest(data: bytes, where: str) -> Manifest:
    """Read the document; whether it is the one that was written, its file's name tells.

    Raises:
        DamagedBackup: It is no manifest, or of a later version, or names a path outside the node's folder.
    """
    try:
        document = parse_json(data)
        if not isinstance(document, Mapping) or document.get("type") != TYPE:
            raise DamagedBackup(f"{where} is no manifest of a backup.")
        if document["version"] != VERSION:
            raise DamagedBackup(
                f"{where} is of version {document['version']!r}, and this program knows {VERSION} only. "
                "Restore with the newer program that made it."
            )
        return _read(document)
    except (HashstoreError, KeyError, TypeError, ValueError) as error:
        raise DamagedBackup(f"{where} is damaged: {error}") from error


def _read(document: Mapping[str, Any]) -> Manifest:
    node, log, blobs = document["node"], document["log"], document["blobs"]
    return Manifest(
        made=str(document["made"]),
        name=str(node["name"]),
        origin=str(node["origin"]),
        identity=str(node["identity"]),
        log_size=_count(log["size"]),
        root_hash=bytes.fromhex(log["rootHash"]),
        files=tuple(_file(entry) for entry in document["files"]),
        blobs=BlobList(
            Digest.parse(blobs["list"]), _count(blobs["size"]), _count(blobs["count"]), _count(blobs["bytes"])
        ),
        bases=tuple(Digest.parse(base) for base in document["bases"]),
    )


def _file(entry: Mapping[str, Any]) -> FileEntry:
    path, mode = entry["path"], int(entry["mode"], 8)
    parts = PurePosixPath(path).parts
    # A path that would leave the folder, or a file that no backup may bring back, was not written by us.
    if str(PurePosixPath(path)) != path or path.startswith("/") or ".." in parts or "\x00" in path:
        raise ValueError(f"{path!r} is no path within a node's folder")
    if not belongs(path) or mode & ~0o777:
        raise ValueError(f"{path!r} is nothing that a backup may hold")
    return FileEntry(path, Digest.parse(entry["digest"]), _count(entry["size"]), mode)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value
