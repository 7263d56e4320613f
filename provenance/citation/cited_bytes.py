"""Which bytes a citation bundle is about, for whoever wants to fetch them."""

from __future__ import annotations

from collections.abc import Mapping

from hashstore.canonical import parse_json
from hashstore.digest import Digest
from provenance.citation.bundle import Bundle


def cited_bytes(bundle: Bundle) -> tuple[tuple[Digest, str | None], ...]:
    """The digests that a bundle names, the cited one first, each with the address it was published at.

    A row leads to its segment, a capture also to what was captured. Nothing is verified here.

    Returns:
        Digest and URL (or None); nothing for a bundle that cites a whole log.
    """
    kind, identifier = bundle.cited.kind, bundle.cited.identifier
    if kind == "snapshot":
        return ()
    if kind == "row":
        return (*_of_row(bundle), (Digest.parse(identifier.partition("#")[0]), None))
    found = dict(_of_row(bundle))
    digest = Digest.parse(identifier)
    return ((digest, found.get(digest)),)


def _of_row(bundle: Bundle) -> tuple[tuple[Digest, str | None], ...]:
    row = parse_json(bundle.row.content) if bundle.row is not None else None
    if not isinstance(row, Mapping) or not isinstance(row.get("digest"), str):
        return ()
    url = row.get("url")
    return ((Digest.parse(str(row["digest"])), url if isinstance(url, str) else None),)
