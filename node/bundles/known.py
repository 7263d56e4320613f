"""The bundles that this node knows: handed in, tested, approved; all of it read from its own log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyzers.bundle.manifest import Bundle, read_bundle
from hashstore.digest import Digest
from node.bundles.errors import BundleError
from node.compose import Node
from node.errors import NodeError
from node.index import Index
from node.look.resolve import resolve
from node.look.things import BlobThing, StatementThing
from node.sandbox.pool import Foreign
from provenance.statement import Statement, parse_statement
from provenance.statement.kinds import BundleChoice, BundleDecision, BundleTest
from provenance.statement.kinds.bundle import read_bundle_decision, read_bundle_submission, read_bundle_test

_LAST = """
SELECT digest FROM own_statement WHERE kind = ? AND document->>'bundle' = ? ORDER BY log_index DESC LIMIT 1
"""
_NAMED = (
    "SELECT digest FROM own_statement WHERE kind = 'BundleSubmission' AND document->>'name' = ? "
    "ORDER BY log_index DESC LIMIT 1"
)
# For each bundle its last decision; of approved ones of one analyzer, the last is the one that runs.
_DECIDED = """
SELECT d.document->>'bundle' AS bundle, s.name, last(d.digest ORDER BY d.log_index) AS decision,
       max(d.log_index) AS place
FROM own_statement d
JOIN (SELECT DISTINCT document->>'bundle' AS bundle, document->>'name' AS name FROM own_statement
      WHERE kind = 'BundleSubmission') s ON s.bundle = d.document->>'bundle'
WHERE d.kind = 'BundleDecision' GROUP BY ALL ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Approved:
    """A bundle that an operator let run.

    Attributes:
        bundle: The bundle.
        decision: The operator's decision.
        test: The test on which it rests.
    """

    bundle: Bundle
    decision: BundleDecision
    test: BundleTest


def submitted(index: Index, bundle: Digest) -> Digest | None:
    """The statement by which a bundle was handed in here; None if it was not."""
    row = index.one(_LAST, ["BundleSubmission", bundle.uri])
    return Digest(row["digest"]) if row else None


def find_bundle(node: Node, index: Index, text: str) -> Bundle:
    """The bundle that a person means: by its digest, its submission, or the name of its analyzer.

    Raises:
        NotFound: nothing here answers to it.
        BundleError: it is something else, or was not handed in here.
    """
    row = index.one(_NAMED, [text])
    thing: Any = None if row else resolve(node, index, text)
    if row:
        digest = _bundle_of(node, Digest(row["digest"]))
    elif isinstance(thing, StatementThing) and thing.kind == "BundleSubmission":
        digest = _bundle_of(node, thing.digest)
    elif isinstance(thing, BlobThing):
        digest = thing.digest
    else:
        raise BundleError(f"{text} is no bundle of an analyzer.")
    if submitted(index, digest) is None:
        raise BundleError(f"{text} was not handed in here: vasculum pipeline submit {digest.hex}.")
    return read_bundle(node.store.read(digest))


def last_test(node: Node, index: Index, bundle: Digest) -> tuple[Digest, BundleTest] | None:
    """The newest test of a bundle on this node, and its statement; None if there was none."""
    row = index.one(_LAST, ["BundleTest", bundle.uri])
    if row is None:
        return None
    digest = Digest(row["digest"])
    return digest, read_bundle_test(_statement(node, digest))


def last_decision(node: Node, index: Index, bundle: Digest) -> BundleDecision | None:
    """What was last decided of a bundle; None if nothing was."""
    row = index.one(_LAST, ["BundleDecision", bundle.uri])
    return read_bundle_decision(_statement(node, Digest(row["digest"]))) if row else None


def approved_bundles(node: Node, index: Index) -> Mapping[str, Approved]:
    """The bundles that may run here, by the names of their analyzers."""
    found: dict[str, Approved] = {}
    for row in index.rows(_DECIDED, []):
        decision = read_bundle_decision(_statement(node, Digest(row["decision"])))
        if decision.choice is not BundleChoice.APPROVED:
            continue
        bundle = read_bundle(node.store.read(decision.bundle))
        found[bundle.description.name] = Approved(
            bundle, decision, read_bundle_test(_statement(node, decision.test))
        )
    return found


def foreign_of(node: Node, bundle: Bundle) -> Foreign:
    """What a sandbox is given of a bundle.

    Raises:
        BundleError: a part of it is not here any more.
    """
    lacking = [one for one in bundle.parts if not node.store.contains(one)]
    if lacking:
        raise BundleError(
            f"Of the bundle {bundle.description.name} {lacking[0].uri} is not here: "
            f"vasculum fetch {lacking[0].hex}."
        )
    described = bundle.description
    models = {one.name: (node.store.path(one.digest), one.digest) for one in described.models}
    return Foreign(
        described.name, node.store.read(bundle.code), models, described.kinds, (node.layout.root.resolve(),)
    )


def _bundle_of(node: Node, submission: Digest) -> Digest:
    return read_bundle_submission(_statement(node, submission)).bundle


def _statement(node: Node, digest: Digest) -> Statement:
    try:
        return parse_statement(node.store.read(digest))
    except LookupError as error:
        raise NodeError(f"The statement {digest.uri} is not here: vasculum repair.") from error
