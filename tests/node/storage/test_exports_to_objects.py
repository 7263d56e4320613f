"""Exports to object storage: whole only with their manifest, and gone on with after a break."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import pytest

from manifests.export.manifest import MANIFEST_NAME
from node.datasets.known import find_dataset, members_of_dataset
from node.storage.address import Bucket, open_bucket, parse_address

if TYPE_CHECKING:
    from node.compose import Node
    from tests.node.conftest import Said, Vasculum
    from tests.node.storage.conftest import S3Server


@pytest.fixture
def place(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server.new_place()


def _objects(place: str) -> dict[str, bytes]:
    address = parse_address(place)
    assert isinstance(address, Bucket)
    store = open_bucket(address)
    names = [meta["path"] for page in obstore.list(store) for meta in page]
    return {name: bytes(obstore.get(store, name).bytes()) for name in names}


def _create(vasculum: Vasculum, node: Node) -> str:
    made = vasculum(
        "--node", node.layout.root, "dataset", "create", "--title", "Sheets", "--license", "CC-BY-NC-4.0",
        "--creators", "Test Herbarium", "--allow-unknown-licenses",
    )  # fmt: skip
    assert made.code == 0, made.err
    return "Sheets"


def test_an_export_to_a_bucket_is_the_same_as_to_a_folder(
    tracked_copy: Node, vasculum: Vasculum, place: str, tmp_path: Path
) -> None:
    title = _create(vasculum, tracked_copy)

    def export(*more: object) -> Said:
        return vasculum("--node", tracked_copy.layout.root, "--json", "dataset", "export", title, *more)

    with tracked_copy.index() as index:
        known = find_dataset(tracked_copy, index, title)
    path = tracked_copy.store.path(next(members_of_dataset(tracked_copy, known)).digest)
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert export("--format", "webdataset", "--to", place).code == 3
    assert MANIFEST_NAME not in _objects(place), "without its manifest there is no export"
    path.write_bytes(data)
    assert export("--format", "webdataset", "--to", place).code == 1, "it is gone on with only if asked"
    done = export("--format", "webdataset", "--to", place, "--resume")
    assert done.code == 0, done.err
    assert export("--format", "webdataset", "--to", tmp_path / "folder").code == 0
    files = [path for path in (tmp_path / "folder").rglob("*") if path.is_file()]
    assert _objects(place) == {str(p.relative_to(tmp_path / "folder")): p.read_bytes() for p in files}
    assert export("--format", "coco", "--to", place).code == 1, "a prefix with something in it is left alone"
