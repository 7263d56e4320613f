"""Digital Bazaar's libraries verify our statements, and we verify theirs: both suites, without a network."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hashstore.canonical import canonical_json
from node.compose import Node
from provenance.contexts import CONTEXT, context_bytes, pins
from provenance.errors import BadSignature
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import Statement, issue, parse_statement, verify_statement
from provenance.statement.kinds.log_description import LogDescription
from provenance.statement.proofs import JCS, RDFC, add_proof
from provenance.statement.rdf import canonical_nquads

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEY = SigningKey(b"d" * 32)
IRI = "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"
HOLDS = {JCS: None, RDFC: None}
# What canonical forms of JSON and of N-Quads escape differently, or not at all.
NAMES = (
    "Herbarium",
    "Muséum national d’Histoire naturelle",
    "Muse\u0301um",
    "国立科学博物館 🌿 \U00020000",
    'a "quoted" \\ back\\slash / and <brackets> & ^caret `tick`',
    "line\u2028separators\u2029and\u0085next\u00a0line",
    "\ufeffmark \u200e\u202eתנ״ך\u200d",
    "\ufffd\ue000\uffef",
    "1.0e-7",
    " ",
)

Peer = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def peer(
    needs_program: Callable[[str], str],
    npm_packages: Callable[[Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Peer:
    """Give the Node program a job; it knows the bundled contexts and nothing else."""
    source = Path(__file__).with_name("js")
    folder = tmp_path_factory.mktemp("js")
    for path in (*source.glob("*.js"), source / "package.json"):
        shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(npm_packages(source))
    command = [needs_program("node"), str(folder / "peer.js")]
    documents = {url: json.loads(context_bytes(url)) for url in pins()}

    def ask(**job: Any) -> dict[str, Any]:
        text = json.dumps({"documents": documents, **job})
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return ask


def description(name: str) -> dict[str, Any]:
    key = VerifierKey("herbarium.test/log", SigningKey(b"l" * 32).public)
    return named(LogDescription(IRI, key, KEY.public, "Herbarium", NOW).document(), name)


def named(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {**document, "wasAttributedTo": {**document["wasAttributedTo"], "name": name}}


def statements_of(node: Node) -> list[Statement]:
    leaves = [decode_leaf(data) for data in node.reader.leaves()]
    digests = [leaf.statement for leaf in leaves if isinstance(leaf, StatementLeaf)]
    return [parse_statement(node.store.path(digest).read_bytes()) for digest in digests]


def test_they_verify_both_proofs_of_every_statement_of_a_real_node(peer: Peer, tracked_node: Node) -> None:
    statements = statements_of(tracked_node)
    assert {statement.kind for statement in statements} >= {"LogDescription", "Crawl"}
    answer = peer(verify=[statement.document for statement in statements])
    assert answer["verified"] == [HOLDS] * len(statements)


def test_they_verify_whatever_letters_a_name_is_made_of(peer: Peer) -> None:
    documents = [issue(description(name), KEY, NOW).document for name in NAMES]
    assert dict(zip(NAMES, peer(verify=documents)["verified"], strict=True)) == dict.fromkeys(NAMES, HOLDS)


def with_proofs(document: dict[str, Any], changes: Mapping[str, str]) -> dict[str, Any]:
    return {**document, "proof": [{**proof, **changes} for proof in document["proof"]]}


def tampered() -> dict[str, dict[str, Any]]:
    """A statement changed after it was signed, by what was changed."""
    good = issue(description("Herbarium"), KEY, NOW).document
    other = SigningKey(b"o" * 32)
    first, second = good["proof"]
    swapped = [
        {**first, "proofValue": second["proofValue"]},
        {**second, "proofValue": first["proofValue"]},
    ]
    return {
        "a name": named(good, "Herbarium."),
        "a member more": {**good, "name": "More"},
        "a member less": {name: value for name, value in good.items() if name != "generatedAtTime"},
        "the type": {**good, "type": "Crawl"},
        "the time of signing": with_proofs(good, {"created": "2026-11-23T08:00:01+00:00"}),
        "the key": with_proofs(good, {"verificationMethod": other.public.verification_method}),
        "the signatures": {**good, "proof": swapped},
    }


@pytest.mark.parametrize("what", list(tampered()))
def test_they_refuse_what_was_changed_and_so_do_we(peer: Peer, what: str) -> None:
    document = tampered()[what]
    (found,) = peer(verify=[document])["verified"]
    assert sorted(found) == [JCS, RDFC]
    assert all(found.values()), found
    with pytest.raises(BadSignature):
        verify_statement(parse_statement(canonical_json(document)))


def test_a_term_that_no_context_defines_is_refused_by_their_suite_for_graphs_too(peer: Peer) -> None:
    good = issue(description("Herbarium"), KEY, NOW).document
    (found,) = peer(verify=[{**good, "undefinedTerm": "x"}])["verified"]
    assert found[JCS] is not None
    assert "Safe mode" in found[RDFC]


def test_a_context_that_is_not_bundled_is_fetched_by_nobody(peer: Peer) -> None:
    good = issue(description("Herbarium"), KEY, NOW).document
    document = {**good, "@context": [*CONTEXT, "https://example.org/strange"]}
    (found,) = peer(verify=[document])["verified"]
    assert "https://example.org/strange" in found[RDFC]


def test_we_verify_what_they_sign(peer: Peer) -> None:
    orders = [{"seed": KEY.seed.hex(), "document": description(name)} for name in NAMES]
    signed = peer(sign=orders)["signed"]
    for name, document in zip(NAMES, signed, strict=True):
        assert {**document, "proof": None} == {**description(name), "proof": None}
        found = verify_statement(parse_statement(canonical_json(document)))
        assert [(proof.cryptosuite, proof.key) for proof in found] == [(JCS, KEY.public), (RDFC, KEY.public)]
        with pytest.raises(BadSignature):
            verify_statement(parse_statement(canonical_json(named(document, "Another"))))


def test_both_sign_the_same_document_with_the_same_key_at_the_same_time_alike(peer: Peer) -> None:
    """Ed25519 is deterministic, so one other byte under the signature anywhere would show."""
    theirs = peer(sign=[{"seed": KEY.seed.hex(), "document": description("Herbarium")}])["signed"][0]
    for proof in theirs["proof"]:
        options = {name: value for name, value in proof.items() if name not in ("proofValue", "@context")}
        assert add_proof(description("Herbarium"), options, KEY, canonical_nquads) == proof
