"""The three written forms of a graph: flattened JSON-LD without a context, N-Quads, and Turtle."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import pyoxigraph as ox

from provenance.errors import GraphError

GraphFormat: TypeAlias = Literal["jsonld", "nquads", "turtle"]
Node: TypeAlias = ox.NamedNode | ox.BlankNode

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_STRING = ox.NamedNode("http://www.w3.org/2001/XMLSchema#string")
_FORMATS = {
    "jsonld": ox.RdfFormat.JSON_LD,
    "nquads": ox.RdfFormat.N_QUADS,
    "turtle": ox.RdfFormat.TURTLE,
}
_PREFIXES = {
    "ac": "http://rs.tdwg.org/ac/terms/",
    "dcterms": "http://purl.org/dc/terms/",
    "dwc": "http://rs.tdwg.org/dwc/terms/",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "sec": "https://w3id.org/security#",
    "vasculum": "https://w3id.org/vasculum/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def write_graph(dataset: ox.Dataset, form: GraphFormat) -> str:
    """Writes triples, sorted, and makes sure that they read back the same.

    Raises:
        GraphError: there is no such form, or the text does not read back as the same triples.
    """
    triples = sorted((quad.triple for quad in dataset), key=str)
    if form == "nquads":
        text = (ox.serialize(triples, format=ox.RdfFormat.N_QUADS) or b"").decode()
    elif form == "jsonld":
        text = _write_jsonld(triples)
    elif form == "turtle":
        text = _write_turtle(triples)
    else:
        raise GraphError(f"{form!r} is no form of a graph; there are jsonld, nquads and turtle.")
    if _canonical(read_graph(text, form)) != _canonical(dataset):
        raise GraphError(f"The graph cannot be written as {form} without a change; take another form.")
    return text


def read_graph(text: str, form: GraphFormat) -> ox.Dataset:
    """Reads triples with their exact written values, which rdflib would tidy up.

    Raises:
        GraphError: it is not of that form, or has named graphs.
    """
    if form not in _FORMATS:
        raise GraphError(f"{form!r} is no form of a graph; there are jsonld, nquads and turtle.")
    try:
        dataset = ox.Dataset(ox.parse(text.encode(), format=_FORMATS[form]))
    except (ValueError, SyntaxError, OSError) as error:
        raise GraphError(f"The text is no graph in the form {form}: {error}") from error
    if any(not isinstance(quad.graph_name, ox.DefaultGraph) for quad in dataset):
        raise GraphError("The graph has named graphs inside; an exported history has none.")
    return dataset


def _canonical(dataset: ox.Dataset) -> ox.Dataset:
    copy = ox.Dataset(dataset)
    copy.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return copy


def _write_jsonld(triples: Iterable[ox.Triple]) -> str:
    nodes: dict[str, dict[str, Any]] = {}
    for triple in triples:
        name = _json_name(triple.subject)
        node = nodes.setdefault(name, {"@id": name})
        if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
            node.setdefault("@type", []).append(triple.object.value)
        else:
            node.setdefault(triple.predicate.value, []).append(_json_value(triple.object))
    return json.dumps(list(nodes.values()), indent=1, ensure_ascii=False) + "\n"


def _json_name(node: Any) -> str:
    return str(node) if isinstance(node, ox.BlankNode) else str(node.value)


def _json_value(term: Any) -> dict[str, str]:
    if not isinstance(term, ox.Literal):
        return {"@id": _json_name(term)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value, **({} if term.datatype == _STRING else {"@type": term.datatype.value})}


def _write_turtle(triples: Iterable[ox.Triple]) -> str:
    # Not by rdflib: it tidies up literals (7.0e0, Z for +00:00) and so changes what was signed.
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES) or b""
    return text.decode()
