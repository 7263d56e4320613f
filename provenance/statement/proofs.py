"""Data Integrity proofs over JSON documents: eddsa-jcs-2022 and eddsa-rdfc-2022 (W3C vc-di-eddsa, section 3).

Pure: a document and a proof go in, a signature or a verdict comes out. Both suites sign the SHA-256 of
the canonical proof options followed by that of the canonical document; they differ in what canonical means.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from hashstore.canonical import Json, canonical_json
from hashstore.errors import HashstoreError
from provenance import base58
from provenance.errors import BadSignature, MalformedKey, MalformedStatement, UnsupportedProof
from provenance.keys import PublicKey, SigningKey, parse_public_key

Document: TypeAlias = Mapping[str, Json]
Canonicalise: TypeAlias = Callable[[Document], bytes]

JCS: Final = "eddsa-jcs-2022"
RDFC: Final = "eddsa-rdfc-2022"
_REQUIRED = ("type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue")
_ALLOWED = frozenset((*_REQUIRED, "id", "@context"))
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verified:
    """A proof that holds.

    Attributes:
        proof: the proof's IRI, or None where it has none.
        cryptosuite: how it was made.
        key: who signed.
        created: when, as the signer says.
    """

    proof: str | None
    cryptosuite: str
    key: PublicKey
    created: str

    @property
    def did(self) -> str:
        """Who signed, as a did."""
        return self.key.did


def hash_data(options: Document, document: Document, canonicalise: Canonicalise) -> bytes:
    """The 64 bytes that an eddsa suite signs.

    Args:
        options: the proof without its value, with the document's `@context`.
        document: the document without any proof.
        canonicalise: RFC 8785 or RDFC-1.0.
    """
    return hashlib.sha256(canonicalise(options)).digest() + hashlib.sha256(canonicalise(document)).digest()


def add_proof(
    document: Document, options: Document, key: SigningKey, canonical_rdf: Canonicalise
) -> Document:
    """Makes a proof.

    Args:
        document: the document without any proof.
        options: the proof's members but for `proofValue`.
        key: who signs; `options` must name it.
        canonical_rdf: RDFC-1.0 for eddsa-rdfc-2022.

    Returns:
        The proof, ready to be put into the document; `options` is left as it is.
    """
    in_context = _in_context(document, options)
    signed = hash_data(in_context, document, _canonicaliser(str(options["cryptosuite"]), canonical_rdf))
    # Only eddsa-jcs-2022 keeps the context in the proof: JSON alone gives the proof no other.
    kept = in_context if options["cryptosuite"] == JCS else options
    return {**kept, "proofValue": "z" + base58.encode(key.sign(signed))}


def check_proof(document: Document, proof: Document, canonical_rdf: Canonicalise) -> Verified:
    """Checks one proof of a document.

    Args:
        document: the document without any proof.
        proof: the proof.
        canonical_rdf: RDFC-1.0 for eddsa-rdfc-2022.

    Raises:
        UnsupportedProof: another suite, purpose or kind of key, or a member that is not honoured here.
        MalformedStatement: a member is missing or of another form.
        BadSignature: the signature does not fit.
    """
    members = read_members(proof)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in proof:
        document = _with_proof_context(document, proof["@context"])
    canonicalise = _canonicaliser(members["cryptosuite"], canonical_rdf)
    try:
        signed = hash_data(_in_context(document, options), document, canonicalise)
    except HashstoreError as error:
        raise MalformedStatement(f"The document has no canonical form: {error}") from error
    return verify_members(members, signed, str(document.get("id", "the document")))


def verify_members(members: Mapping[str, str], signed: bytes, what: str) -> Verified:
    """Checks the signature of a proof over the 64 bytes that its suite signs.

    Args:
        members: what `read_members` gave.
        signed: what `hash_data` gave.
        what: names the document in errors.

    Raises:
        UnsupportedProof: the key is of another kind.
        MalformedStatement: the proof's value has another form.
        BadSignature: the signature does not fit.
    """
    key = _key(members["verificationMethod"])
    suite = members["cryptosuite"]
    key.verify(_signature(members["proofValue"]), signed, f"{what} ({suite})")
    return Verified(members.get("id"), suite, key, members["created"])


def _canonicaliser(suite: str, canonical_rdf: Canonicalise) -> Canonicalise:
    return canonical_json if suite == JCS else canonical_rdf


def _in_context(document: Document, options: Document) -> Document:
    return {**options, "@context": document["@context"]} if "@context" in document else options


def _with_proof_context(document: Document, context: Json) -> Document:
    """vc-di-eddsa 3.3.2: the document is checked under the proof's context, with which its own must begin."""
    whole, start = _as_list(document.get("@context")), _as_list(context)
    if not start or whole[: len(start)] != start:
        raise BadSignature("The proof was made under another @context than the document's.")
    return {**document, "@context": context}


def _as_list(value: Json) -> list[Json]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return [] if value is None else [value]
    return list(value)


def read_members(proof: Document) -> dict[str, str]:
    """The proof's members but for its context, all of them texts.

    Raises:
        UnsupportedProof: another type, suite or purpose, or a member that is not honoured here.
        MalformedStatement: a member is missing or of another form.
    """
    members = {name: value for name, value in proof.items() if name != "@context"}
    if unknown := sorted(set(proof) - _ALLOWED):
        raise UnsupportedProof(
            f"The proof has the member {unknown[0]!r}, which this version does not honour."
        )
    for name in _REQUIRED:
        if not isinstance(members.get(name), str):
            raise MalformedStatement(f"The proof has no {name}.")
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    if len(texts) != len(members):
        raise MalformedStatement("The proof's id is no text.")
    if texts["type"] != "DataIntegrityProof" or texts["cryptosuite"] not in (JCS, RDFC):
        raise UnsupportedProof(
            f"A proof of type {texts['type']}, suite {texts['cryptosuite']}, cannot be checked."
        )
    if texts["proofPurpose"] != "assertionMethod":
        raise UnsupportedProof(f"The proof asserts nothing: its purpose is {texts['proofPurpose']!r}.")
    if not _TIME.fullmatch(texts["created"]):
        raise MalformedStatement(f"The proof's time {texts['created']!r} is no date with time and zone.")
    return texts


def _key(method: str) -> PublicKey:
    try:
        key = parse_public_key(method)
    except MalformedKey as error:
        raise UnsupportedProof(f"The proof's key cannot be used: {error}") from error
    if key.verification_method != method:
        raise UnsupportedProof(f"The proof names its key as {method!r}, not as did:key:z...#z...")
    return key


def _signature(value: str) -> bytes:
    try:
        signature = base58.decode(value.removeprefix("z"))
    except ValueError as error:
        raise MalformedStatement(f"The proof's value is no base58: {error}.") from error
    if "z" + base58.encode(signature) != value or len(signature) != 64:
        raise MalformedStatement("The proof's value is no Ed25519 signature in multibase (z...).")
    return signature
