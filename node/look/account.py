"""`history`: everything that led to a thing, whatever kind of thing it is."""

from __future__ import annotations

from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.source_row import SourceRow
from node.compose import Node
from node.index import OWN_LOG, Index
from node.look.access import require
from node.look.derived import Derivation, made_from
from node.look.history import Origin, history, origins
from node.look.resolve import resolve
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing, Thing
from node.policy import Principal


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of how a thing came to be.

    Attributes:
        identifier: The thing, in its written form.
        thing: What it is.
        origins: The captures behind it, oldest first.
        derivations: How it was made out of these, where it is a crop or the like.
        statements: Log and log index of the statements behind it, ascending.
        origin: The log in which the newest of them stands; the node's own if there are none.
        key: That log's verifier key.
        log_size: Its size now.
        root_hash: Its root, hex.
    """

    identifier: str
    thing: Thing
    origins: tuple[Origin, ...]
    derivations: tuple[Derivation, ...]
    statements: tuple[tuple[int, int], ...]
    origin: str
    key: str
    log_size: int
    root_hash: str


def account_of(node: Node, index: Index, text: str, principal: Principal) -> Account:
    """Follow an identifier back to its sources.

    Raises:
        NotFound: nothing here answers to it, or policy refuses.
    """
    thing = resolve(node, index, text)
    require(index, thing, principal)
    found = _origins(index, thing, principal)
    made = made_from(index, thing.digest, principal) if isinstance(thing, BlobThing) else ()
    for image in dict.fromkeys(one.image for one in made):
        found += history(index, image, principal)
    own = _own_statement(index, thing)
    statements = {(origin.capture["log"], origin.crawl["statement_index"]) for origin in found}
    statements |= {(one.run["log"], one.run["log_index"]) for one in made}
    statements |= {own} if own is not None else set()
    ordered = tuple(sorted(statements))
    reader = node.log_reader(index, ordered[-1][0] if ordered else OWN_LOG)
    head, key = reader.head(), reader.key
    return Account(
        _written(thing), thing, found, made, ordered, key.name, str(key), head.size, head.root.hex()
    )


def _origins(index: Index, thing: Thing, principal: Principal) -> tuple[Origin, ...]:
    match thing:
        case BlobThing(digest):
            return history(index, digest, principal)
        case RowThing(uri, "capture", log, log_index):
            where = "t.log = ? AND t.log_index = ? AND t.row = ?"
            return origins(index, where, [log, log_index, uri.row], principal)
        case RowThing():
            return _of_row(index, thing, principal)
        case _:
            return ()


def _of_row(index: Index, thing: RowThing, principal: Principal) -> tuple[Origin, ...]:
    """A record comes from where its archive was fetched; a row about bytes from where those were."""
    query = f"SELECT * FROM {thing.table} WHERE log = ? AND log_index = ? AND row = ?"
    row = index.one(query, [thing.log, thing.log_index, thing.uri.row]) or {}
    if address := row.get("sourceRow"):
        return history(index, SourceRow.parse(address).file.digest, principal)
    return history(index, Digest(row["digest"]), principal) if row.get("digest") else ()


def _own_statement(index: Index, thing: Thing) -> tuple[int, int] | None:
    match thing:
        case StatementThing():
            return thing.log, thing.log_index
        case RowThing() | SegmentThing():
            query = (
                "SELECT s.log_index FROM leaf JOIN statement s "
                "ON s.log = leaf.log AND s.digest = leaf.statement WHERE leaf.log = ? AND leaf.log_index = ?"
            )
            row = index.one(query, [thing.log, thing.log_index])
            return (thing.log, int(row["log_index"])) if row else None
        case _:
            return None


def _written(thing: Thing) -> str:
    match thing:
        case RowThing(uri):
            return str(uri)
        case StatementThing(digest) | SegmentThing(digest) | BlobThing(digest) | SnapshotThing(digest):
            return digest.uri
