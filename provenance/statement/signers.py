"""Who signed a statement that a log's leaf names: the proofs over the JSON, which need no RDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from provenance.errors import BadSignature
from provenance.keys import PublicKey
from provenance.statement.box import RdfBox
from provenance.statement.proofs import JCS, check_proof
from provenance.statement.statement import Statement

_SECONDS: Final = 60.0  # for each reading of RDF; as long as a follower gives it


def signers_of(statement: Statement) -> frozenset[PublicKey]:
    """The keys that signed a statement.

    Only `eddsa-jcs-2022` proofs are checked where there is one: the leaf fixes every byte of the others. One
    that has none is a stranger's, so its RDF is read in a process that can be killed.

    Raises:
        RdfTimeout: its RDF could not be read within this machine's limits, which says nothing against it.
        StatementError, BadSignature: a proof does not hold, or cannot be checked.
    """
    document, given = statement.parted
    if proofs := [proof for proof in given if proof.get("cryptosuite") == JCS]:
        return frozenset(check_proof(document, proof, _no_rdf).key for proof in proofs)
    with RdfBox(_SECONDS) as box:
        return frozenset(check_proof(document, proof, box.canonicalise).key for proof in given)


def check_signed(statement: Statement, identity: PublicKey) -> None:
    """Checks that a key is among those that signed.

    Raises:
        StatementError, BadSignature: it is not, or a proof does not hold.
    """
    if identity not in signers_of(statement):
        raise BadSignature(f"The statement {statement.iri} is not signed by {identity.did}.")


def _no_rdf(document: Mapping[str, Any]) -> bytes:
    raise AssertionError("eddsa-jcs-2022 never asks for RDF")
