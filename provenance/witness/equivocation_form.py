"""The file form of a proof of equivocation: canonical JSON and a newline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.errors import HashstoreError
from provenance.errors import NoContradiction, ProvenanceError
from provenance.log.checkpoint import parse_checkpoint_text
from provenance.log.note import parse_note
from provenance.witness.equivocation import EquivocationProof, Split

FORMAT: Final = "vasculum-equivocation/1"
LARGEST_PROOF: Final = 64 * 1024


def encode_equivocation(proof: EquivocationProof) -> bytes:
    """Writes a proof as canonical JSON (RFC 8785) and a newline; the same proof gives the same bytes."""
    document: dict[str, Json] = {
        "format": FORMAT,
        "origin": _origin(proof),
        "checkpoints": [data.decode() for data in proof.checkpoints],
    }
    if proof.split is not None:
        document["leaf"] = {
            "index": proof.split.index,
            "hashes": [value.hex() for value in proof.split.hashes],
            "paths": [[step.hex() for step in path] for path in proof.split.paths],
        }
    return canonical_json(document) + b"\n"


def decode_equivocation(data: bytes) -> EquivocationProof:
    """Reads a proof; nothing in it is judged but its form.

    Raises:
        NoContradiction: the bytes are not exactly what `encode_equivocation` writes for some proof.
    """
    try:
        if len(data) > LARGEST_PROOF:
            raise ValueError(f"it has more than {LARGEST_PROOF} bytes")
        document = parse_json(data)
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        first, second = _texts(document["checkpoints"])
        leaf = document.get("leaf")
        split = None if leaf is None else _read_split(leaf)
        proof = EquivocationProof((first.encode(), second.encode()), split)
        if encode_equivocation(proof) != data:
            raise ValueError("it is not in the one form that the specification allows")
    except (HashstoreError, ProvenanceError, KeyError, TypeError, ValueError) as error:
        raise NoContradiction(f"The file is no proof of equivocation: {error}") from error
    return proof


def _read_split(value: Json) -> Split:
    if not isinstance(value, Mapping) or not isinstance(index := value["index"], int):
        raise ValueError("its leaf has no index")
    first, second = (bytes.fromhex(text) for text in _texts(value["hashes"]))
    paths = value["paths"]
    if not isinstance(paths, Sequence) or len(paths) != 2:
        raise ValueError("its leaf has not two paths")
    mine, other = (tuple(bytes.fromhex(text) for text in _texts(path)) for path in paths)
    return Split(index, (first, second), (mine, other))


def _texts(value: Json) -> list[str]:
    if not isinstance(value, Sequence) or not all(isinstance(text, str) for text in value):
        raise ValueError("a list of texts is missing")
    return [str(text) for text in value]


def _origin(proof: EquivocationProof) -> str:
    return parse_checkpoint_text(parse_note(proof.checkpoints[0]).text).origin
