"""Merkle proofs against the vectors of transparency-dev/merkle, which nobody here wrote."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from hashstore.errors import InvalidProof
from hashstore.merkle import verify_consistency, verify_inclusion

# Its authors call the proof that a tree grew from the empty one useless and refuse it. We accept the empty
# proof, as witnesses must (C2SP tlog-witness: for old size 0 the proof is empty).
_FROM_NOTHING = "size1-is-zero-and-size2-is-not-zero.json"


def _cases(shared_data: Path, kind: str) -> list[tuple[str, Any]]:
    folder = shared_data / "vectors/transparency-dev-merkle/testdata" / kind
    return [(str(path), json.loads(path.read_text())) for path in sorted(folder.rglob("*.json"))]


def _holds(check: Any, *arguments: Any) -> bool:
    try:
        check(*arguments)
    except InvalidProof:
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.b64decode(text or "")


def _root(text: str) -> bytes:
    """Some cases give "don't care" for a root where only equality counts; we take nothing but 32 bytes."""
    root = _bytes(text)
    return root if len(root) == 32 else hashlib.sha256(root).digest()


def test_every_inclusion_proof_is_judged_as_there(shared_data: Path) -> None:
    cases = _cases(shared_data, "inclusion")
    for path, case in cases:
        proof = [_bytes(one) for one in case["proof"] or ()]
        arguments = (_bytes(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, _bytes(case["root"]))
        assert _holds(verify_inclusion, *arguments) is not case["wantErr"], path
    assert len(cases) == 98


def test_every_consistency_proof_is_judged_as_there(shared_data: Path) -> None:
    cases = _cases(shared_data, "consistency")
    for path, case in cases:
        proof = [_bytes(one) for one in case["proof"] or ()]
        roots = _root(case["root1"]), _root(case["root2"])
        arguments = (case["size1"], roots[0], case["size2"], roots[1], proof)
        refused = case["wantErr"] and not path.endswith(_FROM_NOTHING)
        assert _holds(verify_consistency, *arguments) is not refused, path
    assert len(cases) >= 98
