"""Segments of a class, as they were found in the images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hashstore.digest import Digest
from node.compose import Node
from node.datasets.known import find_dataset, members_of_dataset

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.datasets.conftest import Dataset

_OUTLINE = "polygon=pixel:5,5 60,5 60,50"


def _found(image: Digest, label: str, region: str | None, confidence: str) -> dict[str, Any]:
    said = {"image": image.uri, "kind": "object", "text": label, "confidence": confidence}
    return said if region is None else {**said, "region": region}


def _marks(images: list[Digest]) -> list[dict[str, Any]]:
    """What a program found: seals, a mark of which it is less sure, one without a place, and a kind."""
    return [
        *(_found(image, "seal", "xywh=pixel:10,20,30,40", "0.9") for image in images[:4]),
        _found(images[3], "seal", _OUTLINE, "0.9"),
        _found(images[4], "seal", "xywh=pixel:1,2,3,4", "0.3"),
        _found(images[5], "seal", None, "0.9"),
        {"image": images[6].uri, "kind": "ruler", "region": "mask=pixel:7,8,2,1;0 2", "confidence": "0.9"},
    ]


def test_segments_of_a_class_are_those_that_were_found(
    alder: Node, dataset: Dataset, vasculum: Vasculum, tmp_path: Path
) -> None:
    with alder.index() as index:
        images = [one.digest for one in members_of_dataset(alder, find_dataset(alder, index, "All of it"))]
    file = tmp_path / "marks.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in _marks(images)))
    brought = vasculum(
        "--node", alder.layout.root, "--json", "annotate", "import", file, "--as", "jsonl",
        "--analyzer", "mark-net@1", "--model", f"weights={Digest.of(b'weights')}",
    )  # fmt: skip
    assert brought.code == 0, brought.err
    wishes = ("--license", "CC-BY-NC-4.0", "--segments", "seal")
    made = dataset(alder, "create", "--title", "Seals", *wishes, "--found", "by:mark-net AND confidence>=0.8")
    assert made.code == 0, made.err
    listed = {
        one["digest"]: one["regions"] for one in dataset(alder, "show", "Seals", "--members").of("member")
    }
    box = {"box": [10, 20, 30, 40], "label": "seal"}
    outline = {"label": "seal", "polygon": [[5, 5], [60, 5], [60, 50]]}
    assert listed == {**{one.uri: [box] for one in images[:3]}, images[3].uri: [outline, box]}

    every = dataset(alder, "create", "--title", "All seals", *wishes)
    assert every.summary["members"] == 5
    rulers = dataset(
        alder, "create", "--title", "R", "--license", "CC-BY-NC-4.0", "--segments", "ruler", "--dry-run"
    )
    assert rulers.summary["members"] == 1

    exported = dataset(alder, "export", "Seals", "--format", "coco", "--to", tmp_path / "coco")
    assert exported.code == 0, exported.err
    (instances,) = (tmp_path / "coco" / "annotations").glob("*.json")
    drawn = json.loads(instances.read_text())
    assert [one["name"] for one in drawn["categories"]] == ["seal"]
    assert sorted(one["bbox"] for one in drawn["annotations"]).count([10, 20, 30, 40]) == 4
    _check_refusals(alder, dataset, wishes, tmp_path)


def _check_refusals(alder: Node, dataset: Dataset, wishes: tuple[str, ...], folder: Path) -> None:
    nothing = dataset(alder, "create", "--title", "X", *wishes, "--found", "by:nobody")
    assert (nothing.code, "Nothing of this was found" in nothing.err) == (1, True)
    crooked = dataset(alder, "create", "--title", "X", *wishes, "--found", "has:seal) OR (has:x")
    assert (crooked.code, "parentheses" in crooked.err) == (2, True), crooked.err
    of_records = dataset(alder, "create", "--title", "X", *wishes, "--found", "country:BE")
    assert of_records.code == 2
    (folder / "labels.csv").write_text("digest,label\n")
    both = dataset(
        alder, "create", "--title", "X", *wishes, "--found", "ALL", "--labels", folder / "labels.csv"
    )
    assert both.code == 2
