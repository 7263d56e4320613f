"""Find what looks like a picture, or like a part of one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analyzers.engine.batches import run_batches
from analyzers.output import Failure, decode_result
from analyzers.region import Region
from analyzers.vectors.members import read_members
from analyzers.vectors.search import MOST_HITS, Hit, VectorIndex, open_index
from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.filter import Filter
from node.analysis.choose import images_of_filter
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan, make_plan
from node.analysis.run import pool_for
from node.compose import Node
from node.index import Index
from node.look.access import public_among
from node.similar.known import KnownVectors, known_vectors
from node.slices.bringing import Fetch

_PARTS = 50  # of one picture so many parts may be found, of which the likest is told


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        known: The index that was searched.
        hits: What was found, the likest first.
    """

    known: KnownVectors
    hits: tuple[Hit, ...]


def choose_vectors(node: Node, index: Index, text: str | None) -> KnownVectors:
    """The index that a person means, by the start of its statement's digest; by default the newest own one.

    Raises:
        AnalysisError: there is none.
    """
    for known in known_vectors(node, index):
        if text is None or known.digest.hex.startswith(text.removeprefix("hash://sha256/")):
            return known
    raise AnalysisError(
        "No index of vectors is known here. Make one: vasculum analyze embedding, then "
        "vasculum index similar; or follow a node that has one."
        if text is None
        else f"No index of vectors begins with {text}."
    )


def open_vectors(node: Node, known: KnownVectors, fetch: Fetch) -> VectorIndex:
    """Bring an index's bytes, if they are not here, and make it ready.

    Raises:
        AnalysisError: nobody has them.
        DamagedIndex: they are not what their statement says.
    """
    wanted = [known.made.index, known.made.members]
    list(fetch([digest for digest in wanted if not node.store.contains(digest)]))
    if lacking := [digest for digest in wanted if not node.store.contains(digest)]:
        raise AnalysisError(
            f"{lacking[0].uri} of the index is nowhere to be had; try again when peers are up."
        )
    data, members = (node.store.read(digest) for digest in wanted)
    return open_index(data, read_members(members))


def query_vector(
    node: Node, known: KnownVectors, name: str, data: bytes, region: Region | None, fetch: Fetch
) -> npt.NDArray[np.float32]:
    """The vector of a picture somebody asks with, or of a region of it. The picture is not stored.

    Raises:
        AnalysisError: it cannot be read, or the analyzer here is not the one that made the index.
    """
    plan = _plan(node, known, name, fetch)
    with tempfile.TemporaryDirectory(prefix="vasculum-") as folder:
        path = Path(folder) / "picture"
        path.write_bytes(data)
        item: dict[str, Json] = {"digest": Digest.of(data).uri, "path": str(path)}
        if region is not None:
            item["region"] = region.text
        with pool_for(plan, None, 1) as (executor, window):
            (result,) = (one for batch in run_batches(executor, plan.order, [item], window) for one in batch)
    found = decode_result(result)
    if isinstance(found, Failure):
        raise AnalysisError(f"The picture cannot be searched with: {found.words or found.failing}.")
    if found.fault or not found.findings or found.findings[0].vector is None:
        raise AnalysisError(f"The picture cannot be read: {found.fault or 'there is nothing to compare'}.")
    return np.frombuffer(found.findings[0].vector, "<f4")


def _plan(node: Node, known: KnownVectors, name: str, fetch: Fetch) -> Plan:
    if not node.store.contains(known.made.parameters):
        list(fetch([known.made.parameters]))
    if not node.store.contains(known.made.parameters):
        raise AnalysisError(f"The parameters {known.made.parameters.uri} are nowhere to be had.")
    parameters: Mapping[str, Json] = json.loads(node.store.read(known.made.parameters))
    # One vector is asked with, whatever parts the index has vectors of.
    whole = {one: 0 if one == "tiles" else value for one, value in parameters.items()}
    plan = make_plan(node, name, whole)
    if plan.identity.digest != known.made.analyzer:
        raise AnalysisError(
            f"The index was made by another {name} than the one installed here "
            f"({known.made.analyzer.hex[:12]}, not {plan.identity.digest.hex[:12]}), so its vectors cannot "
            "be compared. Make your own: vasculum analyze embedding, then vasculum index similar."
        )
    return plan


def find_similar(
    node: Node,
    known: KnownVectors,
    vectors: VectorIndex,
    vector: npt.NDArray[np.float32],
    count: int,
    tree: Filter | None,
    without: Digest | None = None,
) -> Found:
    """Search an index: of each picture the part that is likest. What is not public here is not told.

    Args:
        node: The node.
        known: The index.
        vectors: The same, ready.
        vector: What is asked with.
        count: How many at most.
        tree: Which images may be found; None for all.
        without: An image that is not to be found: the one that is asked with.
    """
    among = None
    with node.index() as index:
        if tree is not None:
            among = vectors.members.places(images_of_filter(node, index, tree))
        hits = vectors.search(vector, min(MOST_HITS, count * _PARTS), among)
        public = public_among(index, {hit.input.digest for hit in hits})
    likest: dict[Digest, Hit] = {}
    for hit in hits:
        if hit.input.digest in public and hit.input.digest != without:
            likest.setdefault(hit.input.digest, hit)
    return Found(known, tuple(likest.values())[:count])
