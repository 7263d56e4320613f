"""The vectors of the statements by which nodes speak of each other, read as another program would."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from provenance.keys import parse_public_key
from provenance.statement import Statement, parse_statement, verify_statement
from provenance.statement.kinds.audit_report import read_audit_report
from provenance.statement.kinds.equivocation import read_equivocation
from provenance.statement.kinds.log_successor import read_log_successor
from provenance.statement.kinds.replica_claim import read_replica_claim
from provenance.statement.kinds.slice import read_slice
from provenance.statement.kinds.withdrawal import read_decision, read_withdrawal

_READERS: Final[dict[str, Callable[[Statement], Any]]] = {
    "Slice": read_slice,
    "ReplicaClaim": read_replica_claim,
    "AuditReport": read_audit_report,
    "Withdrawal": read_withdrawal,
    "WithdrawalDecision": read_decision,
    "LogSuccessor": read_log_successor,
    "Equivocation": read_equivocation,
}


@pytest.fixture(scope="module")
def folder(project_root: Path) -> Path:
    return project_root / "spec" / "vectors"


def test_the_generator_gives_the_committed_vectors(folder: Path) -> None:
    made = runpy.run_path(str(folder / "generate_federation.py"))["generate"]()
    assert made == (folder / "federation.json").read_text("utf-8")


def test_each_statement_verifies_reads_and_is_written_again_alike(folder: Path) -> None:
    vectors = json.loads((folder / "federation.json").read_text("utf-8"))
    key = parse_public_key(vectors["did"])
    for case in vectors["cases"]:
        statement = parse_statement(case["signed"].encode())
        assert {proof.key for proof in verify_statement(statement)} == {key}
        assert (statement.unsigned, statement.digest.uri) == (case["unsigned"], case["digest"])
        assert _READERS[case["kind"]](statement).document() == case["unsigned"]
    assert {case["kind"] for case in vectors["cases"]} == set(_READERS)
