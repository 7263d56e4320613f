from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.errors import (
    BadSignature,
    MalformedStatement,
    StatementError,
    UnsupportedProof,
    VerificationError,
)
from provenance.keys import SigningKey
from provenance.statement import (
    Statement,
    issue,
    new_statement_id,
    parse_statement,
    segments_of,
    time_text,
    verify_statement,
)
from provenance.statement.proofs import JCS, RDFC, add_proof
from provenance.statement.rdf import canonical_nquads

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
IRI = "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"
SMALL: dict[str, Any] = {"@context": list(CONTEXT), "id": IRI, "type": "Crawl", "sourceKind": "dwca"}


def changed(**members: Any) -> dict[str, Any]:
    return {**SMALL, **members}


def test_a_statement_carries_two_proofs_and_both_verify(world: Any) -> None:
    for statement in (world.description, world.crawl):
        found = verify_statement(parse_statement(statement.raw))
        assert [proof.cryptosuite for proof in found] == [JCS, RDFC]
        assert {proof.did for proof in found} == {world.identity.public.did}
        assert len({proof.proof for proof in found}) == 2


def test_issuing_again_gives_the_same_bytes_and_leaves_the_document_alone() -> None:
    document = copy.deepcopy(SMALL)
    assert issue(document, KEY, NOW) == issue(document, KEY, NOW)
    assert document == SMALL


def test_the_exact_bytes_are_kept_and_named_by_their_digest(world: Any) -> None:
    statement = parse_statement(world.crawl.raw)
    assert statement.raw == canonical_json(statement.document) == world.crawl.raw
    assert statement.digest == Digest.of(world.crawl.raw)


def test_what_a_statement_says_of_itself(world: Any) -> None:
    assert world.crawl.kind == "Crawl"
    assert world.crawl.source == "https://museum.example/dwca.zip"
    assert world.crawl.signer == world.identity.public.did
    assert segments_of(world.crawl) == (world.segment,)
    assert (world.description.kind, world.description.source) == ("LogDescription", None)
    assert segments_of(world.description) == ()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_every_flipped_byte_of_a_statement_is_noticed(world: Any, data: st.DataObject) -> None:
    raw = world.crawl.raw
    place, flip = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 255))
    with pytest.raises((StatementError, VerificationError)):
        verify_statement(parse_statement(raw[:place] + bytes([raw[place] ^ flip]) + raw[place + 1 :]))


@pytest.mark.parametrize("suite", [JCS, RDFC])
def test_a_single_proof_without_an_id_by_someone_else_verifies(suite: str) -> None:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": KEY.public.verification_method,
        "proofPurpose": "assertionMethod",
    }
    raw = json.dumps({**SMALL, "proof": add_proof(SMALL, options, KEY, canonical_nquads)}, indent=2).encode()
    (found,) = verify_statement(parse_statement(raw))
    assert (found.proof, found.cryptosuite, found.key) == (None, suite, KEY.public)


def test_terms_of_ones_own_are_named_by_full_iri_and_survive() -> None:
    document = changed(
        **{
            "https://herbarium.example/terms#shelf": "B 7",
            "type": ["Crawl", "https://herbarium.example/terms#Visit"],
        }
    )
    statement = parse_statement(issue(document, KEY, NOW).raw)
    verify_statement(statement)
    assert statement.unsigned == document
    assert b'<https://herbarium.example/terms#shelf> "B 7"' in canonical_nquads(statement.unsigned)


def test_a_statement_of_an_unknown_type_is_read_and_verified() -> None:
    statement = issue(changed(type="https://herbarium.example/terms#Loan"), KEY, NOW)
    assert verify_statement(statement)
    assert statement.kind == "https://herbarium.example/terms#Loan"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (changed(shelf="B 7"), "'shelf' is not defined"),
        (changed(type="Visit"), "'Visit' is no full IRI"),
        (changed(type=["Crawl", "Visit"]), "'Visit' is no full IRI"),
        (changed(used="archive.zip"), "no full IRI"),
        (changed(used="http://exa mple/"), "no full IRI"),
        (changed(**{"http://exa mple/": "x"}), "is not defined"),
        (changed(rows=7), "bare value 7"),
        (changed(title=None), "bare value None"),
        (changed(title=[]), "empty list"),
        (changed(title=[["a"]]), "no lists"),
        (changed(title="a\u0007"), "control character"),
        (changed(source={"type": "Source"}), "has an id"),
        (changed(source={"id": "_:b"}), "has an id"),
        (changed(source={"id": "urn:uuid:11111111-1111-4111-8111-111111111111"}), "has an id"),
        (changed(source={"id": f"{IRI}#"}), "has an id"),
        (changed(source={"id": f"{IRI}#a", "log": {"id": f"{IRI}#a"}}), "described twice"),
        (changed(source={"id": f"{IRI}#a", "@context": {}}), "not allowed as a term"),
        (changed(**{"@graph": []}), "not allowed as a term"),
        (changed(**{"": "x"}), "not allowed as a term"),
        (changed(**{"@context": CONTEXT[1]}), "@context is exactly"),
        (
            changed(**{"@context": [*CONTEXT, {"shelf": "https://herbarium.example/shelf"}]}),
            "@context is exactly",
        ),
        (changed(id="urn:uuid:58172AAC-d8ba-11ed-83dd-0b3aef56cc33"), "lower-case UUID"),
        (changed(id="https://museum.example/1"), "lower-case UUID"),
        ({"@context": list(CONTEXT), "id": IRI}, "has a type"),
        (changed(proof={}), "proof already"),
        (changed(title="x" * (1 << 20)), "at most 1048576 bytes"),
    ],
)
def test_what_would_be_lost_or_read_two_ways_is_not_issued(document: dict[str, Any], reason: str) -> None:
    with pytest.raises(MalformedStatement, match=reason):
        issue(document, KEY, NOW)


