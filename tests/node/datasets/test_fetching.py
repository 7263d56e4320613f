"""A second node, given a dataset's digest and one peer, has it byte for byte, or is told what it has not."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hashstore.blobstore import add_bytes
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.members import MemberList
from node.compose import Node
from node.datasets.known import find_dataset, given_dataset, members_of_dataset
from node.publish import append, publish, signed
from provenance.keys import SigningKey
from provenance.statement import issue, new_statement_id, parse_statement
from provenance.statement.kinds import DatasetCitation

if TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.node.conftest import Served, Vasculum
    from tests.node.datasets.conftest import Dataset


@pytest.fixture(scope="module")
def url(
    made_once: tuple[Path, dict[str, Any]], serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Where alder, as it was when it had made the dataset, is served."""
    root = tmp_path_factory.mktemp("served") / "alder"
    shutil.copytree(made_once[0], root)
    return str(serve(root, "--no-jobs").url)


def manifest(node: Node, oaks: dict[str, Any]) -> bytes:
    return node.store.read(Digest.parse(oaks["manifest"]))


def another_port() -> int:
    """A second server in one test needs a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_served(url: str, digest: str) -> None:
    """A server takes a moment until it knows what has come into the log."""
    until = time.monotonic() + 30
    while httpx.get(f"{url}/blob/sha256/{digest.rpartition('/')[2]}").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.slow
def test_an_empty_node_that_follows_the_log_makes_the_same_manifest(
    alder: Node,
    birch: Node,
    oaks: dict[str, Any],
    url: str,
    vasculum: Vasculum,
    dataset: Dataset,
    tmp_path: Path,
) -> None:
    assert vasculum("--node", birch.layout.root, "peer", "add", url).code == 0
    assert vasculum("--node", birch.layout.root, "sync").code == 0
    said = dataset(birch, "fetch", oaks["dataset"])
    assert said.code == 0, said.err
    assert said.summary["identical"]
    assert said.summary["missing"] == 0
    assert len(said.of("blob")) == 24
    assert manifest(birch, oaks) == manifest(alder, oaks)
    again = dataset(birch, "fetch", "All of it")
    assert {one["outcome"] for one in again.of("blob")} == {"here"}
    cited = [vasculum("--node", node.layout.root, "cite", oaks["dataset"]).out for node in (alder, birch)]
    assert cited[0] == cited[1]
    bundle = tmp_path / "bundle.json"
    vasculum("--node", birch.layout.root, "cite", oaks["dataset"], "--format", "bundle", "--output", bundle)
    assert vasculum("verify-citation", bundle, "--trust", str(alder.log_key)).code == 0
    listed = dataset(birch, "ls").of("dataset")
    assert [one["origin"] for one in listed] == [alder.log_key.name]
    refused = dataset(birch, "refresh", "All of it")
    assert (refused.code, "made by Test Herbarium" in refused.err) == (1, True)


def test_a_digest_and_one_peer_are_enough(
    alder: Node, birch: Node, oaks: dict[str, Any], url: str, dataset: Dataset
) -> None:
    stranger = dataset(birch, "fetch", oaks["dataset"], "--from", url, "--no-images")
    assert (stranger.code, stranger.summary["followed"], stranger.summary["identical"]) == (3, False, False)
    assert "does not follow" in stranger.summary["notRebuilt"]
    assert manifest(birch, oaks) == manifest(alder, oaks)
    # What was only given to this node can be cited, though nothing proves it.
    with birch.index() as index:
        known = find_dataset(birch, index, oaks["dataset"])
    assert (known.log, known.version.title) == (None, "All of it")
    followed = dataset(birch, "fetch", oaks["dataset"], "--from", url, "--follow")
    assert followed.code == 0, followed.err
    assert followed.summary["identical"]
    checked = dataset(birch, "show", "All of it", "--check")
    assert (checked.code, checked.summary["identical"]) == (0, True)


def test_clone_brings_a_dataset_with_its_images(
    alder: Node, birch: Node, oaks: dict[str, Any], url: str, vasculum: Vasculum
) -> None:
    assert vasculum("--node", birch.layout.root, "clone", oaks["dataset"], "--from", url).code == 0
    known = given_dataset(birch, Digest.parse(oaks["dataset"]))
    assert known is not None
    assert all(birch.store.contains(member.digest) for member in members_of_dataset(birch, known))


@pytest.mark.slow
def test_what_is_published_is_listed_by_whoever_follows(
    alder: Node,
    birch: Node,
    oaks: dict[str, Any],
    vasculum: Vasculum,
    dataset: Dataset,
    served: Served,
) -> None:
    hex_ = oaks["dataset"].rpartition("/")[2]
    with served(alder.layout.root) as url:
        assert httpx.get(f"{url}/api/datasets").json() == {"datasets": []}
        assert httpx.get(f"{url}/.well-known/vasculum").json()["endpoints"]["datasets"] == "/api/datasets"
        assert httpx.get(f"{url}/api/datasets/{hex_}").json()["title"] == "All of it"
        assert dataset(alder, "publish", "All of it").summary["published"]
        assert not dataset(alder, "publish", "All of it").summary["published"]
        cited = dataset(alder, "cited", "All of it", "--by", "10.1234/a").summary["statement"]
        until_served(url, cited)
        assert vasculum("--node", birch.layout.root, "peer", "add", url).code == 0
        assert vasculum("--node", birch.layout.root, "sync").code == 0
    with served(birch.layout.root, another_port()) as follower:
        listed = httpx.get(f"{follower}/api/datasets").json()["datasets"]
        assert [(one["dataset"], one["published"]) for one in listed] == [
            (oaks["dataset"], [alder.log_key.name])
        ]
        told = httpx.get(f"{follower}/api/datasets/{hex_}").json()
        assert [one["work"] for one in told["citedBy"]] == ["https://doi.org/10.1234/a"]
        for unknown in ("0" * 64, "nonsense", hex_[:12]):
            assert httpx.get(f"{follower}/api/datasets/{unknown}").status_code == 404
            assert httpx.get(f"{follower}/api/datasets/{unknown}/manifest").status_code == 404


@pytest.mark.slow
def test_a_withdrawn_member_is_not_handed_on_and_the_rest_is(
    alder: Node, birch: Node, oaks: dict[str, Any], vasculum: Vasculum, dataset: Dataset, served: Served
) -> None:
    with alder.index() as index:
        members = list(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"])))
    gone = members[4]
    root = alder.layout.root
    assert vasculum("--node", root, "withdraw", gone.digest.hex, "--reason", "rights").code == 0
    with served(root) as url:
        assert httpx.get(f"{url}/blob/sha256/{oaks['manifest'].rpartition('/')[2]}").status_code == 410
        assert httpx.get(f"{url}/blob/sha256/{oaks['datasheet'].rpartition('/')[2]}").status_code == 410
        said = dataset(birch, "fetch", oaks["dataset"], "--from", url, "--follow")
    assert said.code == 3, said.err
    assert said.summary["notRebuilt"]
    brought = {one["digest"]: one["outcome"] for one in said.of("blob")}
    assert brought == {one.digest.uri: "fetched" for one in members if one != gone}
    assert not birch.store.contains(gone.digest)
    assert not birch.store.contains(Digest.parse(oaks["manifest"]))
    shown = birch.layout.shown_manifest(Digest.parse(oaks["dataset"])).read_bytes()
    assert gone.digest.hex.encode() not in shown
    assert shown.count(b'{"leaf":') == 1
    listed = dataset(birch, "show", "All of it", "--members")
    assert len(listed.of("member")) == 23


@pytest.mark.slow
def test_a_member_that_vanished_is_named_and_comes_the_second_time(
    alder: Node, birch: Node, oaks: dict[str, Any], dataset: Dataset, served: Served
) -> None:
    with alder.index() as index:
        lost = next(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"]))).digest
    data = alder.store.read(lost)
    alder.store.remove(lost)
    with served(alder.layout.root) as url:
        said = dataset(birch, "fetch", oaks["dataset"], "--from", url, "--follow")
        assert (said.code, said.summary["missing"]) == (3, 1)
        assert [one["digest"] for one in said.of("blob") if one["outcome"] == "nowhere"] == [lost.uri]
        assert said.summary["identical"]
        add_bytes(alder.store, data)
        again = dataset(birch, "fetch", oaks["dataset"])
        assert again.code == 0, again.err
        assert [one["digest"] for one in again.of("blob") if one["outcome"] == "fetched"] == [lost.uri]


class Static:
    """A web server that has some blobs and nothing else, as a hostile one might."""

    def __init__(self, blobs: dict[str, bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = blobs.get(self.path.rpartition("/")[2])
                self.send_response(404 if data is None else 200)
                self.send_header("content-length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            do_POST = do_GET  # noqa: N815 - the name that http.server asks for

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def hostile_blobs(alder: Node, oaks: dict[str, Any], **changed: Any) -> tuple[str, dict[str, bytes]]:
    """The dataset with another statement, signed by a key of its own, and all that it names."""
    document = {**parse_statement(alder.store.read(Digest.parse(oaks["dataset"]))).unsigned, **changed}
    key = SigningKey(b"h" * 32)
    document.setdefault("wasAttributedTo", key.public.did)
    statement = issue(document, key, parse_time(document["generatedAtTime"]))
    chosen = parse_statement(alder.store.read(Digest.parse(document["slice"])))
    named = [document["slice"], document["manifest"], document["datasheet"], chosen.document["memberList"]]
    blobs = {Digest.parse(one).hex: alder.store.read(Digest.parse(one)) for one in named}
    blobs[statement.digest.hex] = statement.raw
    return statement.digest.hex, blobs


def parse_time(text: str) -> Any:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"memberCount": "23"}, "its manifest has 24 under"),
        ({"manifestRoot": "hash://sha256/" + "0" * 64}, "its manifest has 24 under"),
        ({"wasAttributedTo": SigningKey(b"o" * 32).public.did}, "not signed by whom it names"),
        ({"metric": ["F1", "mAP"]}, "metric, which must be one text"),
    ],
)
def test_a_dataset_that_does_not_hold_is_refused(
    changed: dict[str, Any], message: str, alder: Node, birch: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    own = {"wasAttributedTo": SigningKey(b"h" * 32).public.did}
    name, blobs = hostile_blobs(alder, oaks, **{**own, **changed})
    server = Static(blobs)
    said = dataset(birch, "fetch", name, "--from", server.url, "--no-images")
    assert said.code == 1
    assert message in said.err
    server.server.shutdown()


def test_what_is_no_datasheet_is_refused_and_read_by_nobody(
    alder: Node, birch: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    own = {"wasAttributedTo": SigningKey(b"h" * 32).public.did}
    add_bytes(alder.store, b'{"members":24}')
    name, blobs = hostile_blobs(alder, oaks, **own, datasheet=Digest.of(b'{"members":24}').uri)
    server = Static(blobs)
    said = dataset(birch, "fetch", name, "--from", server.url, "--no-images")
    assert (said.code, "datasheet" in said.err) == (1, True)
    server.server.shutdown()


def test_works_that_no_page_could_link_to_are_not_told(
    alder: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    said = DatasetCitation(
        new_statement_id(), alder.identity.public, Digest.parse(oaks["dataset"]),
        ("javascript:alert(1)", "https://doi.org/10.1234/Oaks", "https://doi.org/10.1234/oaks"), None,
        parse_time("2026-11-23T08:00:00+00:00"),
    )  # fmt: skip
    with alder.writing():
        publish(alder, said.document())
    assert [one["work"] for one in dataset(alder, "show", "All of it").summary["citedBy"]] == [
        "https://doi.org/10.1234/oaks"
    ]


def test_other_bytes_than_were_named_are_thrown_away(
    alder: Node, birch: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    own = {"wasAttributedTo": SigningKey(b"h" * 32).public.did}
    name, blobs = hostile_blobs(alder, oaks, **own)
    blobs[Digest.parse(oaks["manifest"]).hex] = blobs[Digest.parse(oaks["manifest"]).hex].replace(
        b"train", b"trail"
    )
    server = Static(blobs)
    said = dataset(birch, "fetch", name, "--from", server.url, "--no-images")
    assert said.code == 1
    assert not birch.store.contains(Digest.parse(oaks["manifest"]))
    server.server.shutdown()


def test_members_that_the_slice_does_not_have_are_found_out(
    alder: Node, birch: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    """Somebody signs a slice with fewer members under the same filter; the manifest has one more."""
    with alder.index() as index:
        members = [
            one.digest for one in members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"]))
        ]
    fewer = MemberList.of(members[1:])
    key = SigningKey(b"h" * 32)
    chosen = parse_statement(alder.store.read(Digest.parse(oaks["slice"]))).unsigned
    chosen |= {
        "memberList": Digest.of(fewer.data).uri,
        "membersRoot": fewer.root.uri,
        "memberCount": "23",
        "wasAttributedTo": key.public.did,
    }
    statement = issue(chosen, key, parse_time(chosen["generatedAtTime"]))
    own = {"wasAttributedTo": key.public.did, "slice": statement.digest.uri}
    add_bytes(alder.store, statement.raw)
    add_bytes(alder.store, fewer.data)
    name, blobs = hostile_blobs(alder, oaks, **own)
    server = Static(blobs)
    said = dataset(birch, "fetch", name, "--from", server.url, "--no-images")
    assert (said.code, "1 members of the dataset" in said.err) == (1, True)
    server.server.shutdown()


@pytest.mark.slow
def test_what_was_made_from_a_dataset_is_told_by_whoever_follows_both(
    alder: Node, birch: Node, oaks: dict[str, Any], url: str, vasculum: Vasculum, dataset: Dataset
) -> None:
    assert vasculum("--node", birch.layout.root, "peer", "add", url).code == 0
    assert vasculum("--node", birch.layout.root, "sync").code == 0
    with birch.writing():
        training = {
            "@context": parse_statement(birch.store.read(Digest.parse(oaks["dataset"]))).document["@context"],
            "id": "urn:uuid:99999999-9999-4999-8999-999999999999",
            "type": ["Activity", "https://herbarium.example/terms#Training"],
            "endedAtTime": "2026-11-23T08:00:00+00:00",
            "used": [oaks["dataset"]],
        }
        statement = signed(birch, training)
        append(birch, [statement])
    (use,) = dataset(birch, "show", "All of it").summary["madeFromIt"]
    assert use == {
        "statement": statement.digest.uri,
        "kind": "https://herbarium.example/terms#Training",
        "origin": "birch.test/log",
        "terms": ["used"],
    }
    assert canonical_json(json.loads(json.dumps(use)))
