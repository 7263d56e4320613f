"""Write the vectors of keys, leaves, logs, statements and citation bundles.

Run it as `python spec/vectors/generate_provenance.py`. All keys are made of plain seeds and all signatures
are Ed25519, which is deterministic: a program in any language must arrive at the same bytes.
"""

from __future__ import annotations

import json
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.merkle import inclusion_path, leaf_hashes, merkle_root
from manifests.access import AccessClass
from manifests.proof import RowProof
from manifests.segment import Segment
from provenance.citation import TrustedKeys, cite_blob, cite_crawl, cite_row, cite_snapshot, verify_bundle
from provenance.key_file import key_file_bytes
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf
from provenance.log.log import Log
from provenance.statement import Statement, issue
from provenance.statement.kinds import Crawl, Creator, Dataset, LogDescription, UsedArchive
from provenance.statement.proofs import Canonicalise, hash_data
from provenance.statement.rdf import canonical_nquads

FOLDER = Path(__file__).parent
ORIGIN = "museum.example/log"
IDENTITY, SIGNER = SigningKey(bytes(range(32))), SigningKey(bytes(range(32, 64)))
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

CANONICALISERS: tuple[Canonicalise, ...] = (canonical_json, canonical_nquads)

ROWS = tuple(
    canonical_json({"digest": Digest.of(b"image %d" % n).uri, "url": f"https://museum.example/{n}.jpg"})
    for n in range(5)
)
SEGMENT = Segment(
    digest=Digest.of(b"a segment"),
    table="capture",
    schema=Digest.of(b"a schema"),
    rows=len(ROWS),
    rows_root=Digest(merkle_root(leaf_hashes(ROWS))),
    access=AccessClass.PUBLIC,
)
DESCRIPTION = LogDescription(
    id="urn:uuid:11111111-1111-4111-8111-111111111111",
    log_key=VerifierKey(ORIGIN, SIGNER.public),
    identity=IDENTITY.public,
    institution="Museum of Examples",
    made=NOW,
)
CRAWL = Crawl(
    id="urn:uuid:22222222-2222-4222-8222-222222222222",
    agent=IDENTITY.public,
    software=("vasculum", "0.1.0"),
    source="https://museum.example/dwca.zip",
    source_kind="dwca",
    started=NOW,
    ended=NOW,
    used=(UsedArchive(Digest.of(b"an archive"), "https://museum.example/dwca.zip", "archive"),),
    segments=(SEGMENT,),
    counts=(("rowsRead", 5), ("imagesFetched", 5)),
    previous="urn:uuid:33333333-3333-4333-8333-333333333333",
    dataset=Dataset(title='Flora of "Nowhere" — é', creators=(Creator("Ada Lovelace"), Creator("B. Banks"))),
)


def statements_made() -> tuple[Statement, Statement]:
    """The log description and the crawl, signed."""
    return tuple(issue(kind.document(), IDENTITY, NOW) for kind in (DESCRIPTION, CRAWL))  # type: ignore[return-value]


def leaves_made() -> tuple[bytes, ...]:
    """The leaves of the vectors' log: description, crawl, segment, and others up to 258."""
    description, crawl = statements_made()
    segment = SegmentLeaf(
        crawl.digest,
        SEGMENT.digest,
        SEGMENT.table,
        SEGMENT.schema,
        SEGMENT.rows,
        SEGMENT.rows_root,
        SEGMENT.access,
    )
    others = tuple(StatementLeaf(Digest.of(b"statement %d" % n)).encode() for n in range(3, 258))
    return (
        StatementLeaf(description.digest).encode(),
        StatementLeaf(crawl.digest).encode(),
        segment.encode(),
        *others,
    )


def keys() -> Any:
    """One key in all its forms."""
    cases = []
    for name, key in (("museum.example", IDENTITY), (ORIGIN, SIGNER)):
        cases.append(
            {
                "seed": key.seed.hex(),
                "publicKey": key.public.raw.hex(),
                "multibase": key.public.multibase,
                "did": key.public.did,
                "verificationMethod": key.public.verification_method,
                "keyName": name,
                "keyId": VerifierKey(name, key.public).key_id.hex(),
                "vkey": key.public.vkey(name),
                "keyFileSha256": Digest.of(key_file_bytes(key)).hex,
                "signatureOfEmptyText": key.sign(b"").hex(),
            }
        )
    return {
        "description": "Ed25519 keys: seed (hex) and every form in which the public key is written.",
        "cases": cases,
    }


def leaf() -> Any:
    """Leaves and their hashes."""
    cases = [{"leaf": raw.decode(), "leafHash": leaf_hashes([raw])[0].hex()} for raw in leaves_made()[:3]]
    return {
        "description": "Log leaves in canonical form, and their RFC 6962 leaf hashes (hex).",
        "cases": cases,
    }


