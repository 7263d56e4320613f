"""Slices between two nodes, over real HTTP: chosen, mirrored, claimed, located, audited, repaired."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from node.compose import Node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.slices.conftest import Serve

pytestmark = pytest.mark.slow


def _post(url: str, body: Any) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, method="POST"), timeout=90) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_slice_is_mirrored_claimed_located_audited_and_repaired(
    alder: Node, birch: Node, serve: Serve, vasculum: Vasculum
) -> None:
    a, b = alder.layout.root, birch.layout.root
    chosen = vasculum("--node", a, "--json", "slice", "create", "plants", "--taxon", "Plantae").items[-1]
    assert chosen["members"] > 5
    url = serve(alder)
    assert vasculum("--node", b, "peer", "add", url).code == 0
    assert vasculum("--node", b, "sync").code == 0

    # The follower comes to the same members from the rows alone, and makes the same slice of the same state.
    shown = vasculum("--node", b, "--json", "slice", "show", "plants", "--check", "--members")
    assert shown.code == 0, shown.err
    members = [item["digest"] for item in shown.of("member")]
    assert len(members) == chosen["members"]
    origin = alder.config.identity.origin
    again = ("--node", b, "--json", "slice", "create", "mine", "--taxon", "plantae", "--log", origin)
    assert vasculum(*again).items[-1]["membersRoot"] == chosen["membersRoot"]

    assert vasculum("--node", b, "replicas").code == 3
    assert vasculum("--node", b, "mirror", "add", "--slice", "plants", "--quota", "10").code == 1
    assert vasculum("--node", b, "mirror", "add", "--slice", chosen["slice"], "--quota", "2TB").code == 0
    run = vasculum("--node", b, "--json", "mirror", "run")
    assert run.code == 0, run.err
    (done,) = run.of("mirror")
    assert (done["held"], done["fetched"]) == (len(members), len(members))
    assert done["claim"] is not None
    assert all(birch.store.contains(Digest.parse(one)) for one in members)
    quiet = vasculum("--node", b, "--json", "mirror", "run").of("mirror")[0]
    assert (quiet["fetched"], quiet["claim"]) == (0, None)

    # The first institution follows the second, and finds its claim.
    other = serve(birch)
    assert vasculum("--node", a, "peer", "add", other).code == 0
    assert vasculum("--node", a, "sync").code == 0
    located = vasculum("--node", a, "--json", "locate", members[0]).of("holder")
    assert [(one["how"], one["origin"]) for one in located] == [
        ("held", origin),
        ("claimed", birch.config.identity.origin),
    ]
    copies = {item["name"]: item for item in vasculum("--node", a, "--json", "replicas").of("replicas")}
    assert (copies["plants"]["copies"], copies["plants"]["short"]) == (2, False)

    audited = vasculum("--node", a, "--json", "audit", other, "--draws", "40")
    assert audited.code == 0, audited.err
    assert audited.of("audit")[0]["right"] == 40

    # A damaged and a lost image come back from the peer.
    birch.store.remove(Digest.parse(members[0]))
    path = birch.active.path(Digest.parse(members[1]))
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    assert vasculum("--node", b, "verify").code == 4
    repaired = vasculum("--node", b, "--json", "repair")
    assert (repaired.code, repaired.summary["repaired"]) == (0, 2), repaired.err
    assert vasculum("--node", b, "verify", "--deep").code == 0

    # A claimant that lost images is found out, and counts for nothing from then on.
    for one in members[: len(members) // 2]:
        birch.store.remove(Digest.parse(one))
    audited = vasculum("--node", a, "--json", "audit", birch.config.identity.origin, "--draws", "40")
    assert audited.code == 4
    assert audited.of("audit")[0]["verdict"] == "failed"
    assert set(audited.of("audit")[0]["failed"]) <= set(members[: len(members) // 2])
    located = vasculum("--node", a, "--json", "locate", members[-1]).of("holder")
    assert [one["how"] for one in located] == ["held"]
    assert vasculum("--node", a, "replicas").code == 3


def test_the_server_answers_who_holds_what_and_audits(alder: Node, serve: Serve) -> None:
    with alder.index() as index:
        row = index.one("SELECT digest FROM capture WHERE role = 'image' AND digest IS NOT NULL")
    assert row is not None
    digest = Digest(row["digest"])
    url = serve(alder)
    unknown = Digest.of(b"nothing")
    status, answer = _post(f"{url}/locate", {"digests": [digest.uri, unknown.uri]})
    assert status == 200
    assert [one["how"] for one in answer["holders"][digest.uri]] == ["held"]
    assert answer["holders"][unknown.uri] == []
    status, answer = _post(f"{url}/audit", {"digest": digest.uri, "pieces": [0]})
    assert (status, answer["size"]) == (200, alder.store.size(digest))
    body: Any
    for body in (b"", b"[]", {"digests": []}, {"digests": ["x"]}, {"digests": [7]}):
        assert _post(f"{url}/locate", body)[0] == 400
    for body in (b"", {"digest": digest.uri, "pieces": []}, {"digest": digest.uri, "pieces": [-1]}):
        assert _post(f"{url}/audit", body)[0] == 400
    for body in ({"digest": unknown.uri, "pieces": [0]}, {"digest": digest.uri, "pieces": [10**9]}):
        assert _post(f"{url}/audit", body)[0] == 404
