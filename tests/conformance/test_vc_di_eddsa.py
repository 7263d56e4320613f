"""W3C vc-di-eddsa: intermediate hashes, signatures and proof sets of both suites, step by step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from hashstore.canonical import canonical_json
from provenance import base58
from provenance.contexts import DATA_INTEGRITY, context_bytes, load_document
from provenance.errors import BadSignature, StatementError, UnsupportedProof
from provenance.keys import SigningKey
from provenance.statement.proofs import add_proof, check_proof, hash_data
from provenance.statement.rdf import canonical_form, canonical_nquads

_CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
_EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"

# The contexts of the vectors are not ours to carry; these few terms, written for this test, say the same.
_CONTEXTS: dict[str, Any] = {
    _CREDENTIALS: {
        **json.loads(context_bytes(DATA_INTEGRITY))["@context"],
        "VerifiableCredential": "https://www.w3.org/2018/credentials#VerifiableCredential",
        "name": "https://schema.org/name",
        "description": "https://schema.org/description",
        "issuer": {"@id": "https://www.w3.org/2018/credentials#issuer", "@type": "@id"},
        "credentialSubject": {"@id": "https://www.w3.org/2018/credentials#credentialSubject", "@type": "@id"},
        "validFrom": {
            "@id": "https://www.w3.org/2018/credentials#validFrom",
            "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        },
    },
    _EXAMPLES: {"@vocab": "https://www.w3.org/ns/credentials/examples#"},
}


def _loader(url: str, options: Any = None) -> dict[str, Any]:
    if url not in _CONTEXTS:
        return load_document(url)
    return {"contextUrl": None, "documentUrl": url, "document": {"@context": _CONTEXTS[url]}}


def canonical_rdf(document: Mapping[str, Any]) -> bytes:
    return canonical_nquads(document, _loader)


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "vectors" / "vc-di-eddsa" / "TestVectors"


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def key_of(pair: Mapping[str, str]) -> SigningKey:
    key = SigningKey(base58.decode(pair["privateKeyMultibase"][1:])[2:])
    assert key.public.multibase == pair["publicKeyMultibase"]
    return key


def without_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


@pytest.mark.parametrize(
    ("suite", "names"),
    [("eddsa-jcs-2022", "JCS"), ("eddsa-rdfc-2022", "DataInt")],
)
def test_each_step_of_a_suite_gives_the_bytes_of_the_vectors(folder: Path, suite: str, names: str) -> None:
    unsigned, options = read(folder, "unsigned.json"), read(folder, f"{suite}/proofConfig{names}.json")
    canonicalise = canonical_json if suite == "eddsa-jcs-2022" else canonical_rdf
    steps = folder / suite
    document, proof = canonicalise(unsigned), canonicalise(options)
    assert document == (steps / f"canonDoc{names}.txt").read_bytes()
    assert proof == (steps / f"proofCanon{names}.txt").read_bytes()
    assert hashlib.sha256(document).hexdigest() == (steps / f"docHash{names}.txt").read_text().strip()
    assert hashlib.sha256(proof).hexdigest() == (steps / f"proofHash{names}.txt").read_text().strip()
    signed = hash_data(options, unsigned, canonicalise)
    assert signed.hex() == (steps / f"combinedHash{names}.txt").read_text().strip()
    signature = key_of(read(folder, "keyPair.json")).sign(signed)
    assert signature.hex() == (steps / f"sigHex{names}.txt").read_text().strip()


@pytest.mark.parametrize(
    ("suite", "names"),
    [("eddsa-jcs-2022", "JCS"), ("eddsa-rdfc-2022", "DataInt")],
)
def test_signed_vectors_verify_and_signing_again_gives_them(folder: Path, suite: str, names: str) -> None:
    signed = read(folder, f"{suite}/signed{names}.json")
    proof, unsigned = signed["proof"], without_proof(signed)
    key = key_of(read(folder, "keyPair.json"))
    assert check_proof(unsigned, proof, canonical_rdf).key == key.public
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    assert add_proof(unsigned, options, key, canonical_rdf) == proof
    with pytest.raises(BadSignature):
        check_proof({**unsigned, "name": "Another"}, proof, canonical_rdf)


def test_the_second_rdf_vector_signs_the_canonical_forms_given(folder: Path) -> None:
    """Its contexts are large; the canonical documents stand in for them."""
    steps = folder / "eddsa-rdfc-2022" / "employ"
    hashes = b""
    for name in ("proofCanonDataInt.txt", "canonDocDataInt.txt"):
        given = (steps / name).read_bytes()
        dataset = ox.Dataset(ox.parse(given, format=ox.RdfFormat.N_QUADS))
        assert canonical_form(dataset) == given
        hashes += hashlib.sha256(given).digest()
    assert hashes.hex() == (steps / "combinedHashDataInt.txt").read_text().strip()
    key = key_of(read(folder, "keyPair.json"))
    assert key.sign(hashes).hex() == (steps / "sigHexDataInt.txt").read_text().strip()


def test_both_proofs_of_the_proof_set_verify(folder: Path) -> None:
    signed = read(folder, "proof-set-chain/signedProofSet2.json")
    keys = [check_proof(without_proof(signed), proof, canonical_rdf).key for proof in signed["proof"]]
    assert len(set(keys)) == 2


def test_a_proof_that_is_signed_together_with_an_earlier_one_is_refused(folder: Path) -> None:
    """Proof chains are not honoured here, so such a proof must not pass as one over the document alone."""
    for name, plain in (("signedProofChain1.json", 2), ("signedProofChain2.json", 2)):
        signed = read(folder, f"proof-set-chain/{name}")
        document, proofs = without_proof(signed), signed["proof"]
        for proof in proofs[:plain]:
            check_proof(document, proof, canonical_rdf)
        assert len(proofs) > plain
        for proof in proofs[plain:]:
            with pytest.raises(UnsupportedProof, match="previousProof"):
                check_proof(document, proof, canonical_rdf)
            alone = {member: value for member, value in proof.items() if member != "previousProof"}
            with pytest.raises(BadSignature):
                check_proof(document, alone, canonical_rdf)


def test_the_suite_before_data_integrity_is_refused(folder: Path) -> None:
    signed = read(folder, "Ed25519Signature2020/signedEdSig.json")
    with pytest.raises(StatementError):
        check_proof(without_proof(signed), signed["proof"], canonical_rdf)


def test_the_bundled_context_is_the_one_that_w3c_publishes(shared_data: Path) -> None:
    published = shared_data / "vectors" / "vc-data-integrity" / "contexts" / "data-integrity" / "v2"
    assert json.loads(context_bytes(DATA_INTEGRITY)) == json.loads(published.read_text("utf-8"))
