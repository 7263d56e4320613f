"""Images compared with the others of their taxon: what is compared is fixed first, then each is judged."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from analyzers.outliers.analyzer import MISIDENTIFIED, NAME, REFERENCE, UNLIKE, VECTORS, analyzer_of
from analyzers.outliers.reference import reference_of
from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.members import MemberList
from node.analysis.errors import AnalysisError
from node.analysis.installed import installed_usable
from node.analysis.plan import Plan, plan_for
from node.compose import Node
from node.index import Index
from node.look.access import public_among

# What an image is filed under, and the column of its record that says so.
RANKS: Final = MappingProxyType(
    {name: name for name in ("genus", "family", "order", "class", "phylum", "kingdom")}
    | {"name": "interpretedName"}
)
# An image of two taxa (two plants on one sheet) tells nothing of either.
_TAXA = """
SELECT c.digest, min(s."{column}") AS taxon FROM capture c
JOIN media m ON m.log = c.log AND m.source = c.source AND m.accessURI = c.url AND m.current
JOIN specimen s ON s.log = m.log AND s.source = m.source AND s.id = m.id AND s.current
WHERE c.role = 'image' AND c.digest IS NOT NULL AND s."{column}" IS NOT NULL
AND c.access = 'public' AND m.access = 'public' AND s.access = 'public'
GROUP BY c.digest HAVING count(DISTINCT s."{column}") = 1
"""
_VECTORS = """
SELECT f.digest, f.vector FROM finding f JOIN analysis a ON a.key = f.key AND a.log = f.log
WHERE f.analyzer = ? AND a.parameters = ? AND f.kind = 'embedding' AND f.vector IS NOT NULL
AND f.region IS NULL AND a.inputRegion IS NULL AND f.access = 'public' AND a.access = 'public'
ORDER BY f.digest, f.log DESC
"""
_FOUND = f"""
SELECT DISTINCT f.digest, f.kind, f.text AS nearer, o.text AS taxon, o.value AS score, o.uncertainty
FROM finding f JOIN finding o ON o.log = f.log AND o.key = f.key AND o.kind = 'outlier-score'
JOIN analysis a ON a.log = f.log AND a.key = f.key
WHERE f.analyzer = ? AND a.parameters = ? AND f.kind IN ('{MISIDENTIFIED}', '{UNLIKE}')
AND f.access = 'public' AND o.access = 'public'
ORDER BY f.kind, TRY_CAST(o.value AS DOUBLE) DESC, f.digest
"""


@dataclass(frozen=True, slots=True)
class Outlier:
    """An image that looks unlike the others of its taxon.

    Attributes:
        digest: The image.
        kind: `likely-misidentified` or `unlike-its-taxon`.
        taxon: What its record says.
        nearer: The taxon in which it would be none; only of the likely misidentified.
        score: In robust standard deviations, as text.
        uncertainty: Of that.
    """

    digest: Digest
    kind: str
    taxon: str
    nearer: str | None
    score: str
    uncertainty: str


@contextmanager
def comparison(
    node: Node, embedder: Plan, wanted: MemberList, rank: str, parameters: Mapping[str, Json]
) -> Iterator[tuple[Plan, MemberList]]:
    """The analyzer that compares some images with each other, and those of them that it compares.

    Args:
        node: The node.
        embedder: Who made their vectors.
        wanted: Which images; those without record, taxon or vector are left out.
        rank: One of `RANKS`: what they are filed under.
        parameters: Those of the analyzer that are not the defaults.

    Raises:
        AnalyzerError: there are too many, or a parameter is not as it must be.
        AnalysisError: none of them can be compared.
    """
    with node.index() as index:
        images = _images(index, embedder, wanted, rank)
    if not images:
        raise AnalysisError(
            f"None of {len(wanted):,} images has a vector of {embedder.description.name} and a record that "
            f"names its {rank}. Make the vectors first: vasculum analyze {embedder.description.name}"
        )
    reference, vectors = reference_of(rank, embedder.identity.digest, embedder.parameters_digest, images)
    node.layout.analysis.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=node.layout.analysis, prefix=f"{NAME}-") as folder:
        files = {REFERENCE: Path(folder, REFERENCE), VECTORS: Path(folder, VECTORS)}
        files[REFERENCE].write_bytes(reference.data)
        files[VECTORS].write_bytes(vectors)
        analyzer = analyzer_of({REFERENCE: Digest.of(reference.data), VECTORS: Digest.of(vectors)})
        yield plan_for(node, installed_usable(analyzer, files), parameters), MemberList.of(reference.places)


def _images(index: Index, embedder: Plan, wanted: MemberList, rank: str) -> dict[Digest, tuple[str, bytes]]:
    kept = public_among(index, wanted)
    taxa = {Digest(row["digest"]): row["taxon"] for row in index.stream(_TAXA.format(column=RANKS[rank]))}
    asked = [embedder.identity.digest.raw, embedder.parameters_digest.raw]
    # Where two logs have different vectors of an image, the last row is that of the log that came first.
    return {
        digest: (taxa[digest], base64.b64decode(row["vector"]))
        for row in index.stream(_VECTORS, asked)
        if (digest := Digest(row["digest"])) in kept and digest in taxa
    }


def outliers_of(index: Index, plan: Plan) -> list[Outlier]:
    """What a comparison found, in whichever log: the likely misidentified first, then by score."""
    rows = index.rows(_FOUND, [plan.identity.digest.raw, plan.parameters_digest.raw])
    return [
        Outlier(
            Digest(row["digest"]), row["kind"], row["taxon"], row["nearer"], row["score"], row["uncertainty"]
        )
        for row in rows
    ]
