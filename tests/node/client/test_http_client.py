"""The client: what a node publishes, each byte of it checked."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.testing import ScriptedSite, answer
from hashstore.blobstore import DirectoryBlobStore
from hashstore.digest import Digest
from manifests.errors import FilterRefused
from node.client import Client, RemoteDataset, read_ahead
from node.errors import DatasetError, NotFound, PeerError, Withdrawn

if TYPE_CHECKING:
    from tests.node.client.conftest import Publisher


def test_datasets_are_listed_and_found_by_digest(publisher: Publisher, client: Client) -> None:
    (listed,) = client.datasets()
    assert listed["dataset"] == publisher.dataset.uri
    dataset = client.dataset(listed["dataset"])
    assert dataset.description.title == listed["title"]
    assert len(dataset.members) == listed["members"] == dataset.description.count
    assert dataset.hidden == 0
    assert sum(len(dataset.of_split(split)) for split in ("train", "validation", "test")) == listed["members"]
    assert set(dataset.classes) == {member.label for member in dataset.members if member.label}
    assert client.about()["type"] == "VasculumNode"


def test_search_goes_on_from_page_to_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = [hit["row"] for hit in client.search()]
    monkeypatch.setattr("node.client.client._PAGE", 5)
    assert [hit["row"] for hit in client.search()] == everything
    assert [hit["row"] for hit in client.search(most=7)] == everything[:7]
    found = list(client.search("taxon:Orchidaceae", images=True))
    assert 0 < len(found) < len(everything)
    assert all(hit["family"] == "Orchidaceae" and hit["images"] for hit in found)
    counted = client.facets("taxon:Orchidaceae", "family")
    assert counted["records"] >= len(found)
    with pytest.raises(FilterRefused, match="1"):
        list(client.search("taxon:("))
    with pytest.raises(PeerError):
        list(client.search(sort="nonsense"))


@pytest.mark.parametrize(
    "page", [{"hits": [], "next": "again"}, {"hits": None, "next": None}, {"hits": [{}], "next": 1}, {}]
)
def test_pages_that_never_end_are_not_read_for_ever(page: dict[str, Any]) -> None:
    with ScriptedSite() as site:
        client = Client(site.url(""))
        for after in ("", "again"):
            path = f"/api/search?q=&images=false&sort=name&after={after}&limit=200"
            site.on(path, answer(200, json.dumps(page).encode()))
        with pytest.raises(PeerError, match="no page"):
            list(client.search())


def test_images_come_in_order_and_are_what_their_digests_say(client: Client, publisher: Publisher) -> None:
    members = client.dataset(publisher.dataset).members
    given = list(client.images(members, threads=3, ahead=5))
    assert [member for member, _ in given] == list(members)
    assert all(Digest.of(data) == member.digest for member, data in given)


def test_what_the_node_does_not_show_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        client.read(Digest.of(b"nothing here"))
    with pytest.raises(NotFound):
        client.dataset(Digest.of(b"nothing here"))


def test_a_folder_before_the_node_is_asked_first_and_is_not_believed_either(
    publisher: Publisher, tmp_path: Path
) -> None:
    digest = Client(publisher.url).dataset(publisher.dataset).members[0].digest
    data = Client(publisher.url, cache=tmp_path / "blobs").read(digest)
    path = DirectoryBlobStore(tmp_path / "blobs").path(digest)
    assert path.read_bytes() == data
    assert Client("http://127.0.0.1:9", cache=tmp_path / "blobs").read(digest) == data
    path.chmod(0o644)
    path.write_bytes(data[:-1] + b"x")
    with pytest.raises(PeerError):
        Client("http://127.0.0.1:9", cache=tmp_path / "blobs").read(digest)
    assert Client(publisher.url, cache=tmp_path / "blobs").read(digest) == data


def test_a_client_can_be_sent_to_another_process(publisher: Publisher, tmp_path: Path) -> None:
    client = Client(publisher.url)
    digest = client.dataset(publisher.dataset).members[0].digest
    again = pickle.loads(pickle.dumps(client))
    assert again.read(digest) == client.read(digest)


def test_a_node_that_lies_is_not_believed() -> None:
    with ScriptedSite() as site:
        site.on(f"/blob/sha256/{Digest.of(b'true').hex}", answer(200, b"lies"))
        site.on(f"/blob/sha256/{Digest.of(b'gone').hex}", answer(410, b"{}"))
        site.on("/api/datasets", answer(200, b"[]"))
        client = Client(site.url(""))
        with pytest.raises(PeerError, match="other bytes"):
            client.read(Digest.of(b"true"))
        with pytest.raises(Withdrawn):
            client.read(Digest.of(b"gone"))
        with pytest.raises(PeerError, match="no JSON object"):
            client.datasets()


def test_a_manifest_that_is_not_the_statements_is_refused(publisher: Publisher, client: Client) -> None:
    statement = publisher.node.store.read(publisher.dataset)
    members: RemoteDataset = client.dataset(publisher.dataset)
    lines = b"".join(member.line() for member in members.members[:-1])
    with ScriptedSite() as site:
        site.on(f"/blob/sha256/{publisher.dataset.hex}", answer(200, statement))
        site.on(f"/api/datasets/{publisher.dataset.hex}/manifest", answer(200, lines))
        with pytest.raises(DatasetError, match="not the one"):
            Client(site.url("")).dataset(publisher.dataset)


def test_reading_ahead_is_bounded_and_stops_when_nobody_reads() -> None:
    asked: list[Digest] = []

    class Source:
        def read(self, digest: Digest) -> bytes:
            asked.append(digest)
            return digest.raw

    def wanted() -> Iterator[Digest]:
        return (Digest.of(str(number).encode()) for number in range(1000))

    ahead = read_ahead(Source(), wanted(), lambda digest: digest, threads=2, ahead=4)
    assert [next(ahead)[1] for _ in range(3)] == [
        next_.raw for next_, _ in zip(wanted(), range(3), strict=False)
    ]
    ahead.close()  # type: ignore[attr-defined]
    assert len(asked) <= 3 + 4 + 1


def test_the_client_needs_neither_server_nor_database_nor_torch() -> None:
    heavy = ("torch", "duckdb", "fastapi", "granian")
    code = f"import node.client, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
