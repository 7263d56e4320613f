"""W3C rdf-canon: all evaluation tests of RDFC-1.0 through our canonicaliser, and the poisoned graph."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from provenance.statement.rdf import canonical_form

_ALGORITHMS = {
    "SHA256": ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "SHA384": ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "vectors" / "rdf-canon" / "tests"


def entries(folder: Path, kind: str) -> list[dict[str, Any]]:
    manifest = json.loads((folder / "manifest.jsonld").read_text("utf-8"))
    return [entry for entry in manifest["entries"] if entry["type"] == kind]


def test_all_64_evaluation_tests_give_the_canonical_form(folder: Path) -> None:
    found = entries(folder, "rdfc:RDFC10EvalTest")
    assert len(found) == 64
    for entry in found:
        given = ox.parse((folder / entry["action"]).read_bytes(), format=ox.RdfFormat.N_QUADS)
        algorithm = _ALGORITHMS[entry.get("hashAlgorithm", "SHA256")]
        assert canonical_form(ox.Dataset(given), algorithm) == (folder / entry["result"]).read_bytes(), entry[
            "id"
        ]


def test_the_poisoned_graph_does_not_come_to_an_end_by_itself(folder: Path) -> None:
    """Why statements have no blank nodes, and a stranger's RDF is read in a process that can be killed."""
    (entry,) = entries(folder, "rdfc:RDFC10NegativeEvalTest")
    script = (
        "import sys, pyoxigraph as ox; from provenance.statement.rdf import canonical_form\n"
        "canonical_form(ox.Dataset(ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_QUADS)))"
    )
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", script, str(folder / entry["action"])], timeout=3, check=False)
