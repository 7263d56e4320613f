"""`history --graph`: the signed statements behind a thing, and its rows, as one RDF graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from hashstore.digest import Digest
from manifests.tables import TABLES
from node.compose import Node
from node.index import Index
from node.look.account import Account
from node.look.history import Row
from node.policy import Principal, may_read
from provenance.graph import Fact, export_graph
from provenance.statement import parse_statement

_VASCULUM = "https://w3id.org/vasculum/ns#"
_PROV = "http://www.w3.org/ns/prov#"
_PAV = "http://purl.org/pav/"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATATYPES = {"integer": f"{_XSD}integer", "boolean": f"{_XSD}boolean"}


def graph_of(node: Node, index: Index, account: Account, form: str) -> str:
    """The graph behind a thing; signatures of its statements verify from any of its forms.

    Args:
        node: The node.
        index: Its open index.
        account: What led to the thing.
        form: `jsonld`, `nquads` or `turtle`.
    """
    digests = [
        Digest(row["digest"])
        for place in account.statements
        for row in index.rows("SELECT digest FROM statement WHERE log = ? AND log_index = ?", list(place))
    ]
    statements = [parse_statement(node.store.read(digest)) for digest in digests]
    return export_graph(statements, _facts(account), cast("Literal['jsonld', 'nquads', 'turtle']", form))


def _facts(account: Account) -> Iterator[Fact]:
    """Every public row behind the thing as triples about its row URI."""
    told: set[str] = set()
    for one in account.derivations:
        if may_read(Principal.PUBLIC, one.finding):
            yield from _row_facts("finding", one.finding)
            yield Fact(one.picture.uri, f"{_PROV}wasDerivedFrom", one.image.uri, is_iri=True)
            yield Fact(one.picture.uri, f"{_PROV}wasGeneratedBy", one.run["iri"], is_iri=True)
    for origin in account.origins:
        rows = [("capture", origin.capture)]
        rows += [("media", row) for row in origin.media] + [("specimen", row) for row in origin.specimens]
        for table, row in rows:
            if may_read(Principal.PUBLIC, row) and row["rowUri"] not in told:
                told.add(row["rowUri"])
                yield from _row_facts(table, row)
                if table == "capture":
                    yield from _blob_facts(row, origin.crawl["iri"])


def _blob_facts(capture: Row, crawl: str) -> Iterator[Fact]:
    """What a capture says of the bytes themselves, in the terms that PROV and PAV have for it."""
    if capture["digest"] is None:
        return
    blob = Digest(capture["digest"]).uri
    yield Fact(blob, f"{_PROV}wasGeneratedBy", crawl, is_iri=True)
    yield Fact(blob, f"{_PAV}retrievedFrom", capture["url"], f"{_XSD}anyURI")
    # Whole seconds and a numeric zone: the one form of a time that RDF libraries do not rewrite.
    yield Fact(blob, f"{_PAV}retrievedOn", f"{capture['requestedAt'][:19]}+00:00", f"{_XSD}dateTime")
    if capture["revisionOf"] is not None:
        yield Fact(blob, f"{_PROV}wasRevisionOf", Digest(capture["revisionOf"]).uri, is_iri=True)


def _row_facts(table: str, row: Row) -> Iterator[Fact]:
    subject = row["rowUri"]
    yield Fact(subject, f"{_VASCULUM}segment", subject.partition("#")[0], is_iri=True)
    for column in TABLES[table].columns:
        value = row.get(column.name)
        if value is None:
            continue
        if column.type == "digest":
            yield Fact(subject, column.term, Digest(value).uri, is_iri=True)
        else:
            text = str(value).lower() if column.type == "boolean" else str(value)
            yield Fact(subject, column.term, text, _DATATYPES.get(column.type))
