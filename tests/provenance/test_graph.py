from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld
from rdflib.compare import isomorphic

from hashstore.canonical import canonical_json
from provenance.contexts import CONTEXT
from provenance.errors import BadSignature, GraphError, UnsupportedProof, VerificationError
from provenance.graph import Fact, GraphFormat, export_graph, verify_graph
from provenance.graph.forms import read_graph, write_graph
from provenance.keys import SigningKey
from provenance.statement import issue, parse_statement
from provenance.statement.proofs import JCS, RDFC, add_proof
from provenance.statement.rdf import canonical_nquads

FORMS: tuple[GraphFormat, ...] = get_args(GraphFormat)
RDFLIB = {"jsonld": "json-ld", "nquads": "nquads", "turtle": "turtle"}
ROW = "hash://sha256/" + "ab" * 32 + "#row=7"
XSD = "http://www.w3.org/2001/XMLSchema#"
FACTS = (
    Fact(ROW, "http://rs.tdwg.org/dwc/terms/recordedBy", 'Ada "the\tCountess"\nLovelace \\ é 🌿'),
    Fact(ROW, "http://rs.tdwg.org/dwc/terms/individualCount", "7", f"{XSD}integer"),
    Fact(ROW, "https://w3id.org/vasculum/ns#requestedAt", "2026-11-23T08:00:00.123Z", f"{XSD}dateTime"),
    Fact(ROW, "http://purl.org/dc/terms/source", "hash://sha256/" + "cd" * 32, is_iri=True),
)


@pytest.mark.parametrize("form", FORMS)
def test_every_statement_verifies_from_every_form(world: Any, form: GraphFormat) -> None:
    text = export_graph([world.description, world.crawl], FACTS, form)
    found = verify_graph(text, form)
    assert [proof.statement for proof in found] == [world.description.iri, world.crawl.iri]
    assert {proof.verified.key for proof in found} == {world.identity.public}


def test_rdflib_and_pyoxigraph_read_the_three_forms_as_one_graph(world: Any) -> None:
    texts = {form: export_graph([world.description, world.crawl], FACTS, form) for form in FORMS}
    graphs = [rdflib.Graph().parse(data=text, format=RDFLIB[form]) for form, text in texts.items()]
    for form, text in texts.items():
        lines = ox.serialize((quad.triple for quad in read_graph(text, form)), format=ox.RdfFormat.N_TRIPLES)
        assert lines is not None
        graphs.append(rdflib.Graph().parse(data=lines, format="nt"))
    assert len(graphs[0]) > 60
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_pyld_reads_the_jsonld_form_without_fetching_anything(world: Any) -> None:
    def refuse(url: str, options: Any) -> Any:
        raise AssertionError(f"{url} was asked for")

    document = json.loads(export_graph([world.description, world.crawl], FACTS, "jsonld"))
    lines = jsonld.to_rdf(document, {"documentLoader": refuse, "format": "application/n-quads"})
    assert len(verify_graph(lines, "nquads")) == 2
    assert "_:" not in lines


@pytest.mark.parametrize("form", FORMS)
def test_the_signatures_survive_being_rewritten_by_rdflib(world: Any, form: GraphFormat) -> None:
    graph = rdflib.Graph().parse(data=export_graph([world.crawl], FACTS, form), format=RDFLIB[form])
    for other in ("nt", "turtle"):
        again = graph.serialize(format=other)
        assert len(verify_graph(again, "turtle")) == 1


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_statements_triple_changed_added_or_taken_away_is_noticed(world: Any, data: st.DataObject) -> None:
    lines = export_graph([world.crawl], (), "nquads").splitlines()
    own = [
        place
        for place, line in enumerate(lines)
        if line.startswith(f"<{world.crawl.iri}") and "#proof>" not in line
    ]
    place = data.draw(st.sampled_from(own))
    iri = world.crawl.iri
    rest = [*lines[:place], *lines[place + 1 :]]
    moved = lines[place].replace(f"<{iri}", f"<{iri}#x", 1)
    for candidate in (
        rest,
        [*rest, moved],
        [*lines, f'<{iri}#s-9> <https://w3id.org/vasculum/ns#rows> "1" .'],
    ):
        with pytest.raises((VerificationError, GraphError)):
            verify_graph("\n".join(candidate) + "\n", "nquads")


