"""From statements and facts about rows to one graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from provenance.errors import GraphError
from provenance.graph.forms import GraphFormat, write_graph
from provenance.statement.profile import is_part_of
from provenance.statement.proofs import Document
from provenance.statement.rdf import dataset_of
from provenance.statement.statement import Statement

PROOF = ox.NamedNode("https://w3id.org/security#proof")


@dataclass(frozen=True, slots=True)
class Fact:
    """One triple beside the statements, such as a cell of a row.

    Attributes:
        subject: an IRI, such as `hash://sha256/<segment>#row=7`.
        term: the IRI of the term.
        value: an IRI or a text.
        datatype: the IRI of the text's datatype; None for plain text.
        is_iri: whether the value is an IRI.
    """

    subject: str
    term: str
    value: str
    datatype: str | None = None
    is_iri: bool = False


def export_graph(statements: Iterable[Statement], facts: Iterable[Fact], form: GraphFormat) -> str:
    """Writes statements with their proofs, and facts beside them, as one graph of triples.

    Args:
        statements: each statement once; all subjects in it lie below its own IRI, so they merge without loss.
        facts: further triples, about other subjects.
        form: `jsonld` (flattened, no context to fetch), `nquads` or `turtle`.

    Raises:
        GraphError: a fact speaks for a statement, or holds what is no IRI.
        MalformedStatement: a statement has terms that are not defined.
    """
    dataset = ox.Dataset()
    iris: set[str] = set()
    for statement in statements:
        if statement.iri in iris:
            raise GraphError(f"The statement {statement.iri} is given twice.")
        iris.add(statement.iri)
        _add_statement(dataset, statement)
    for fact in facts:
        if any(is_part_of(fact.subject, iri) for iri in iris):
            raise GraphError(f"A fact about {fact.subject} would change what a statement says.")
        dataset.add(_quad(fact))
    return write_graph(dataset, form)


def _add_statement(dataset: ox.Dataset, statement: Statement) -> None:
    unsigned = statement.unsigned
    for quad in dataset_of(unsigned):
        dataset.add(quad)
    for proof in statement.proofs:
        _add_proof(dataset, statement.iri, {**proof, "@context": unsigned["@context"]})


def _add_proof(dataset: ox.Dataset, iri: str, proof: Document) -> None:
    quads = list(dataset_of(proof))
    subjects = {quad.subject for quad in quads}
    (subject,) = subjects
    # A stranger's proof may have no name; its blank node must not be taken for another proof's.
    named = subject if isinstance(subject, ox.NamedNode) else ox.BlankNode()
    for quad in quads:
        dataset.add(ox.Quad(named, quad.predicate, quad.object))
    dataset.add(ox.Quad(ox.NamedNode(iri), PROOF, named))


def _quad(fact: Fact) -> ox.Quad:
    try:
        value: ox.NamedNode | ox.Literal
        if fact.is_iri:
            value = ox.NamedNode(fact.value)
        elif fact.datatype is None:
            value = ox.Literal(fact.value)
        else:
            value = ox.Literal(fact.value, datatype=ox.NamedNode(fact.datatype))
        return ox.Quad(ox.NamedNode(fact.subject), ox.NamedNode(fact.term), value)
    except ValueError as error:
        raise GraphError(f"The fact {fact} cannot stand in a graph: {error}") from error
