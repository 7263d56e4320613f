"""Checking citation bundles offline, of a log of ten million leaves; and how large they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.harness import Bench, Figure
from bench.large_log import LargeLog
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.merkle import inclusion_path, leaf_hashes, merkle_root
from manifests.access import AccessClass
from manifests.proof import RowProof
from manifests.segment import Segment
from manifests.segment.value import MAX_ROWS
from provenance.citation import (
    Further,
    Outcome,
    TrustedKeys,
    cite_blob,
    cite_crawl,
    cite_row,
    cite_snapshot,
    pack_bundle,
    verify_bundle,
)
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import Leaf, SegmentLeaf, StatementLeaf
from provenance.statement import Statement, issue
from provenance.statement.kinds import (
    Crawl,
    KeyChange,
    KeyRole,
    LogDescription,
    UsedArchive,
    key_commitment,
)

_LEAVES = 10_000_000
_PLACE = 7_654_321
_SECONDS, _BYTES = 0.005, 10_000
_IDENTITY, _SIGNER = SigningKey(bytes(range(32))), SigningKey(bytes(range(32, 64)))
_LATER = tuple(SigningKey(bytes([number]) * 32) for number in range(1, 5))
_CHANGED = (1_234_567, 3_456_789, 5_678_901)
_TEXT = "Flora Nowhere, sheet 1. Museum of Examples. Captured 2026-11-23."
_ORIGIN = "museum.example/log"
_NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def run(bench: Bench) -> Iterator[Figure]:
    """A bundle of each kind; its row is one of half a million."""
    trust = TrustedKeys.parse([_IDENTITY.public.did])
    for kind, whole in bundles().items():
        data = whole if len(whole) <= _BYTES else pack_bundle(whole)
        best, cpu = _verified(data, trust, 20 if bench.quick else 200)
        note = f"CPU {cpu * 1e3:.1f} ms; the first time in a process, which loads contexts, apart"
        yield Figure(f"citation of a {kind}, checked", best * 1e3, "ms", most=_SECONDS * 1e3, note=note)
        packed = f", packed from {len(whole):,}" if data is not whole else ""
        note = f"log of {_LEAVES:,} leaves{packed}"
        yield Figure("  its size", len(data), "bytes", most=_BYTES, note=note)


def bundles() -> dict[str, bytes]:
    """A bundle of each kind out of a log of ten million leaves, and one of a log that changed its keys."""
    return {**_of_each_kind(), "row after three changes of keys": _after_changes()}


def _after_changes() -> bytes:
    row = _row()
    description, _ = _statements(row)
    identities = (_IDENTITY, *_LATER)
    changes = [_change(*identities[place : place + 3]) for place in range(len(_CHANGED))]
    crawl = issue(_crawl(row, identities[3]).document(), identities[3], _NOW)
    places = dict(zip(_CHANGED, changes, strict=True))
    chosen = {0: description, _PLACE: crawl, **places}
    leaves: dict[int, Leaf] = {index: StatementLeaf(one.digest) for index, one in chosen.items()}
    leaves[_PLACE + 1] = _segment_leaf(crawl, row)
    log = LargeLog(_ORIGIN, _SIGNER, _LEAVES, _encoded(leaves), drawn=True).reader
    return cite_row(log, description, _PLACE + 1, row, _TEXT, Further(tuple(places.items())))


def _change(old: SigningKey, new: SigningKey, after: SigningKey) -> Statement:
    change = KeyChange(
        id="urn:uuid:33333333-3333-4333-8333-333333333333",
        origin=_ORIGIN,
        role=KeyRole.IDENTITY,
        old=old.public,
        new=new.public,
        made=_NOW,
        next=key_commitment(after.public),
    )
    return issue(change.document(), old, _NOW, new)


def _of_each_kind() -> dict[str, bytes]:
    row = _row()
    description, crawl = _statements(row)
    leaf = _segment_leaf(crawl, row)
    chosen: dict[int, Leaf] = {
        0: StatementLeaf(description.digest),
        _PLACE: StatementLeaf(crawl.digest),
        _PLACE + 1: leaf,
    }
    files = LargeLog(_ORIGIN, _SIGNER, _LEAVES, _encoded(chosen), drawn=True)
    log, blob = files.reader, Digest.of(b"image").uri
    return {
        "row": cite_row(log, description, _PLACE + 1, row, _TEXT),
        "blob": cite_blob(log, description, _PLACE + 1, row, blob, _TEXT),
        "crawl": cite_crawl(log, description, _PLACE, crawl, _TEXT),
        "snapshot": cite_snapshot(log, description, _TEXT),
    }


def _segment_leaf(crawl: Statement, row: RowProof) -> SegmentLeaf:
    return SegmentLeaf(
        crawl.digest,
        Digest.of(b"segment"),
        "capture",
        Digest.of(b"schema"),
        row.size,
        row.rows_root,
        AccessClass.PUBLIC,
    )


def _encoded(leaves: dict[int, Leaf]) -> dict[int, bytes]:
    return {index: leaf.encode() for index, leaf in leaves.items()}


def _verified(data: bytes, trust: TrustedKeys, times: int) -> tuple[float, float]:
    """The best time of checking a bundle, and the mean CPU time."""
    took = []
    cpu = 0.0
    for number in range(times + 1):
        if number == 1:
            cpu = time.process_time()
        began = time.perf_counter()
        verdict = verify_bundle(data, trust)
        took.append(time.perf_counter() - began)
        if verdict.outcome is not Outcome.VERIFIED:
            raise RuntimeError(f"a good bundle does not verify: {verdict}")
    return min(took[1:]), (time.process_time() - cpu) / times


def _row() -> RowProof:
    """A capture as `track` writes it, in the middle of a segment as large as any."""
    row = canonical_json(
        {
            "attempt": 1,
            "crawl": "urn:uuid:22222222-2222-4222-8222-222222222222",
            "digest": Digest.of(b"image").uri,
            "etag": '"35d82a-5ac5"',
            "finalUrl": "https://images.museum.example/sheets/B100123456.jpg",
            "lastModified": "Fri, 01 Mar 2024 12:00:00 GMT",
            "mediaType": "image/jpeg",
            "outcome": "fetched",
            "requestedAt": "2026-11-23T15:03:26.975Z",
            "role": "image",
            "size": 1_234_567,
            "source": "https://museum.example/dwca.zip",
            "status": 200,
            "url": "https://images.museum.example/sheets/B100123456.jpg",
        }
    )
    hashes = leaf_hashes([row, *(b"%d" % number for number in range(1, MAX_ROWS))])
    return RowProof(row, 0, MAX_ROWS, inclusion_path(hashes, 0), Digest(merkle_root(hashes)))


def _statements(row: RowProof) -> tuple[Statement, Statement]:
    description = LogDescription(
        id="urn:uuid:11111111-1111-4111-8111-111111111111",
        log_key=VerifierKey(_ORIGIN, _SIGNER.public),
        identity=_IDENTITY.public,
        institution="Museum of Examples",
        made=_NOW,
    )
    crawl = _crawl(row, _IDENTITY)
    first, second = (issue(kind.document(), _IDENTITY, _NOW) for kind in (description, crawl))
    return first, second


def _crawl(row: RowProof, signer: SigningKey) -> Crawl:
    segment = Segment(
        digest=Digest.of(b"segment"),
        table="capture",
        schema=Digest.of(b"schema"),
        rows=row.size,
        rows_root=row.rows_root,
        access=AccessClass.PUBLIC,
    )
    return Crawl(
        id="urn:uuid:22222222-2222-4222-8222-222222222222",
        agent=signer.public,
        software=("vasculum", "0.1.0"),
        source="https://museum.example/dwca.zip",
        source_kind="dwca",
        started=_NOW,
        ended=_NOW,
        used=(UsedArchive(Digest.of(b"an archive"), "https://museum.example/dwca.zip", "archive"),),
        segments=(segment,),
        counts=(("rowsRead", row.size), ("imagesFetched", row.size)),
    )