def test_nesting_has_a_limit() -> None:
    node: dict[str, Any] = {"id": f"{IRI}#0"}
    for depth in range(1, 17):
        node = {"id": f"{IRI}#{depth}", "log": node}
    with pytest.raises(MalformedStatement, match="at most 16 levels"):
        issue(changed(log=node), KEY, NOW)


def signed(change: Callable[[dict[str, Any]], None]) -> bytes:
    document = issue(SMALL, KEY, NOW).document
    change(document)
    return canonical_json(document)


def test_an_undefined_term_is_refused_on_verifying_even_where_only_json_is_signed() -> None:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": JCS,
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": KEY.public.verification_method,
        "proofPurpose": "assertionMethod",
    }
    document = changed(shelf="B 7")
    raw = canonical_json({**document, "proof": add_proof(document, options, KEY, canonical_nquads)})
    with pytest.raises(MalformedStatement, match="'shelf' is not defined"):
        verify_statement(parse_statement(raw))


@pytest.mark.parametrize(
    ("member", "value", "error"),
    [
        ("cryptosuite", "ecdsa-rdfc-2019", UnsupportedProof),
        ("type", "Ed25519Signature2020", UnsupportedProof),
        ("proofPurpose", "authentication", UnsupportedProof),
        ("verificationMethod", "https://museum.example/key", UnsupportedProof),
        ("verificationMethod", KEY.public.did, UnsupportedProof),
        ("expires", "2020-01-01T00:00:00Z", UnsupportedProof),
        ("previousProof", "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", UnsupportedProof),
        ("id", 7, MalformedStatement),
        ("created", "yesterday", MalformedStatement),
        ("proofValue", "z", MalformedStatement),
        ("proofValue", "z0", MalformedStatement),
        ("proofValue", None, MalformedStatement),
        ("created", "2020-01-01T00:00:00Z", BadSignature),
        ("verificationMethod", SigningKey(bytes(32)).public.verification_method, BadSignature),
        ("@context", CONTEXT[1], BadSignature),
    ],
)
def test_a_proof_that_cannot_be_honoured_is_refused(member: str, value: Any, error: type[Exception]) -> None:
    def change(document: dict[str, Any]) -> None:
        document["proof"][0][member] = value

    with pytest.raises(error):
        verify_statement(parse_statement(signed(change)))


@pytest.mark.parametrize("proof", [[], "none", [7], [{}] * 17, None])
def test_a_statement_has_1_to_16_proofs(proof: Any) -> None:
    def change(document: dict[str, Any]) -> None:
        document["proof"] = proof

    with pytest.raises(MalformedStatement, match="proof"):
        parse_statement(signed(change))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a":1,"a":2}', b'{"a":1.5}', b" " * (1 << 21)])
def test_what_is_no_json_object_is_no_statement(raw: bytes) -> None:
    with pytest.raises(MalformedStatement):
        parse_statement(raw)


def test_a_statement_made_by_hand_is_held_to_the_profile_when_verified() -> None:
    with pytest.raises(MalformedStatement, match="lower-case UUID"):
        verify_statement(Statement(canonical_json({**SMALL, "id": "x", "proof": [{}]}), "x"))


@given(st.datetimes(min_value=datetime(1000, 1, 1)), st.integers(-1439, 1439))
def test_times_are_written_in_utc_to_the_second(moment: datetime, offset: int) -> None:
    if moment.year in (1000, 9999):
        return
    text = time_text(moment.replace(tzinfo=timezone(timedelta(minutes=offset))))
    assert text.endswith("+00:00")
    assert len(text) == 25


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(MalformedStatement, match="no zone"):
        time_text(datetime(2026, 1, 1))


def test_new_ids_are_in_the_profile_and_new() -> None:
    first, second = new_statement_id(), new_statement_id()
    assert first != second
    assert issue(changed(id=first), KEY, NOW).iri == first


def test_every_subject_of_a_statement_lies_below_its_own_iri(world: Any) -> None:
    for statement in (world.crawl, world.description):
        for line in canonical_nquads(statement.unsigned).decode().splitlines():
            assert line.startswith((f"<{statement.iri}> ", f"<{statement.iri}#"))
