"""Results and annotations made elsewhere come in by their digests, and go out as they came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzers.exchange.formats import FORMATS
from analyzers.exchange.model import Item
from hashstore.digest import Digest
from node.compose import Node
from node.look.describe import describe
from node.look.resolve import resolve
from node.policy import Principal
from node.review.store import ReviewStore

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

ORCID = "https://orcid.org/0000-0002-1825-0097"


def shown(node: Node, image: Digest) -> dict[str, Any]:
    with node.index() as index:
        return describe(node, index, resolve(node, index, image.uri), Principal.PUBLIC)


def detections(images: list[Digest]) -> bytes:
    """By a program of others: one image by digest, one that nobody knows, one box beyond the edge."""
    names = [f"{images[0].hex}.png", f"{images[1].hex}.png", "nobody.png"]
    boxes = [
        (1, [1, 2, 10, 10], 0.9),
        (1, [5, 5, 9, 9], 0.5),
        (2, [1, 2, 500, 10], 0.9),
        (3, [1, 2, 3, 4], 0.9),
    ]
    return json.dumps(
        {
            "images": [{"id": n, "file_name": name} for n, name in enumerate(names, 1)],
            "categories": [{"id": 7, "name": "Carabidae"}],
            "annotations": [
                {"id": n, "image_id": image, "category_id": 7, "bbox": box, "score": score}
                for n, (image, box, score) in enumerate(boxes, 1)
            ],
        }
    ).encode()


def test_results_of_others_are_a_signed_run_tied_to_image_and_model(
    reviewed: Node, images: list[Digest], tmp_path: Path, vasculum: Vasculum
) -> None:
    file, model, root = tmp_path / "found.json", tmp_path / "net.onnx", reviewed.layout.root
    file.write_bytes(detections(images))
    model.write_bytes(b"weights")
    order = ("annotate", "import", file, "--as", "coco", "--analyzer", "beetle-net@2.1", "--model")
    assert vasculum("--node", root, *order, "net=nowhere").code == 2
    said = vasculum("--json", "--node", root, *order, f"net={model}")
    assert said.code == 3
    assert [(one["item"], one["reason"]) for one in said.of("refused")] == [
        (3, "region-outside"), (4, "image-unknown"),
    ]  # fmt: skip
    assert (said.summary["taken"], said.summary["images"]) == (2, 1)
    (run,) = (one for one in shown(reviewed, images[0])["analyses"] if one["analyzer"] == "beetle-net@2.1")
    assert [(one["text"], one["confidence"]) for one in run["findings"]] == [
        ("Carabidae", "0.9"),
        ("Carabidae", "0.5"),
    ]
    identity = json.loads(reviewed.store.read(Digest.parse(run["identity"])))
    assert identity["type"].endswith("#ExternalAnalyzerIdentity")
    assert identity["models"] == {"net": Digest.of(b"weights").uri}
    again = vasculum("--json", "--node", root, *order, f"net={model}")
    assert again.code == 1
    assert [one["reason"] for one in again.of("refused")][:2] == ["already-there"] * 2
    reproduced = vasculum("--node", root, "reproduce", run["run"])
    assert reproduced.code == 1
    assert "made elsewhere" in reproduced.err
    assert vasculum("--node", root, "verify", "--deep").code == 0


def test_annotations_of_people_wait_for_review_and_go_out_as_they_came(
    reviewed: Node, images: list[Digest], tmp_path: Path, vasculum: Vasculum
) -> None:
    root, file, out = reviewed.layout.root, tmp_path / "said.json", tmp_path / "out.json"
    label = {"kind": "label", "region": "xywh=pixel:1,2,20,20", "text": "Quercus", "language": "la"}
    taxon = {"kind": "taxon", "term": "https://example.org/q", "confidence": "0.9"}
    stamp = {"kind": "stamp", "region": "polygon=pixel:1,1 9,1 5,5"}
    day = "2026-11-23T08:00:00Z"
    given = [
        Item(1, images[0].uri, label, None, "describing", ORCID, day),
        Item(2, images[1].uri, taxon, None, "identifying", ORCID, day),
        Item(3, images[1].uri, stamp, None, "tagging", "maria@museum.example", day),
    ]
    file.write_bytes(FORMATS["w3c"].write(given).data)
    said = vasculum("--json", "--node", root, "annotate", "import", file, "--as", "w3c")
    assert said.code == 3
    assert [(one["item"], one["reason"]) for one in said.of("refused")] == [(3, "agent-unknown")]
    twice = vasculum("--json", "--node", root, "annotate", "import", file, "--as", "w3c")
    assert [one["reason"] for one in twice.of("refused")] == ["duplicate", "duplicate", "agent-unknown"]
    names = [one.name.uri for one in ReviewStore(reviewed.layout.reviews).annotations()]
    assert vasculum("--node", root, "review", "accept", *names).code == 0
    assert vasculum("--node", root, "review", "publish").code == 0
    order = ("annotate", "export", "--to", out, "--by", "people", "--as")
    assert vasculum("--json", "--node", root, *order, "w3c", "--accepted").summary["items"] == 2
    found = {one.image: one for one in FORMATS["w3c"].read(out.read_bytes()) if isinstance(one, Item)}
    for item in given[:2]:
        back = found[item.image]
        assert (back.finding, back.motivation, back.agent, back.created) == (
            item.finding, item.motivation, item.agent, item.created,
        )  # fmt: skip
        assert back.name in names
    coco = vasculum("--json", "--node", root, *order, "coco").summary
    assert coco["lost"] == {"agent": 2, "created": 2, "language": 1, "motivation": 2, "term": 1}
    published = vasculum("--json", "--node", root, "annotate", "import", file, "--as", "w3c")
    assert [one["reason"] for one in published.of("refused")] == ["duplicate", "duplicate", "agent-unknown"]
