"""Which segments a statement says it generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.access import segment_access
from provenance.errors import MalformedStatement
from provenance.statement.statement import Statement

if TYPE_CHECKING:
    from manifests.segment import Segment


def segments_of(statement: Statement) -> tuple[Segment, ...]:
    """The segments that a statement lists, in the order of its list; none for kinds without segments.

    Raises:
        MalformedStatement: a member is missing or damaged.
    """
    listed = statement.document.get("segment", [])
    entries = [listed] if isinstance(listed, Mapping) else listed
    if not isinstance(entries, list):
        raise MalformedStatement(f"The segments of {statement.iri} are no list.")
    return tuple(_segment(entry, statement.iri) for entry in entries)


def _segment(entry: Any, iri: str) -> Segment:
    from manifests.segment import Segment

    try:
        return Segment(
            digest=Digest.parse(entry["blob"]),
            table=str(entry["table"]),
            schema=Digest.parse(entry["tableSchema"]),
            rows=int(entry["rows"]),
            rows_root=Digest.parse(entry["rowsRoot"]),
            access=segment_access(entry["access"]),
        )
    except (HashstoreError, KeyError, TypeError, ValueError) as error:
        raise MalformedStatement(f"A segment listed in {iri} lacks or garbles {error}.") from error
