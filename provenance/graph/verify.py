"""Finding the signed statements in a graph again, whatever form it came in, and checking their signatures."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from provenance.errors import UnsupportedProof
from provenance.graph.export import PROOF
from provenance.graph.forms import GraphFormat, read_graph
from provenance.statement.proofs import JCS, RDFC, Verified, read_members, verify_members
from provenance.statement.rdf import canonical_form

_SECURITY = "https://w3id.org/security#"
_MEMBERS = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": "type",
    "http://purl.org/dc/terms/created": "created",
    f"{_SECURITY}cryptosuite": "cryptosuite",
    f"{_SECURITY}proofPurpose": "proofPurpose",
    f"{_SECURITY}proofValue": "proofValue",
    f"{_SECURITY}verificationMethod": "verificationMethod",
}
_PROOF_VALUE = ox.NamedNode(f"{_SECURITY}proofValue")


@dataclass(frozen=True, slots=True)
class GraphProof:
    """A statement found in a graph, with a proof that holds.

    Attributes:
        statement: its IRI.
        verified: the proof.
    """

    statement: str
    verified: Verified


def verify_graph(text: str, form: GraphFormat) -> tuple[GraphProof, ...]:
    """Checks every eddsa-rdfc-2022 proof in a graph.

    Args:
        text: what `export_graph` gave, or another tool's rewriting of it.
        form: `jsonld`, `nquads` or `turtle`.

    Returns:
        One entry for each such proof, sorted by statement. Statements with an eddsa-jcs-2022 proof only
        are passed over: that one signs the JSON, not the graph.

    Raises:
        GraphError: the text is no graph of that form.
        BadSignature: a proof does not hold: a triple of its statement was changed, added or taken away.
        UnsupportedProof: a proof is of a kind that this version cannot check.
    """
    triples: dict[str, list[ox.Quad]] = defaultdict(list)
    proofs: list[tuple[str, Any]] = []
    for quad in read_graph(text, form):
        if quad.predicate == PROOF and isinstance(quad.subject, ox.NamedNode):
            proofs.append((quad.subject.value, quad.object))
        else:
            triples[_subject_key(quad.subject)].append(quad)
    found = (_check(triples, statement, proof) for statement, proof in proofs)
    return tuple(sorted((proof for proof in found if proof is not None), key=lambda proof: proof.statement))


def _subject_key(subject: Any) -> str:
    """Statements are gathered under their own IRI, whatever fragment a triple is about."""
    return str(subject) if isinstance(subject, ox.BlankNode) else str(subject.value).partition("#")[0]


def _check(triples: dict[str, list[ox.Quad]], statement: str, proof: Any) -> GraphProof | None:
    about_proof = triples.get(_subject_key(proof), [])
    members = _members(about_proof, proof)
    if members.get("cryptosuite") == JCS:
        return None
    texts = read_members(members)
    if texts["cryptosuite"] != RDFC:
        raise UnsupportedProof(f"The proof of {statement} does not sign a graph.")
    options = ox.Dataset(quad for quad in about_proof if quad.predicate != _PROOF_VALUE)
    document = ox.Dataset(triples.get(statement, []))
    signed = (
        hashlib.sha256(canonical_form(options)).digest() + hashlib.sha256(canonical_form(document)).digest()
    )
    return GraphProof(statement, verify_members(texts, signed, statement))


def _members(quads: list[ox.Quad], proof: Any) -> dict[str, str]:
    """The proof's members as JSON would name them; any other term keeps its IRI and is refused later."""
    members = {} if isinstance(proof, ox.BlankNode) else {"id": str(proof.value)}
    for quad in quads:
        name = _MEMBERS.get(quad.predicate.value, quad.predicate.value)
        if name in members:
            raise UnsupportedProof(f"The proof {proof} has {name} twice.")
        value = str(getattr(quad.object, "value", quad.object))
        members[name] = value.removeprefix(_SECURITY) if name in ("type", "proofPurpose") else value
    return members
