"""`show`: what one thing is, in fields."""

from __future__ import annotations

from typing import Any

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.tables import TABLES
from node.compose import Node
from node.index import Index
from node.look.access import require
from node.look.derived import made_from, made_of
from node.look.findings import findings_about
from node.look.reviews import annotations_about, reviews_of
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing, Thing
from node.policy import Principal
from node.storage import TieredBlobStore
from node.withdrawal.account import account_of_withdrawal
from provenance.statement import parse_statement

Fields = dict[str, Any]


def describe(node: Node, index: Index, thing: Thing, principal: Principal) -> Fields:
    """What a thing is; every digest in its written form.

    Raises:
        NotFound: policy does not let `principal` see it, or there is no such thing.
        Withdrawn: it was public once and has been taken back.
    """
    access = require(index, thing, principal)
    fields = _fields(node, index, thing, access, principal)
    if access is AccessClass.WITHDRAWN:
        fields["withdrawn"] = account_of_withdrawal(node.config, index, thing)
    return fields


def _fields(node: Node, index: Index, thing: Thing, access: AccessClass, principal: Principal) -> Fields:
    match thing:
        case BlobThing():
            return _blob(node, index, thing, access, principal)
        case StatementThing():
            return _statement(node, thing)
        case SegmentThing():
            return _segment(index, thing)
        case RowThing():
            return _row(index, thing)
        case SnapshotThing():
            return _snapshot(node, thing)


def _blob(node: Node, index: Index, thing: BlobThing, access: AccessClass, principal: Principal) -> Fields:
    digest = thing.digest
    here = node.store.contains(digest)
    capture = index.one(
        "SELECT url, mediaType, role, size, requestedAt FROM capture WHERE digest = ? "
        "ORDER BY log, log_index, row",
        [digest.raw],
    )
    reviews = reviews_of(index, digest)
    said = {  # by machines, and by people
        "analyses": findings_about(index, digest, reviews),
        "annotations": annotations_about(index, digest, reviews),
    }
    tiers = {"tiers": list(node.store.tiers(digest))} if isinstance(node.store, TieredBlobStore) else {}
    return {
        "type": "blob",
        "digest": digest.uri,
        "here": here,
        **tiers,
        "size": node.store.size(digest) if here else (capture or {}).get("size"),
        "access": str(access),
        "role": (capture or {}).get("role"),
        "mediaType": (capture or {}).get("mediaType"),
        "firstFrom": (capture or {}).get("url"),
        "firstAt": (capture or {}).get("requestedAt"),
        **{name: told for name, told in said.items() if told},
        **_derived(index, digest, principal),
        "identifiers": {"ni": digest.ni, "cid": digest.cid, "multihash": digest.multihash},
    }


def _derived(index: Index, digest: Digest, principal: Principal) -> Fields:
    """Out of what it was made, and what was made out of it."""
    told = {"derivations": made_from(index, digest, principal), "pictures": made_of(index, digest, principal)}
    return {name: [one.fields for one in found] for name, found in told.items() if found}


def _statement(node: Node, thing: StatementThing) -> Fields:
    return {
        "type": "statement",
        "digest": thing.digest.uri,
        "kind": thing.kind,
        "logIndex": thing.log_index,
        "document": parse_statement(node.store.read(thing.digest)).document,
    }


def _segment(index: Index, thing: SegmentThing) -> Fields:
    leaf = index.one("SELECT * FROM leaf WHERE log = ? AND log_index = ?", [thing.log, thing.log_index])
    assert leaf is not None
    return {
        "type": "segment",
        "digest": thing.digest.uri,
        "table": thing.table,
        "rows": thing.rows,
        "rowsRoot": Digest(leaf["rows_root"]).uri,
        "schema": Digest(leaf["schema"]).uri,
        "statement": Digest(leaf["statement"]).uri,
        "access": leaf["access"],
        "logIndex": thing.log_index,
    }


def _row(index: Index, thing: RowThing) -> Fields:
    query = f"SELECT * FROM {thing.table} WHERE log = ? AND log_index = ? AND row = ?"
    found = index.one(query, [thing.log, thing.log_index, thing.uri.row])
    if found is None:  # withdrawn and deleted: its address is all that is left
        return {"type": "row", "row": str(thing.uri), "table": thing.table, "access": "withdrawn"}
    return {
        "type": "row",
        "row": str(thing.uri),
        "table": thing.table,
        "current": found["current"],
        "access": found["access"],
        "logIndex": thing.log_index,
        "values": written(thing.table, found),
    }


def _snapshot(node: Node, thing: SnapshotThing) -> Fields:
    origin = node.config.identity.origin
    return {"type": "snapshot", "digest": thing.digest.uri, "origin": origin, "logSize": thing.size}


def written(table: str, row: Fields) -> Fields:
    """The columns of a row that have a value, digests in their written form."""
    values = {}
    for column in TABLES[table].columns:
        value = row.get(column.name)
        if value is not None:
            values[column.name] = Digest(value).uri if column.type == "digest" else value
    return values
