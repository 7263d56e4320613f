"""Keys, statements and a small log, the same in every run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.merkle import inclusion_path, leaf_hashes, merkle_root
from manifests.access import AccessClass
from manifests.proof import RowProof
from manifests.segment import Segment
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf
from provenance.log.log import Log
from provenance.statement import Statement, issue
from provenance.statement.kinds import Crawl, Creator, Dataset, LogDescription, UsedArchive

ORIGIN = "museum.example/log"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A museum with a log: a description, a crawl, its capture segment, and leaves enough for two tiles."""

    identity: SigningKey
    signer: SigningKey
    description: Statement
    crawl: Statement
    segment: Segment
    rows: tuple[bytes, ...]
    leaves: tuple[bytes, ...]

    def log(self, folder: Path) -> Log:
        log = Log(folder / "log", ORIGIN, self.signer)
        log.append(self.leaves[:1])
        log.append(self.leaves[1:])
        return log

    def row_proof(self, index: int) -> RowProof:
        hashes = leaf_hashes(self.rows)
        path = inclusion_path(hashes, index)
        return RowProof(self.rows[index], index, len(hashes), path, self.segment.rows_root)


def make_crawl(identity: SigningKey, segment: Segment) -> Crawl:
    return Crawl(
        id="urn:uuid:22222222-2222-4222-8222-222222222222",
        agent=identity.public,
        software=("vasculum", "0.1.0"),
        source="https://museum.example/dwca.zip",
        source_kind="dwca",
        started=NOW,
        ended=NOW,
        used=(UsedArchive(Digest.of(b"archive"), "https://museum.example/dwca.zip", "archive"),),
        segments=(segment,),
        counts=(("rowsRead", 300), ("imagesFetched", 24)),
        previous="urn:uuid:33333333-3333-4333-8333-333333333333",
        dataset=Dataset(
            "Flora of\n Nowhere", (Creator("Ada Lovelace", "https://orcid.org/0"), Creator("B. Banks"))
        ),
    )


@pytest.fixture(scope="session")
def world() -> World:
    identity, signer = SigningKey(b"i" * 32), SigningKey(b"l" * 32)
    rows = tuple(
        canonical_json({"digest": Digest.of(b"%d" % n).uri, "url": f"https://museum.example/{n}.jpg"})
        for n in range(300)
    )
    root = Digest(merkle_root(leaf_hashes(rows)))
    segment = Segment(Digest.of(b"parquet"), "capture", Digest.of(b"schema"), 300, root, AccessClass.PUBLIC)
    made = LogDescription(
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        VerifierKey(ORIGIN, signer.public),
        identity.public,
        "Museum of Examples",
        NOW,
    )
    description = issue(made.document(), identity, NOW)
    crawl = issue(make_crawl(identity, segment).document(), identity, NOW)
    leaves = (
        StatementLeaf(description.digest).encode(),
        StatementLeaf(crawl.digest).encode(),
        SegmentLeaf(
            crawl.digest,
            segment.digest,
            segment.table,
            segment.schema,
            segment.rows,
            segment.rows_root,
            segment.access,
        ).encode(),
        *(StatementLeaf(Digest.of(b"other %d" % n)).encode() for n in range(260)),
    )
    return World(identity, signer, description, crawl, segment, rows, leaves)
