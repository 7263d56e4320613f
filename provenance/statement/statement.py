"""Statements: signed JSON-LD documents about digests, kept as the exact bytes that were signed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement.profile import LARGEST_STATEMENT, check_document
from provenance.statement.proofs import JCS, RDFC, Canonicalise, Document, Verified, add_proof, check_proof

_MOST_PROOFS = 16
_GENERAL = frozenset({"Activity", "Entity", "Agent"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was published.

    Attributes:
        raw: the exact bytes; their digest is the statement's name in leaves.
        iri: the statement's IRI, `urn:uuid:...`.
    """

    raw: bytes
    iri: str

    @property
    def digest(self) -> Digest:
        """SHA-256 of the exact bytes."""
        return Digest.of(self.raw)

    @property
    def document(self) -> dict[str, Any]:
        """The whole document, proofs included; a fresh copy each time."""
        return _parse(self.raw)

    @property
    def unsigned(self) -> dict[str, Any]:
        """The document without its proofs; a fresh copy each time."""
        return {name: value for name, value in self.document.items() if name != "proof"}

    @property
    def parted(self) -> tuple[dict[str, Any], tuple[Document, ...]]:
        """The document without its proofs, and these; fresh copies of one reading."""
        document = self.document
        proofs = _proofs(document)
        document.pop("proof")
        return document, proofs

    @property
    def proofs(self) -> tuple[Document, ...]:
        """The proofs, one or a set."""
        return _proofs(self.document)

    @property
    def types(self) -> tuple[str, ...]:
        """The statement's types; unknown ones are kept and relayed."""
        types = self.document["type"]
        return (types,) if isinstance(types, str) else tuple(types)

    @property
    def kind(self) -> str:
        """What the statement is, in one word: the first of its types that is not a general one of PROV."""
        return next((name for name in self.types if name not in _GENERAL), self.types[0])

    @property
    def signer(self) -> str:
        """The did that the first proof names; whether it signed is for `verify_statement` to say."""
        return str(self.proofs[0].get("verificationMethod")).partition("#")[0]

    @property
    def source(self) -> str | None:
        """The address of the source that a crawl went to; None for other kinds."""
        source = self.document.get("source")
        address = source.get("address") if isinstance(source, Mapping) else None
        return address if isinstance(address, str) else None


def new_statement_id() -> str:
    """A fresh IRI for a statement: `urn:uuid:` and a random UUID."""
    return uuid.uuid4().urn


def time_text(moment: datetime) -> str:
    """A moment as statements write it: UTC, whole seconds, `+00:00`.

    Not `Z`: rdflib rewrites that when it reads a graph, and the signature over the graph would fail.

    Raises:
        MalformedStatement: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise MalformedStatement(f"The time {moment} has no zone; statements are written in UTC.")
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def issue(document: Document, key: SigningKey, created: datetime, *further: SigningKey) -> Statement:
    """Signs a statement with a proof set: eddsa-jcs-2022 and eddsa-rdfc-2022 by each key.

    The same document, key and time give the same bytes, so issuing again after a crash does no harm.

    Args:
        document: the unsigned statement; it is left as it is.
        key: the identity key.
        created: when, with a time zone.
        further: keys that sign beside it, such as the one to which the identity changes.

    Raises:
        MalformedStatement: the document breaks a rule of the profile, or a term of it is not defined.
    """
    from provenance.statement.rdf import canonical_nquads

    if "proof" in document:
        raise MalformedStatement("The statement has a proof already.")
    iri = check_document(document)
    proofs = []
    for signer, suite in product((key, *further), (JCS, RDFC)):
        options: dict[str, Json] = {
            "type": "DataIntegrityProof",
            "cryptosuite": suite,
            "created": time_text(created),
            "verificationMethod": signer.public.verification_method,
            "proofPurpose": "assertionMethod",
        }
        options["id"] = _proof_id(document, options)
        proofs.append(add_proof(document, options, signer, canonical_nquads))
    raw = canonical_json({**document, "proof": proofs})
    if len(raw) > LARGEST_STATEMENT:
        raise MalformedStatement(
            f"A statement has at most {LARGEST_STATEMENT} bytes; this one has {len(raw)}."
        )
    return Statement(raw, iri)


def parse_statement(raw: bytes) -> Statement:
    """Reads a statement without judging its signatures.

    Raises:
        MalformedStatement: it is too large, no strict JSON, or not in the profile.
    """
    if len(raw) > LARGEST_STATEMENT:
        raise MalformedStatement(
            f"A statement has at most {LARGEST_STATEMENT} bytes; this one has {len(raw)}."
        )
    document = _parse(raw)
    _proofs(document)
    return Statement(
        raw, check_document({name: value for name, value in document.items() if name != "proof"})
    )


def verify_statement(statement: Statement, canonical_rdf: Canonicalise | None = None) -> tuple[Verified, ...]:
    """Checks every proof of a statement; all must hold.

    Args:
        statement: the statement.
        canonical_rdf: how to canonicalise RDF, in this process if left out; for statements by strangers give
            `RdfBox.canonicalise`, which runs in a process that can be killed.

    Returns:
        One entry for each proof. Whether their keys are to be trusted is the caller's question.

    Raises:
        BadSignature: a proof does not hold.
        UnsupportedProof: a proof is of a kind that this version cannot check.
        MalformedStatement: the statement is not in the profile, or a term of it is not defined.
    """
    if canonical_rdf is None:
        from provenance.statement.rdf import canonical_nquads

        canonical_rdf = canonical_nquads
    document, proofs = statement.parted
    check_document(document)
    canonical_rdf(document)  # also where no proof needs RDF: a term that a graph would drop must not pass
    return tuple(check_proof(document, proof, canonical_rdf) for proof in proofs)


def _proof_id(document: Document, options: Document) -> str:
    """A UUID (RFC 9562, version 8) from what the proof is about, so that issuing is repeatable."""
    seed = hashlib.sha256(canonical_json([document, options])).digest()[:16]
    octets = bytearray(seed)
    octets[6] = (octets[6] & 0x0F) | 0x80
    octets[8] = (octets[8] & 0x3F) | 0x80
    return uuid.UUID(bytes=bytes(octets)).urn


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        document = parse_json(raw)
    except HashstoreError as error:
        raise MalformedStatement(f"The statement is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise MalformedStatement("The statement is no JSON object.")
    return document


def _proofs(document: Document) -> tuple[Document, ...]:
    value = document.get("proof")
    proofs = [value] if isinstance(value, Mapping) else value
    if not isinstance(proofs, list) or not 1 <= len(proofs) <= _MOST_PROOFS:
        raise MalformedStatement(f"A statement has 1 to {_MOST_PROOFS} proofs.")
    found = [proof for proof in proofs if isinstance(proof, Mapping)]
    if len(found) != len(proofs):
        raise MalformedStatement("A proof of the statement is no JSON object.")
    return tuple(found)
