from __future__ import annotations

from typing import Any

import pytest

from hashstore.canonical import canonical_json
from provenance.errors import MalformedStatement, RdfTimeout
from provenance.statement import parse_statement, verify_statement
from provenance.statement.box import RdfBox
from provenance.statement.rdf import canonical_nquads
from provenance.statement.signers import signers_of

# Each node points at all the others and nothing tells them apart: what RDFC-1.0 calls a poisoned graph.
_NAMES = [f"_:n{n}" for n in range(24)]
POISON: dict[str, Any] = {
    "@graph": [
        {"@id": name, "https://e.example/p": [{"@id": other} for other in _NAMES if other != name]}
        for name in _NAMES
    ]
}


def test_a_box_gives_what_this_process_gives(world: Any) -> None:
    with RdfBox() as box:
        for statement in (world.crawl, world.description):
            assert box.canonicalise(statement.unsigned) == canonical_nquads(statement.unsigned)
        assert verify_statement(world.crawl, box.canonicalise) == verify_statement(world.crawl)


def test_a_poisoned_graph_is_given_up_and_the_next_document_is_read(world: Any) -> None:
    with RdfBox(seconds=3) as box:
        with pytest.raises(RdfTimeout, match="3 s"):
            box.canonicalise(POISON)
        assert box.canonicalise(world.crawl.unsigned) == canonical_nquads(world.crawl.unsigned)


def test_an_error_in_the_box_is_an_error_here(world: Any) -> None:
    with RdfBox() as box:
        with pytest.raises(MalformedStatement, match="'shelf' is not defined"):
            box.canonicalise({**world.crawl.unsigned, "shelf": "B 7"})
        with pytest.raises(MalformedStatement, match="canonical form"):
            box.canonicalise({"a": 1.5})  # type: ignore[dict-item]


def test_a_box_without_memory_refuses_instead_of_crashing(world: Any) -> None:
    with RdfBox(megabytes=16) as box, pytest.raises(RdfTimeout):
        box.canonicalise(world.crawl.unsigned)


def test_who_signed_by_a_proof_that_needs_rdf_alone_is_found_in_a_box(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs = [one for one in world.crawl.proofs if one["cryptosuite"] == "eddsa-rdfc-2022"]
    alone = parse_statement(canonical_json({**world.crawl.document, "proof": proofs}))
    assert signers_of(alone) == {world.identity.public}
    monkeypatch.setattr("provenance.statement.signers._SECONDS", 0.0)
    assert signers_of(world.crawl) == {world.identity.public}
    with pytest.raises(RdfTimeout):
        signers_of(alone)
