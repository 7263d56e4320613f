"""The form of a citation bundle: one canonical JSON document and a newline (spec/citations.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from hashstore.canonical import Json, canonical_json, parse_canonical, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from provenance.citation.packed import LARGEST, MAGIC, unpack_bundle
from provenance.errors import BundleError

FORMAT: Final = "vasculum-citation-bundle/1"
LARGEST_BUNDLE: Final = LARGEST
MOST_KEY_CHANGES: Final = 256
Kind: TypeAlias = Literal["blob", "row", "crawl", "snapshot"]


@dataclass(frozen=True, slots=True)
class Cited:
    """What a bundle is about.

    Attributes:
        kind: `blob`, `row`, `crawl` or `snapshot`.
        identifier: the digest of the blob, crawl statement or checkpoint, or the row's URI.
        text: the citation in words, as whoever made the bundle wrote it. No signature covers it.
    """

    kind: Kind
    identifier: str
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Bytes with their place in a Merkle tree.

    Attributes:
        content: canonical JSON: a row, a leaf, or a statement.
        index: the place, from 0.
        path: hashes of 32 bytes from the sibling up.
    """

    content: bytes
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A citation and its proof.

    Attributes:
        cited: what it is about.
        checkpoint: the signed checkpoint, as it was published.
        keys: the log description, the log's first leaf, which binds identity key and log key.
        history: the key statements that follow it in the log, in order.
        leaf: the leaf that names the row's segment or the statement; None for a snapshot.
        row: the canonical row in its segment; for blobs and rows.
        statement: the statement's exact bytes; for crawls.
    """

    cited: Cited
    checkpoint: bytes
    keys: Placed
    leaf: Placed | None = None
    row: Placed | None = None
    statement: bytes | None = None
    history: tuple[Placed, ...] = ()


def encode_bundle(bundle: Bundle) -> bytes:
    """Writes a bundle; the same bundle gives the same bytes.

    Raises:
        BundleError: a part is not canonical JSON.
    """
    try:
        document: dict[str, Json] = {
            "format": FORMAT,
            "cited": {
                "kind": bundle.cited.kind,
                "identifier": bundle.cited.identifier,
                "text": bundle.cited.text,
            },
            "checkpoint": bundle.checkpoint.decode(),
            "keys": _write_placed(bundle.keys),
        }
        if bundle.history:
            document["history"] = [_write_placed(placed) for placed in bundle.history]
        if bundle.leaf is not None:
            document["leaf"] = _write_placed(bundle.leaf)
        if bundle.row is not None:
            document["row"] = _write_placed(bundle.row)
        if bundle.statement is not None:
            document["statement"] = parse_json(bundle.statement)
        data = canonical_json({**document, "checksum": Digest.of(canonical_json(document)).uri}) + b"\n"
    except (HashstoreError, UnicodeDecodeError) as error:
        raise BundleError(f"A part of the bundle is not JSON: {error}") from error
    if decode_bundle(data) != bundle:
        raise BundleError("A part of the bundle is not in canonical form, so its digest would be lost.")
    return data


def decode_bundle(data: bytes) -> Bundle:
    """Reads a bundle, packed or not; nothing in it is verified but its form and its checksum.

    Raises:
        BundleError: the bytes are not exactly what `encode_bundle` writes for some bundle.
    """
    if len(data) > LARGEST_BUNDLE:
        raise BundleError(f"The file is larger than {LARGEST_BUNDLE:,} bytes, and no bundle is.")
    if data.startswith(MAGIC):
        data = unpack_bundle(data)
    body = data.removesuffix(b"\n")
    try:
        document = parse_canonical(body)
    except HashstoreError as error:
        raise BundleError(
            f"The bundle is not canonical JSON (RFC 8785) and one newline; it has been changed: {error}"
        ) from error
    if len(body) == len(data):
        raise BundleError("The bundle does not end with a newline; it has been cut off.")
    members = dict(_object(document, "the bundle"))
    if members.get("format") != FORMAT:
        raise BundleError(f"The bundle's format is {members.get('format')!r}; this program reads {FORMAT}.")
    checksum = str(members.pop("checksum", None))
    # Quotes in a text are escaped, and before this member stands one text only: so this is its first place.
    if checksum != Digest.of(body.replace(b'"checksum":"%s",' % checksum.encode(), b"", 1)).uri:
        raise BundleError("The bundle's checksum does not fit: it has been damaged or changed.")
    return _read_bundle(members)


def _read_bundle(members: Mapping[str, Json]) -> Bundle:
    optional = {"history", "leaf", "row", "statement"}
    _only(members, "the bundle", {"format", "cited", "checkpoint", "keys"}, optional)
    cited = _object(members["cited"], "cited")
    _only(cited, "cited", {"kind", "identifier", "text"}, set())
    kind = _text(cited["kind"], "kind")
    if kind not in get_args(Kind):
        raise BundleError(f"The bundle cites a {kind!r}, which this program does not know.")
    statement = members.get("statement")
    return Bundle(
        cited=Cited(kind, _text(cited["identifier"], "identifier"), _text(cited["text"], "text")),  # type: ignore[arg-type]
        checkpoint=_text(members["checkpoint"], "checkpoint").encode(),
        keys=_read_placed(members["keys"], "keys"),
        leaf=_read_placed(members["leaf"], "leaf") if "leaf" in members else None,
        row=_read_placed(members["row"], "row") if "row" in members else None,
        statement=None if statement is None else canonical_json(_object(statement, "statement")),
        history=_read_history(members["history"]) if "history" in members else (),
    )


def _read_history(value: Json) -> tuple[Placed, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= MOST_KEY_CHANGES:
        raise BundleError(f"The history is no list of 1 to {MOST_KEY_CHANGES} key statements.")
    return tuple(_read_placed(placed, f"history {number}") for number, placed in enumerate(value, 1))


def _write_placed(placed: Placed) -> Json:
    content = parse_json(placed.content)
    return {"content": content, "index": placed.index, "path": [step.hex() for step in placed.path]}


def _read_placed(value: Json, where: str) -> Placed:
    members = _object(value, where)
    _only(members, where, {"content", "index", "path"}, set())
    index, path = members["index"], members["path"]
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise BundleError(f"{where}: the index is no count.")
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise BundleError(f"{where}: the path is no list.")
    content = canonical_json(_object(members["content"], f"{where}.content"))
    return Placed(content, index, tuple(_hash(step, where) for step in path))


def _only(members: Mapping[str, Any], where: str, required: set[str], optional: set[str]) -> None:
    if missing := sorted(required - members.keys()):
        raise BundleError(f"{where} has no member {missing[0]!r}.")
    if unknown := sorted(members.keys() - required - optional):
        raise BundleError(f"{where} has the unknown member {unknown[0]!r}.")


def _object(value: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise BundleError(f"{where} is no JSON object.")
    return value


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise BundleError(f"{where} is no text.")
    return value


def _hash(value: Json, where: str) -> bytes:
    text = _text(value, where)
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise BundleError(f"{where}: {text[:80]!r} is no hash in hex.") from error
    if raw.hex() != text or len(raw) != 32:
        raise BundleError(f"{where}: {text[:80]!r} is no hash of 64 lower-case hex digits.")
    return raw
