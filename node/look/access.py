"""Which access class a thing has: it follows from the rows that name it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.errors import NotFound, Withdrawn
from node.index import OWN_LOG, Index
from node.look.things import BlobThing, RowThing, SegmentThing, Thing
from node.policy import Principal, decide

# What was made out of an image is as public as the findings that name it, which go with the image.
_ROWS_NAMING = (
    "(SELECT log, digest, access FROM capture UNION ALL SELECT log, derivative, access FROM finding)"
)
_CAPTURES = f"SELECT DISTINCT log = ? AS own, access FROM {_ROWS_NAMING} WHERE digest = ?"
_BATCH = 2_000
_CAPTURES_OF = (
    f"SELECT DISTINCT digest, log = ? AS own, access FROM {_ROWS_NAMING} WHERE digest IN (SELECT unnest(?))"
)
# Of what was deleted as well no row is left to be asked; a stranger's notice of unknown bytes says nothing.
_WITHDRAWN = (
    f"SELECT 1 FROM withdrawn WHERE digest = ? AND row IS NOT DISTINCT FROM ? "
    f"AND (deletes OR log IS NULL OR log = {OWN_LOG}) LIMIT 1"
)

_WITHDRAWN_OF = (
    f"SELECT DISTINCT digest FROM withdrawn WHERE digest IN (SELECT unnest(?)) AND row IS NULL "
    f"AND (deletes OR log IS NULL OR log = {OWN_LOG})"
)


def access_of(index: Index, thing: Thing) -> AccessClass:
    """The access class of a thing.

    A blob is withheld as soon as one withheld row names it. It is withdrawn if this node published it and
    took it back, or if nobody's public row names it any more. Statements and snapshots are public: they hold
    nothing that could be withheld.
    """
    match thing:
        case BlobThing(digest):
            rows = index.rows(_CAPTURES, [OWN_LOG, digest.raw])
            if not rows and is_withdrawn(index, digest):
                return AccessClass.WITHDRAWN
            return _of_blob({(row["own"], row["access"]) for row in rows})
        case SegmentThing():
            leaf = index.one(
                "SELECT access FROM leaf WHERE log = ? AND log_index = ?", [thing.log, thing.log_index]
            )
            return AccessClass(leaf["access"]) if leaf else AccessClass.WITHHELD
        case RowThing(uri, table):
            query = f"SELECT access FROM {table} WHERE log = ? AND log_index = ? AND row = ?"
            row = index.one(query, [thing.log, thing.log_index, uri.row])
            gone = row is None and is_withdrawn(index, uri.segment, uri.row)
            return AccessClass(row["access"] if row else "withdrawn" if gone else "withheld")
        case _:
            return AccessClass.PUBLIC


def public_among(index: Index, digests: Iterable[Digest]) -> frozenset[Digest]:
    """Those of some blobs that are public: what `access_of` says of each, asked a batch at a time."""
    found: set[Digest] = set()
    waiting = iter(digests)
    while batch := [digest.raw for digest in islice(waiting, _BATCH)]:
        named: dict[bytes, set[tuple[bool, str]]] = {raw: set() for raw in batch}
        for row in index.rows(_CAPTURES_OF, [OWN_LOG, batch]):
            named[row["digest"]].add((row["own"], row["access"]))
        gone = {row["digest"] for row in index.rows(_WITHDRAWN_OF, [batch])}
        for raw, rows in named.items():
            if _of_blob(rows) is AccessClass.PUBLIC and (rows or raw not in gone):
                found.add(Digest(raw))
    return frozenset(found)


def _of_blob(named: set[tuple[bool, str]]) -> AccessClass:
    """The class of a blob by the rows that name it: whether each is our own, and its class."""
    own = {access for ours, access in named if ours}
    everyone = {access for _, access in named}
    if AccessClass.WITHDRAWN in own and AccessClass.PUBLIC not in own:
        return AccessClass.WITHDRAWN
    if AccessClass.WITHHELD in everyone:
        return AccessClass.WITHHELD
    taken_back = AccessClass.WITHDRAWN in everyone and AccessClass.PUBLIC not in everyone
    return AccessClass.WITHDRAWN if taken_back else AccessClass.PUBLIC


def is_withdrawn(index: Index, digest: Digest, row: int | None = None) -> bool:
    """Whether a notice that counts here names these bytes, or this row of a segment."""
    return index.one(_WITHDRAWN, [digest.raw, row]) is not None


def require(index: Index, thing: Thing, principal: Principal) -> AccessClass:
    """The access class of a thing that `principal` may read.

    Raises:
        Withdrawn: it was public once and has been taken back (410).
        NotFound: policy refuses (404), as if there were no such thing.
    """
    access = access_of(index, thing)
    decision = decide(principal, access)
    if decision.status == 410:
        raise Withdrawn("This was withdrawn and is no longer shown.")
    if not decision.allowed:
        raise NotFound("This node knows nothing of that.")
    return access
