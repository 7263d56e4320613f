"""Find what looks like a picture, or like a part of one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import numpy as np

from analyzers.region import Region
from analyzers.vectors.search import MOST_HITS, Hit, VectorIndex
from hashstore.canonical import Json, parse_json
from hashstore.digest import Digest
from hashstore.errors import MalformedJson
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan, make_plan
from node.compose import Node
from node.index import Index
from node.look.access import public_among
from node.similar.embedder import Vector
from node.similar.known import KnownVectors
from node.slices.bringing import Fetch

_PARTS: Final = 50  # of one picture so many parts may be found, of which the likest is told
_BATCH: Final = 2_000
_SAID: Final = """
SELECT f.vector FROM finding f JOIN analysis a ON a.key = f.key AND a.log = f.log
WHERE f.digest = ? AND f.analyzer = ? AND a.parameters = ? AND f.kind = ? AND f.vector IS NOT NULL
AND coalesce(f.region, a.inputRegion) IS NOT DISTINCT FROM ? AND f.access = 'public' AND a.access = 'public'
ORDER BY f.log, f.place LIMIT 1
"""
_NAMED: Final = """
SELECT digest FROM capture WHERE access = 'public' AND digest IN (SELECT unnest($raws))
UNION SELECT digest FROM analysis WHERE access = 'public' AND digest IN (SELECT unnest($raws))
"""


class OtherAnalyzer(AnalysisError):
    """The analyzer here is not the one whose vectors an index holds."""


def plan_for(node: Node, known: KnownVectors, name: str, fetch: Fetch) -> Plan:
    """The analyzer that made an index, ready to make one vector of a picture.

    Raises:
        OtherAnalyzer: the one here is another.
        AnalyzerError: it is not installed.
        AnalysisError: its parameters or models can be had from nobody.
    """
    wanted = known.made.parameters
    if not node.store.contains(wanted):
        list(fetch([wanted]))
    if not node.store.contains(wanted):
        raise AnalysisError(f"The parameters {wanted.uri} are nowhere to be had.")
    parameters = _parameters(node.store.read(wanted))
    # One vector is asked with, whatever parts the index has vectors of.
    whole = {one: 0 if one == "tiles" else value for one, value in parameters.items()}
    plan = make_plan(node, name, whole)
    if plan.identity.digest != known.made.analyzer:
        raise OtherAnalyzer(
            f"The index was made by another {name} than the one installed here "
            f"({known.made.analyzer.hex[:12]}, not {plan.identity.digest.hex[:12]}), so its vectors cannot "
            "be compared. Make your own: vasculum analyze embedding, then vasculum index similar."
        )
    return plan


def _parameters(data: bytes) -> Mapping[str, Json]:
    try:
        found = parse_json(data)
    except MalformedJson as error:
        raise AnalysisError(f"The parameters of the index are no JSON: {error}") from error
    if not isinstance(found, dict):
        raise AnalysisError("The parameters of the index are no JSON object.")
    return found


def said_vector(index: Index, known: KnownVectors, digest: Digest, region: Region | None) -> Vector | None:
    """The vector that some log has of a picture, or of just this region of it; the picture is not needed."""
    made = known.made
    asked = [digest.raw, made.analyzer.raw, made.parameters.raw, made.kind, region.text if region else None]
    row = index.one(_SAID, asked)
    try:
        found = np.frombuffer(base64.b64decode(row["vector"], validate=True), "<f4") if row else None
    except (binascii.Error, ValueError):
        return None
    return found if found is not None and np.isfinite(found).all() else None


def find_similar(
    node: Node,
    vectors: VectorIndex,
    vector: Vector,
    count: int,
    among: Iterable[Digest] | None,
    without: Digest | None = None,
) -> tuple[Hit, ...]:
    """Search an index: of each picture the part that is likest, the likest first.

    What is not public here is not told, nor what no log tells of: an index may name any digest.

    Args:
        node: The node.
        vectors: The index, ready.
        vector: What is asked with.
        count: How many at most.
        among: Which images may be found; None for all.
        without: An image that is not to be found: the one that is asked with.
    """
    places = None if among is None else vectors.members.places(among)
    hits = vectors.search(vector, min(MOST_HITS, count * _PARTS), places)
    found = {hit.input.digest for hit in hits}
    with node.index() as index:
        told = public_among(index, found) & _named(index, found)
    likest: dict[Digest, Hit] = {}
    for hit in hits:
        if hit.input.digest in told and hit.input.digest != without:
            likest.setdefault(hit.input.digest, hit)
    return tuple(likest.values())[:count]


def _named(index: Index, digests: Iterable[Digest]) -> frozenset[Digest]:
    """Those of which a public row tells, of whoever captured or analysed them."""
    return frozenset(_rows_naming(index, digests))


def _rows_naming(index: Index, digests: Iterable[Digest]) -> Iterator[Digest]:
    waiting = iter(digests)
    while batch := [digest.raw for digest in islice(waiting, _BATCH)]:
        for row in index.rows(_NAMED, {"raws": batch}):
            yield Digest(row["digest"])
