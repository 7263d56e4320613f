"""Which access class a thing has: it follows from the rows that name it."""

from __future__ import annotations

from manifests.access import AccessClass
from node.index import Index
from node.look.things import BlobThing, RowThing, SegmentThing, Thing

_WITHHELD_CAPTURE = "SELECT 1 FROM capture WHERE digest = ? AND access <> 'public' LIMIT 1"


def access_of(index: Index, thing: Thing) -> AccessClass:
    """The access class of a thing.

    A blob is withheld as soon as one withheld row names it. Statements and snapshots are public:
    they hold nothing that could be withheld.
    """
    match thing:
        case BlobThing(digest):
            hidden = index.one(_WITHHELD_CAPTURE, [digest.raw]) is not None
            return AccessClass.WITHHELD if hidden else AccessClass.PUBLIC
        case SegmentThing() | RowThing():
            row = index.one(
                "SELECT access FROM leaf WHERE log = ? AND log_index = ?", [thing.log, thing.log_index]
            )
            return AccessClass(row["access"]) if row else AccessClass.WITHHELD
        case _:
            return AccessClass.PUBLIC
