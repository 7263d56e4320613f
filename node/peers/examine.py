"""Whether what a followed log names counts: statements by their signatures, segments by their rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crawlers.box import BoxError, BoxLimits, run_boxed
from crawlers.errors import CrawlerError
from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.errors import ManifestError, UnknownSchema
from manifests.segment import Segment, check_segment
from provenance.errors import ProvenanceError, RdfTimeout
from provenance.keys import PublicKey, VerifierKey
from provenance.log.leaf import SegmentLeaf
from provenance.statement import Statement, parse_statement, segments_of, verify_statement
from provenance.statement.box import RdfBox
from provenance.statement.kinds.log_description import read_log_description

# For one batch of segments of up to 500,000 rows each; a Parquet bomb ends here, not in the node.
_LIMITS = BoxLimits(address_space=4 << 30, file_size=1 << 20, cpu=1_200, wall=1_800.0)


def examine_statement(raw: bytes, identity: PublicKey, box: RdfBox) -> Statement | str:
    """Read a statement of a followed log.

    Args:
        raw: Its bytes, which have the digest that the leaf names.
        identity: The key that signs in this log.
        box: Where its RDF is read.

    Returns:
        The statement, or why it does not count.
    """
    try:
        statement = parse_statement(raw)
        for verified in verify_statement(statement, box.canonicalise):
            if verified.key != identity:
                return f"it is signed by {verified.did}, not by the log's own key {identity.did}"
        segments_of(statement)
    except RdfTimeout as error:
        return f"it cannot be read within limits: {error}"
    except ProvenanceError as error:
        return f"it does not hold: {error}"
    return statement


def describes(statement: Statement, key: VerifierKey, identity: PublicKey) -> str | None:
    """Why a log's first statement does not bind the keys with which the log is followed; None if it does."""
    try:
        description = read_log_description(statement)
    except ProvenanceError as error:
        return str(error)
    if description.log_key != key or description.identity != identity:
        return f"it names other keys ({description.log_key}, {description.identity.did})"
    return None


def listed(leaf: SegmentLeaf, statement: Statement) -> str | None:
    """Why a statement does not vouch for the segment of a leaf; None if it lists it in the same words."""
    claimed = Segment(leaf.segment, leaf.table, leaf.schema, leaf.rows, leaf.rows_root, leaf.access)
    found = {segment.digest: segment for segment in segments_of(statement)}.get(leaf.segment)
    if found is None:
        return "its statement does not list it"
    return None if found == claimed else "its statement describes it otherwise"


def examine_segments(segments: Mapping[Digest, tuple[Path, SegmentLeaf]]) -> dict[Digest, str]:
    """Recompute schema, count and root of segments, in a box.

    Args:
        segments: Where each lies, with its leaf; the bytes have the digest that the leaf names.

    Returns:
        Those that do not count, each with the reason.
    """
    if not segments:
        return {}
    order: list[Json] = [
        {"path": str(path), "table": leaf.table, "schema": leaf.schema.uri, "rows": leaf.rows,
         "root": leaf.rows_root.uri, "digest": digest.uri}
        for digest, (path, leaf) in segments.items()
    ]  # fmt: skip
    try:
        found = run_boxed("node.peers.examine:examined", {"segments": order}, _LIMITS)
    except CrawlerError as error:
        if len(segments) == 1:
            return dict.fromkeys(segments, f"it cannot be read within limits: {error}")
        # One of them went over the limits: which, tells a box for each.
        parts = (examine_segments({digest: segment}) for digest, segment in segments.items())
        return {digest: reason for part in parts for digest, reason in part.items()}
    if not isinstance(found, Mapping):
        raise BoxError("the process that read segments sent back no result")
    return {Digest.parse(uri): str(reason) for uri, reason in found.items()}


def examined(segments: list[dict[str, str | int]]) -> dict[str, str]:
    """What runs in the box: the reasons against each segment that does not hold."""
    reasons = {}
    for order in segments:
        digest = Digest.parse(str(order["digest"]))
        claimed = Segment(
            digest, str(order["table"]), Digest.parse(str(order["schema"])), int(order["rows"]),
            Digest.parse(str(order["root"])), AccessClass.PUBLIC,
        )  # fmt: skip
        try:
            check_segment(Path(str(order["path"])), claimed)
        except UnknownSchema:
            continue  # a later version's table: kept and relayed, its rows are for that version to read
        except ManifestError as error:
            reasons[digest.uri] = str(error)
    return reasons
