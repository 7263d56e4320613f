"""Make an index of the vectors that are here, and sign it: a blob like others, which peers take over."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

from analyzers.output import Input
from analyzers.region import parse_region
from analyzers.vectors.build import arranged, build_index
from hashstore.digest import Digest
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan
from node.compose import Node
from node.index import OWN_LOG, Index
from node.publish import publish, staged
from node.similar.known import KnownVectors, known_vectors
from provenance.statement import new_statement_id
from provenance.statement.kinds import VectorIndex

KIND = "embedding"
# Where logs differ on a vector, the own one holds: a stranger's must not keep an index from being made. The
# same goes for vectors of another width than most have.
_VECTORS = """
WITH said AS (
    SELECT f.digest, coalesce(f.region, a.inputRegion) AS region, f.vector, f.log
    FROM finding f JOIN analysis a ON a.key = f.key AND a.log = f.log
    WHERE f.analyzer = ? AND a.parameters = ? AND f.kind = ? AND f.vector IS NOT NULL
    AND f.access = 'public' AND a.access = 'public'
    QUALIFY row_number() OVER (PARTITION BY f.digest, region ORDER BY f.log, f.log_index, f.row) = 1
)
SELECT digest, region, vector FROM said WHERE length(vector) = (
    SELECT length(vector) AS wide FROM said
    GROUP BY wide ORDER BY count(*) FILTER (WHERE log = 0) DESC, count(*) DESC, wide LIMIT 1
)
"""


def make_vectors(node: Node, plan: Plan) -> tuple[KnownVectors, bool]:
    """Make the index of all public vectors of one analyzer with one set of parameters.

    Args:
        node: The node; the caller does not hold its writer lock.
        plan: The analyzer.

    Returns:
        The index, and whether it was made now: with nothing new the one that is there is given.

    Raises:
        AnalysisError: there are no such vectors.
    """
    identity, parameters = plan.identity.digest, plan.parameters_digest
    with node.index() as index:
        members, vectors = arranged(_rows(index, identity, parameters))
        if not len(members):
            raise AnalysisError(
                f"No log that is here has vectors of {plan.description.name} with these parameters. "
                f"Make them first: vasculum analyze {plan.description.name}"
            )
        # Of another's index nobody knows whether its vectors are these: whoever makes one knows.
        asked = (OWN_LOG, identity, parameters, members.root)
        for known in known_vectors(node, index):
            if (known.log, known.made.analyzer, known.made.parameters, known.made.members_root) == asked:
                return known, False
    data = build_index(identity, parameters, KIND, members, vectors)
    with node.writing():
        made = VectorIndex(
            id=new_statement_id(),
            agent=node.identity.public,
            made=datetime.now(UTC).replace(microsecond=0),
            analyzer=identity,
            parameters=parameters,
            kind=KIND,
            members=Digest.of(members.data),
            members_root=members.root,
            count=len(members),
            index=Digest.of(data),
        )
        digest = publish(node, made.document(), [staged(node, data), staged(node, members.data)])
    return KnownVectors(digest, made, OWN_LOG), True


def _rows(index: Index, analyzer: Digest, parameters: Digest) -> Iterator[tuple[Input, bytes]]:
    for row in index.stream(_VECTORS, [analyzer.raw, parameters.raw, KIND]):
        region = parse_region(row["region"]) if row["region"] else None
        yield Input(Digest(row["digest"]), region), base64.b64decode(row["vector"])
