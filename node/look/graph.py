"""`history --graph`: the signed statements behind a thing, and its rows, as one RDF graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, cast

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.tables import TABLES
from node.compose import Node
from node.index import Index
from node.look.account import Account
from node.policy import Principal, decide
from provenance.graph import Fact, export_graph
from provenance.statement import parse_statement

_VASCULUM = "https://w3id.org/vasculum/ns#"
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
        for log_index in account.statements
        for row in index.rows("SELECT digest FROM statement WHERE log_index = ?", [log_index])
    ]
    statements = [parse_statement(node.store.read(digest)) for digest in digests]
    return export_graph(statements, _facts(account), cast("Literal['jsonld', 'nquads', 'turtle']", form))


def _facts(account: Account) -> Iterator[Fact]:
    """Every public row behind the thing as triples about its row URI."""
    told: set[str] = set()
    for origin in account.origins:
        rows = [("capture", origin.capture)]
        rows += [("media", row) for row in origin.media] + [("specimen", row) for row in origin.specimens]
        for table, row in rows:
            public = decide(Principal.PUBLIC, AccessClass(row["access"])).allowed
            if public and row["rowUri"] not in told:
                told.add(row["rowUri"])
                yield from _row_facts(table, row)


def _row_facts(table: str, row: Any) -> Iterator[Fact]:
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
