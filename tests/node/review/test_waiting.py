"""What waits for review, the most urgent first, as the command line tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from node.compose import Node
from node.review.ranking import priority
from node.review.records import is_type, records_of
from node.review.rules import Agent
from node.review.saying import Saying, say

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

shares = st.floats(0, 1)
counts = st.integers(1, 10**6)


@given(shares, counts, st.booleans(), shares, counts, st.booleans())
def test_what_is_surer_commoner_and_no_type_never_comes_first(
    sure: float, many: int, kind: bool, surer: float, more: int, other: bool
) -> None:
    low, high = sorted((sure, surer))
    few, lots = sorted((many, more))
    first = priority(low, few, is_type=kind or other)
    second = priority(high, lots, is_type=kind and other)
    assert first.score >= second.score
    assert priority("0", 10**6, is_type=True).score > priority("0", 10**6, is_type=False).score
    assert 0 <= second.score <= 4


def test_what_contradicts_a_record_waits_and_types_come_first(
    tracked_copy: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    """The records of the drawn museum beside barcodes and labels that somebody misread."""
    root, file = tracked_copy.layout.root, tmp_path / "read.jsonl"
    with tracked_copy.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM capture WHERE role = 'image' AND access = 'public'")
        shown = records_of(index, [Digest(row["digest"]) for row in rows if row["digest"]])
    single = {image: records[0] for image, records in shown.items() if len(records) == 1}
    assert len(single) > 15
    items = []
    for place, (image, record) in enumerate(sorted(single.items())):
        number = record["catalogNumber"] if place else "MDS99999999"
        items += [{"image": image.uri, "kind": "barcode", "text": number}]
        items += [{"image": image.uri, "kind": "line", "text": "Suriname:", "confidence": "0.9"}]
    file.write_text("".join(json.dumps(item) + "\n" for item in items))
    made = ("--analyzer", "reader@1", "--task", "read", "--model", f"net={Digest.of(b'net').uri}")
    assert vasculum("--node", root, "annotate", "import", file, "--as", "jsonl", *made).code == 0
    (wrong,) = vasculum("--json", "--node", root, "review", "ls", "--reason", "barcode-mismatch").of(
        "waiting"
    )
    first = min(single)
    assert (wrong["said"], wrong["recorded"]) == ("MDS99999999", single[first]["catalogNumber"])
    assert (wrong["column"], wrong["image"]) == ("catalogNumber", first.uri)
    told = vasculum("--json", "--node", root, "review", "ls", "--reason", "country-mismatch").of("waiting")
    assert {one["image"] for one in told} == {image.uri for image in single}
    kinds = [is_type([single[Digest.parse(one["image"])]]) for one in told]
    assert kinds == sorted(kinds, reverse=True)
    assert kinds[0]
    assert vasculum("--node", root, "review", "reject", wrong["subject"], "--note", "Misread.").code == 0
    again = vasculum("--json", "--node", root, "review", "ls", "--reason", "barcode-mismatch")
    assert again.summary["waiting"] == 0


def test_what_contributors_said_waits_until_it_is_decided(
    reviewed: Node, images: list[Digest], contributor: Agent, vasculum: Vasculum
) -> None:
    root = reviewed.layout.root
    names = [
        say(reviewed, Saying(images[n], "describing", "label", text=text, confidence=sure), contributor).uri
        for n, (text, sure) in enumerate((("sure", "0.9"), ("unsure", "0.1"), ("silent", None)))
    ]
    told = vasculum("--json", "--node", root, "review", "ls")
    assert [item["said"] for item in told.of("waiting")] == ["unsure", "silent", "sure"]
    assert told.summary == {"waiting": 3, "shown": 3}
    assert vasculum("--node", root, "review", "accept", names[0], "--agent", contributor.iri).code == 2
    assert vasculum("--node", root, "review", "accept", names[0], names[1], "0123").code == 3
    amended = vasculum(
        "--json", "--node", root, "review", "amend", names[2], "--text", "Said.", "--note", "Why"
    )
    assert amended.items[0]["standing"] == "amended"
    published = vasculum("--json", "--node", root, "review", "publish").summary
    assert {name: published[name] for name in ("annotations", "reviews", "waiting", "dropped")} == {
        "annotations": 4, "reviews": 3, "waiting": 0, "dropped": 0,
    }  # fmt: skip
    assert vasculum("--json", "--node", root, "review", "ls").summary == {"waiting": 0, "shown": 0}
    kinds = vasculum("--json", "--node", root, "review", "ls", "--kind", "width", "--limit", "2")
    assert kinds.summary == {"waiting": 4, "shown": 2}
    (width, _) = kinds.of("waiting")
    assert vasculum("--node", root, "review", "reject", width["subject"]).code == 0
    assert vasculum("--json", "--node", root, "review", "ls", "--kind", "width").summary["waiting"] == 3
