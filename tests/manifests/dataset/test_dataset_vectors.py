"""The vectors of datasets hold, and say what the program says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from hashstore.digest import Digest
from manifests.dataset.labels import read_labels
from manifests.dataset.manifest import Hidden, ManifestRoot, read_manifest
from manifests.dataset.member import read_member
from manifests.dataset.recipe import GroupBy, SplitRecipe, parse_shares
from manifests.dataset.split import Unit, assign_splits
from manifests.errors import DamagedManifest, LabelsRefused

FOLDER = Path(__file__).resolve().parents[3] / "spec" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "datasets.json").read_text(encoding="utf-8"))


def test_the_generator_of_datasets_makes_what_is_committed() -> None:
    spec = importlib.util.spec_from_file_location("generate_datasets", FOLDER / "generate_datasets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert json.loads(json.dumps(module.vectors())) == VECTORS


@pytest.mark.parametrize("case", VECTORS["lines"])
def test_a_line_reads_back_and_has_its_leaf(case: dict[str, str]) -> None:
    member = read_member(case["line"].encode())
    assert member.line().decode() == case["line"]
    (entry,) = read_manifest([case["hidden"].encode()])
    assert entry == Hidden(bytes.fromhex(case["leaf"]))


@pytest.mark.parametrize("line", VECTORS["refusedLines"])
def test_a_line_that_breaks_a_rule_is_refused(line: str) -> None:
    with pytest.raises(DamagedManifest):
        read_member(line.encode())


@pytest.mark.parametrize("which", ["line", "hidden"])
def test_hidden_lines_lead_to_the_same_root(which: str) -> None:
    for case in VECTORS["roots"]:
        tree = ManifestRoot()
        for entry in read_manifest([one[which].encode() for one in VECTORS["lines"][: case["members"]]]):
            tree.add(entry)
        assert (tree.root.uri, tree.count) == (case["root"], case["members"])


@pytest.mark.parametrize("case", VECTORS["labels"])
def test_a_labels_file_says_what_the_vector_says(case: dict[str, Any]) -> None:
    found = {
        digest.uri: {"label": said.label, "regions": [region.document() for region in said.regions]}
        for digest, said in read_labels(case["file"].encode()).items()
    }
    assert found == case["labels"]


@pytest.mark.parametrize("case", VECTORS["refusedLabels"])
def test_a_labels_file_is_refused_with_its_line(case: dict[str, str]) -> None:
    with pytest.raises(LabelsRefused) as refusal:
        read_labels(case["file"].encode())
    assert str(refusal.value) == case["message"]


@pytest.mark.parametrize("case", VECTORS["splits"])
def test_a_split_is_the_same_everywhere(case: dict[str, Any]) -> None:
    group_by = GroupBy(case["groupBy"])
    recipe = SplitRecipe(parse_shares(case["shares"]), case["seed"], case["stratified"], group_by)
    units = [
        Unit(
            Digest.parse(one["digest"]),
            one["label"],
            () if group_by is GroupBy.IMAGE else tuple(one["keys"]),
        )
        for one in VECTORS["units"]
    ]
    found = assign_splits(units, recipe)
    assert [found[unit.digest] for unit in units] == case["splits"]
