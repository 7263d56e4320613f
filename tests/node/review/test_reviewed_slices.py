"""Slices by what is found in images: of the logs in their state alone, and the same on every node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from hashstore.digest import Digest
from manifests.errors import FilterRefused
from manifests.filter import read_filter
from manifests.members import MemberList
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from node.review.deciding import Order, decide
from node.review.publish import publish_reviews
from node.review.rules import Agent, Standing
from node.review.saying import Saying, say
from node.search.generation import hide_withdrawn
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.slices.create import create_slice
from node.slices.gone import Extent
from node.slices.known import KnownSlice, resolved_anew, slice_at
from node.slices.members import resolve_members
from node.withdrawal.publish import Order as Withdrawing
from node.withdrawal.publish import withdraw
from provenance.statement.kinds.withdrawal import Reason

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

Follow = Callable[[Node, Node], None]


@pytest.fixture
def birch(tmp_path: Path) -> Node:
    """Another institution."""
    return create_node(Layout(tmp_path / "birch"), "Birch Herbarium", "birch.test/log")


def made(node: Node, text: str, *origins: str) -> KnownSlice:
    with node.writing():
        return create_slice(node, text, read_filter(text), origins)


def anew(node: Node, known: KnownSlice) -> MemberList:
    with node.index() as index:
        return resolved_anew(node, index, slice_at(node, index, known.digest))


def of_state(node: Node, text: str, size: int) -> int:
    with node.index() as index:
        return len(resolve_members(index, read_filter(text), (Extent(0, size),)))


def finding(node: Node, image: Digest, kind: str) -> str:
    with node.index() as index:
        row = index.rows("SELECT key, place FROM finding WHERE digest = ? AND kind = ?", [image.raw, kind])[0]
    return f"{Digest(row['key']).uri}#{row['place']}"


def test_another_node_comes_to_the_same_members_by_what_is_found(
    reviewed: Node, images: list[Digest], reviewer: Agent, birch: Node, follow: Follow
) -> None:
    follow(birch, reviewed)
    decide(birch, Order(finding(birch, images[0], "width"), Standing.ACCEPTED, reviewer))
    publish_reviews(birch)
    say(reviewed, Saying(images[1], "tagging", "stamp", "xywh=pixel:1,1,5,5", confidence="0.9"), reviewer)
    publish_reviews(reviewed)
    follow(reviewed, birch)
    own, other = reviewed.config.identity.origin, birch.config.identity.origin
    expected = {
        "width>41": 2,
        "width:40..41 AND by:image-facts": 2,
        "width>0 AND by:image-facts@999": 0,
        "has:stamp": 1,
        "has:stamp AND finding:machine": 0,
        "has:stamp AND confidence>=0.8 AND finding:human": 1,
        "NOT has:stamp": 3,
        "width>0 AND accepted:yes": 1,
        "width>0 AND accepted:no": 3,
    }
    slices = {text: made(reviewed, text, own, other) for text in expected}
    follow(birch, reviewed)
    for text, count in expected.items():
        members = anew(birch, slices[text])
        assert (len(members), members.root) == (count, slices[text].slice.members_root), text
    # Birch alone has accepted anything: in a state without its log, nobody has.
    assert made(reviewed, "accepted:yes", own).slice.count == 0
    assert made(reviewed, "accepted:yes", own, other).slice.count == 1


def test_what_was_found_later_or_withdrawn_later_changes_no_slice(
    reviewed: Node, images: list[Digest], birch: Node, follow: Follow
) -> None:
    size = reviewed.reader.head().size
    with reviewed.index() as index:
        (first,) = index.rows("SELECT min(log_index) AS n FROM own_leaf WHERE table_name = 'finding'")
    assert of_state(reviewed, "width:*", size) == 4
    assert of_state(reviewed, "width:*", first["n"]) == 0
    assert of_state(reviewed, "NOT width:*", first["n"]) == 4
    before = made(reviewed, "width:*")
    withdraw(reviewed, Withdrawing(images[0].uri, Reason.PERSONAL_DATA))
    follow(birch, reviewed)
    after = made(reviewed, "width:*")
    follow(birch, reviewed)
    assert (before.slice.count, after.slice.count) == (4, 3)
    assert anew(birch, after).root == after.slice.members_root
    for node in (reviewed, birch):
        assert anew(node, before).root == before.slice.members_root


def test_every_command_that_takes_a_filter_takes_what_is_found(reviewed: Node, vasculum: Vasculum) -> None:
    call = ("--json", "--node", reviewed.layout.root)
    said = vasculum(*call, "analyze", "image-facts", "--filter", "width>41")
    assert (said.code, said.summary["images"], said.summary["before"]) == (0, 2, 2)
    assert vasculum(*call, "slice", "create", "wide", "--filter", "width>41").summary["members"] == 2
    refused = vasculum("--node", reviewed.layout.root, "search", "country:BE AND sharpness<blurred")
    assert refused.code == 2
    assert "line 1, column 26: 'blurred' is no number" in refused.err


def test_search_finds_records_by_what_is_said_of_their_images(
    tracked_copy: Node, reviewer: Agent, vasculum: Vasculum
) -> None:
    node = tracked_copy
    call = ("--json", "--node", node.layout.root, "search")
    hit = next(one for one in vasculum(*call).of("record") if one["images"])
    image = Digest.parse(hit["images"][0])
    saying = Saying(image, "tagging", "stamp", "xywh=pixel:1,1,5,5", text="Herbier Crépin", confidence="0.9")
    say(node, saying, reviewer)
    publish_reviews(node)
    told = vasculum(*call, "has:stamp", "--facet", "analyzer")
    client = TestClient(make_api(LiveNode(node.layout), Metrics()))
    found = asked(client, q="has:stamp confidence>=0.8", facet="finding")
    shown = [one["row"] for one in found["hits"] if hit["images"][0] in one["images"]]
    assert hit["row"] in shown
    assert len(shown) == found["records"]
    assert found["text"] == "finding(has:stamp AND confidence>=0.8)"
    assert found["facets"][0]["values"] == [{"value": "stamp", "records": found["records"]}]
    assert asked(client, q="finding(crepin herbier)")["records"] == found["records"]
    assert asked(client, q="has:stamp confidence>0.9")["records"] == 0
    refused = client.get("/api/search", params={"q": "finding:robot"})
    assert (refused.status_code, refused.json()["where"]) == (400, "line 1, column 9")
    assert told.summary["records"] == found["records"]
    with node.index() as index:
        (leaf,) = index.rows("SELECT segment FROM leaf WHERE table_name = 'annotation'")
    withdraw(node, Withdrawing(f"{Digest(leaf['segment']).uri}#row=1", Reason.RIGHTS))
    hide_withdrawn(node)
    assert asked(client, q="has:stamp")["records"] == 0
    with pytest.raises(FilterRefused):
        read_filter('{"eq":{"field":"has","value":"stamp"}}')


def asked(client: TestClient, **parameters: Any) -> Any:
    return client.get("/api/search", params=parameters).json()
