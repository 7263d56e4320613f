"""Statements as one graph of triples that any RDF tool reads, and whose signatures still verify."""

from provenance.graph.export import Fact, export_graph
from provenance.graph.forms import GraphFormat
from provenance.graph.verify import GraphProof, verify_graph

__all__ = ["Fact", "GraphFormat", "GraphProof", "export_graph", "verify_graph"]
