"""Exports to a real S3 server, by command and by job, and taken in from there and from a web server."""

from __future__ import annotations

import functools
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import pytest

from hashstore.canonical import Json
from manifests.export.manifest import MANIFEST_NAME
from node.compose import Node, open_node
from node.export.object_sink import ObjectSink
from node.jobs import rules
from node.jobs.child import run_job
from node.jobs.model import State
from node.jobs.store import JobStore
from node.layout import Layout
from node.storage.address import Bucket, open_bucket

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from tests.node.conftest import Vasculum
    from tests.node.storage.conftest import S3Server


@pytest.fixture(scope="module")
def made(tracked_once: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with a dataset of the drawn museum."""
    from node.cli.main import run

    root = tmp_path_factory.mktemp("made") / "node"
    shutil.copytree(tracked_once[0], root)
    about = ["--title", "All", "--license", "CC-BY-NC-4.0", "--creators", "Test", "--allow-unknown-licenses"]
    assert run(["--node", str(root), "--quiet", "dataset", "create", *about]) == 0
    return root


@pytest.fixture
def place(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server.new_place()


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Node:
    shutil.copytree(made, tmp_path / "copy")
    return open_node(Layout(tmp_path / "copy"))


def _bucket(place: str) -> ObjectStore:
    return open_bucket(Bucket(place))


def _objects(place: str) -> dict[str, bytes]:
    store = _bucket(place)
    paths = [meta["path"] for page in obstore.list(store) for meta in page]
    return {path: bytes(obstore.get(store, path).bytes()) for path in paths}


def _lose_one(node: Node, manifest: bytes) -> None:
    """Forget an image that the export holds."""
    from manifests.export.manifest import read_entry

    entries = [read_entry(line) for line in manifest.splitlines(keepends=True) if b'"File"' in line]
    node.store.remove(next(entry.digest for entry in entries if entry.member))


def test_an_export_to_a_bucket_is_that_to_a_folder_and_comes_back_verified(
    made: Path, copy: Node, place: str, vasculum: Vasculum, tmp_path: Path
) -> None:
    options = ("--node", made, "--json", "dataset", "export", "All", "--format", "coco", "--to")
    there, here = vasculum(*options, place), vasculum(*options, tmp_path / "out")
    assert there.code == here.code == 0, there.err + here.err
    files = {
        str(path.relative_to(tmp_path / "out")): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert _objects(place) == files
    _lose_one(copy, files[MANIFEST_NAME])
    taken = vasculum("--node", copy.layout.root, "--json", "dataset", "import", place)
    assert (taken.code, taken.summary["faults"], taken.summary["kept"]) == (0, 0, 1), taken.err
    assert taken.summary["export"] == there.summary["export"]


def test_whatever_is_wrong_in_a_bucket_is_named(made: Path, place: str, vasculum: Vasculum) -> None:
    asked = ("--node", made, "--json", "dataset", "import", place)
    absent = vasculum(*asked)
    assert (absent.code, MANIFEST_NAME in absent.err) == (1, True)
    vasculum("--node", made, "dataset", "export", "All", "--format", "cff", "--to", place)
    obstore.put(_bucket(place), "besides.txt", b"mine")
    obstore.put(_bucket(place), "CITATION.cff", b"other bytes")
    said = vasculum(*asked)
    assert said.code == 4
    assert {fault["path"] for fault in said.of("fault")} == {"besides.txt", "CITATION.cff"}
    obstore.delete(_bucket(place), "CITATION.cff")
    assert "it is not there" in {fault["fault"] for fault in vasculum(*asked).of("fault")}


class _KilledError(BaseException):
    pass


def test_a_job_that_exports_to_a_bucket_and_is_killed_goes_on_to_the_same_objects(
    made: Path, copy: Node, place: str, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = JobStore(copy.layout.jobs)
    asked: dict[str, Json] = {"dataset": "All", "format": "bagit", "place": place, "leaveOut": False}
    job = store.submit("dataset-export", asked, "operator", time.time(), attempts=3)
    job = store.change(job.id, lambda one: rules.begun(one, one.due))
    with monkeypatch.context() as patched:
        _kill_after(patched, 5)
        with pytest.raises(_KilledError):
            run_job(copy.layout, store, job)
    assert MANIFEST_NAME not in _objects(place), "what is not whole is no export"
    store.change(job.id, lambda one: rules.orphaned(one, time.time()), job.runs)
    again = store.change(job.id, lambda one: rules.begun(one, time.time()))
    ended = run_job(copy.layout, store, again)
    assert (ended.state, (ended.result or {})["resumed"]) == (State.DONE, True), ended.error
    other = place.replace("/blobs", "/other")
    vasculum("--node", made, "dataset", "export", "All", "--format", "bagit", "--to", other)
    assert _objects(place) == _objects(other)


def _kill_after(patched: pytest.MonkeyPatch, puts: int) -> None:
    original, left = ObjectSink.put, puts

    def put(self: ObjectSink, *arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _KilledError
        original(self, *arguments)

    patched.setattr(ObjectSink, "put", put)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder behind a plain web server, and its URL."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            """Nobody reads it."""

    folder = tmp_path / "web"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_export_on_a_web_server_is_read_there(
    made: Path, copy: Node, web: tuple[Path, str], vasculum: Vasculum
) -> None:
    folder, url = web
    vasculum("--node", made, "dataset", "export", "All", "--format", "coco", "--to", folder / "a b")
    _lose_one(copy, (folder / "a b" / MANIFEST_NAME).read_bytes())
    taken = vasculum("--node", copy.layout.root, "--json", "dataset", "import", f"{url}/a%20b")
    assert (taken.code, taken.summary["faults"], taken.summary["kept"]) == (0, 0, 1), taken.err
    (folder / "a b" / "ATTRIBUTION.txt").unlink()
    assert vasculum("--node", made, "--json", "dataset", "import", f"{url}/a%20b/").code == 4
    for wrong in (f"{url}/nowhere", "https://user:secret@host/x", "ftp://host/x"):
        said = vasculum("--node", made, "dataset", "import", wrong)
        assert said.code in (1, 2)
