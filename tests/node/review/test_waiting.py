"""What waits for review, the most urgent first, as the command line tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from node.compose import Node
from node.review.ranking import priority
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