def test_a_fact_that_speaks_for_a_statement_is_refused(world: Any) -> None:
    for subject in (world.crawl.iri, f"{world.crawl.iri}#segment-1"):
        with pytest.raises(GraphError, match="change what a statement says"):
            export_graph([world.crawl], [Fact(subject, "http://purl.org/dc/terms/title", "x")], "nquads")


def test_what_cannot_stand_in_a_graph_is_refused(world: Any) -> None:
    with pytest.raises(GraphError, match="twice"):
        export_graph([world.crawl, world.crawl], (), "nquads")
    with pytest.raises(GraphError, match="cannot stand"):
        export_graph([], [Fact("no iri", "http://e.example/t", "x")], "nquads")
    with pytest.raises(GraphError, match="no form"):
        export_graph([], [], "rdfxml")  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="no form"):
        read_graph("", "rdfxml")  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="no graph in the form turtle"):
        read_graph("<", "turtle")
    with pytest.raises(GraphError, match="named graphs"):
        read_graph("<a:a> <a:a> <a:a> <a:g> .", "nquads")


NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
SMALL = {"@context": list(CONTEXT), "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", "type": "Crawl"}


@pytest.mark.parametrize(("suite", "count"), [(RDFC, 1), (JCS, 0)])
def test_a_strangers_nameless_proof_verifies_from_the_graph_if_it_signs_the_graph(
    suite: str, count: int
) -> None:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": KEY.public.verification_method,
        "proofPurpose": "assertionMethod",
    }
    raw = canonical_json({**SMALL, "proof": add_proof(SMALL, options, KEY, canonical_nquads)})
    for form in FORMS:
        assert len(verify_graph(export_graph([parse_statement(raw)], (), form), form)) == count


def test_a_proof_with_more_to_it_than_is_understood_is_refused() -> None:
    statement = issue(SMALL, KEY, NOW)
    text = export_graph([statement], (), "nquads")
    proof = statement.proofs[1]["id"]
    with pytest.raises(UnsupportedProof, match="expiration"):
        verify_graph(f'{text}<{proof}> <https://w3id.org/security#expiration> "2020" .\n', "nquads")
    with pytest.raises(UnsupportedProof, match="twice"):
        verify_graph(f'{text}<{proof}> <https://w3id.org/security#proofValue> "z" .\n', "nquads")


def test_a_proof_moved_to_another_statement_does_not_hold(world: Any) -> None:
    text = export_graph([world.description, world.crawl], (), "nquads")
    lines = [line for line in text.splitlines() if "#proof>" not in line]
    theirs = world.description.proofs[1]["id"]
    lines.append(f"<{world.crawl.iri}> <https://w3id.org/security#proof> <{theirs}> .")
    with pytest.raises(BadSignature, match=world.crawl.iri):
        verify_graph("\n".join(lines) + "\n", "nquads")


literals = st.builds(
    lambda value, kind: ox.Literal(value, datatype=ox.NamedNode(XSD + kind)) if kind else ox.Literal(value),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from([None, "integer", "boolean", "dateTime", "decimal", "double", "anyURI"]),
) | st.builds(lambda value: ox.Literal(value, language="en"), st.just("leaf"))


@settings(max_examples=60, deadline=None)
@given(st.lists(literals, max_size=5))
def test_every_form_keeps_every_literal_as_it_is_written(values: list[ox.Literal]) -> None:
    subject, term = ox.NamedNode(ROW), ox.NamedNode("http://e.example/t")
    dataset = ox.Dataset(ox.Quad(subject, term, value) for value in values)
    for form in FORMS:
        assert set(read_graph(write_graph(dataset, form), form)) == set(dataset)
