"""Who signed a statement that a log's leaf names: the proofs over the JSON, which need no RDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.errors import BadSignature
from provenance.keys import PublicKey
from provenance.statement.proofs import JCS, Canonicalise, check_proof
from provenance.statement.statement import Statement


def signers_of(statement: Statement) -> frozenset[PublicKey]:
    """The keys that signed a statement.

    Only `eddsa-jcs-2022` proofs are checked where there is one: the leaf fixes every byte of the others.

    Raises:
        StatementError, BadSignature: a proof does not hold, or cannot be checked.
    """
    document, given = statement.parted
    proofs = tuple(proof for proof in given if proof.get("cryptosuite") == JCS)
    canonical_rdf = _no_rdf if proofs else _slow_rdf()
    return frozenset(check_proof(document, proof, canonical_rdf).key for proof in proofs or given)


def check_signed(statement: Statement, identity: PublicKey) -> None:
    """Checks that a key is among those that signed.

    Raises:
        StatementError, BadSignature: it is not, or a proof does not hold.
    """
    if identity not in signers_of(statement):
        raise BadSignature(f"The statement {statement.iri} is not signed by {identity.did}.")


def _no_rdf(document: Mapping[str, Any]) -> bytes:
    raise AssertionError("eddsa-jcs-2022 never asks for RDF")


def _slow_rdf() -> Canonicalise:
    """Only a stranger's statement without a JCS proof needs it; pyld takes long to load."""
    from provenance.statement.rdf import canonical_nquads

    return canonical_nquads
