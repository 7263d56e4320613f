"""`outliers` over what records say: compared once, signed, and reproduced from its own reference."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzers.outliers.reference import read_reference
from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node, open_node
from node.layout import Layout
from provenance.statement import parse_statement
from provenance.statement.kinds.analysis_run import read_analysis_run

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture(scope="module")
def compared_once(
    tracked_once: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    root = tmp_path_factory.mktemp("compared") / "node"
    shutil.copytree(tracked_once[0], root)
    assert run(["--quiet", "--node", str(root), "analyze", "embedding"]) == 0
    return root


@pytest.fixture
def compared(compared_once: Path) -> Node:
    return open_node(Layout(compared_once))


@pytest.mark.slow
def test_images_are_compared_once_and_the_comparison_is_reproduced(
    compared: Node, vasculum: Vasculum
) -> None:
    root = compared.layout.root
    asked = ("--json", "--node", root, "outliers", "--rank", "kingdom", "--set", "threshold=1")
    said = vasculum(*asked)
    assert said.code == 0, said.err
    assert said.summary["analyzed"] == said.summary["images"] > 20
    outliers = said.of("outlier")
    assert outliers, "at so low a threshold some are"
    assert {one["taxon"] for one in outliers} <= {"Plantae", "Animalia"}
    again = vasculum(*asked)
    assert (again.summary["analyzed"], again.summary["statement"]) == (0, None)
    assert again.of("outlier") == outliers
    made = vasculum("--json", "--node", root, "reproduce", said.summary["statement"])
    assert (made.code, made.summary["outcome"]) == (0, "identical")
    assert not list(compared.layout.analysis.glob("outliers-*"))
    statement = parse_statement(compared.store.read(Digest.parse(said.summary["statement"])))
    models = read_analysis_run(statement).analyzer.models
    reference = read_reference(min((compared.store.read(one) for one in models), key=len))
    assert reference.rank == "kingdom"
    assert sum(map(len, reference.taxa.values())) == said.summary["images"]


@pytest.mark.slow
def test_what_cannot_be_compared_is_told_in_one_line(compared: Node, vasculum: Vasculum) -> None:
    root = compared.layout.root
    for arguments, words in (
        (("outliers", "--filter", "taxon:Nothing"), "analyze embedding"),
        (("outliers", "--set", "threshold=high"), "threshold"),
        (("analyze", "outliers"), "vasculum outliers"),
    ):
        said = vasculum("--node", root, *arguments)
        assert said.code == 1
        assert words in said.err
        assert "Traceback" not in said.err
    assert vasculum("--node", root, "outliers", "--dataset", "x", "--filter", "y").code == 2