def log() -> Any:
    """A log grown in steps: files by digest, checkpoints, proofs."""
    leaves, cases = leaves_made(), []
    with tempfile.TemporaryDirectory() as folder:
        grown = Log(Path(folder, "log"), ORIGIN, SIGNER)
        for size in (1, 3, 255, 256, 258):
            old = grown.head()
            grown.append(leaves[old.size : size])
            files = sorted(path for path in Path(folder, "log").rglob("*") if path.is_file())
            cases.append(
                {
                    "size": size,
                    "checkpoint": (grown.signed_checkpoint() or b"").decode(),
                    "files": {
                        path.relative_to(Path(folder, "log")).as_posix(): Digest.of(path.read_bytes()).hex
                        for path in files
                    },
                    "inclusionOfFirst": [step.hex() for step in grown.inclusion(0).path],
                    "consistencyWithPrevious": [step.hex() for step in grown.consistency(old)],
                }
            )
    return {
        "description": "One log after each of five appends: its signed checkpoint, the SHA-256 of every "
        "file, and proofs. Leaf n, from 3 on, names as its statement the digest of the text 'statement n'.",
        "origin": ORIGIN,
        "vkey": SIGNER.public.vkey(ORIGIN),
        "firstLeaves": [raw.decode() for raw in leaves[:3]],
        "cases": cases,
    }


def statements() -> Any:
    """Statements with every intermediate value of both proofs."""
    cases = []
    for statement in statements_made():
        unsigned = statement.unsigned
        proofs = []
        for proof, canonicalise in zip(statement.proofs, CANONICALISERS, strict=True):
            options = {name: value for name, value in proof.items() if name != "proofValue"}
            options["@context"] = unsigned["@context"]
            proofs.append(
                {
                    "cryptosuite": proof["cryptosuite"],
                    "canonicalDocument": canonicalise(unsigned).decode(),
                    "canonicalOptions": canonicalise(options).decode(),
                    "hashData": hash_data(options, unsigned, canonicalise).hex(),
                    "proofValue": proof["proofValue"],
                }
            )
        cases.append(
            {
                "unsigned": unsigned,
                "signed": statement.raw.decode(),
                "digest": statement.digest.uri,
                "proofs": proofs,
            }
        )
    return {
        "description": "Statements, and each step on the way to their two proofs.",
        "did": IDENTITY.public.did,
        "cases": cases,
    }


def citation() -> Any:
    """A bundle of each kind."""
    description, crawl = statements_made()
    hashes = leaf_hashes(ROWS)
    row = RowProof(ROWS[2], 2, len(ROWS), inclusion_path(hashes, 2), SEGMENT.rows_root)
    with tempfile.TemporaryDirectory() as folder:
        grown = Log(Path(folder, "log"), ORIGIN, SIGNER)
        grown.append(leaves_made())
        bundles = {
            "row": cite_row(grown, description, 2, row, "Row 3."),
            "blob": cite_blob(grown, description, 2, row, Digest.of(b"image 2").uri, "Image 2 — a fern."),
            "crawl": cite_crawl(grown, description, 1, crawl, "A crawl."),
            "snapshot": cite_snapshot(grown, description, "Everything."),
        }
    trust = TrustedKeys.parse([IDENTITY.public.did])
    cases = [
        {"kind": kind, "bundle": data.decode(), "outcome": verify_bundle(data, trust).outcome.value}
        for kind, data in bundles.items()
    ]
    return {
        "description": "Citation bundles (each text is a whole file) and the outcome for one with this key.",
        "trust": [IDENTITY.public.did],
        "cases": cases,
        "packed": _packed(bundles["snapshot"]),
    }


def _packed(bundle: bytes) -> Any:
    """Packed files in hex, the first of them good. Nothing is deflated, so no library has a say in them."""
    size = len(bundle)
    length = size.to_bytes(2, "little")
    stored = b"\x01" + length + bytes(255 - octet for octet in length) + bundle
    rest = stored + zlib.crc32(bundle).to_bytes(4, "little") + size.to_bytes(4, "little")

    def file(header: str, rest: bytes, digest: Digest) -> bytes:
        comment = f"vasculum-citation-bundle, packed; what follows has {digest.uri}"
        return bytes.fromhex(header) + comment.encode() + b"\0" + rest

    header = "1f8b08100000000002ff"
    files = {
        "good": file(header, rest, Digest.of(rest)),
        "a time in its header": file("1f8b08100000000102ff", rest, Digest.of(rest)),
        "another digest": file(header, rest, Digest.of(stored)),
        "cut off": file(header, rest[:-1], Digest.of(rest[:-1])),
        "more behind it": file(header, rest + b"\0", Digest.of(rest + b"\0")),
        "another checksum": file(
            header, stored + bytes(4) + rest[-4:], Digest.of(stored + bytes(4) + rest[-4:])
        ),
    }
    return [{"what": what, "file": data.hex(), "holds": what == "good"} for what, data in files.items()]


TOPICS = {"keys": keys, "leaf": leaf, "log": log, "statements": statements, "citation": citation}


def generate(topic: str) -> str:
    """The text of one file of vectors."""
    return json.dumps(TOPICS[topic](), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for topic in TOPICS:
        (FOLDER / f"{topic}.json").write_text(generate(topic), "utf-8")
