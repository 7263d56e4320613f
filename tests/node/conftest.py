"""A drawn museum and nodes that track it: real servers, real files; only made ready once and copied."""

from __future__ import annotations

import io
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.access import AccessClass
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.datasets.known import find_dataset
from node.datasets.told import dataset_fields
from node.layout import Layout
from node.museum import Museum
from node.peers.model import FollowedLog, Peer
from node.review.rules import Agent, Role
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout: every line has to be one."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        """The last line of stdout."""
        return self.items[-1]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The items of one type."""
        return [item for item in self.items if item.get("type") == kind]


Vasculum = Callable[..., Said]
Served = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def museum(drawings_directory: Path) -> Iterator[Museum]:
    with Museum(drawings_directory) as opened:
        yield opened


@pytest.fixture
def vasculum(capfd: pytest.CaptureFixture[str]) -> Vasculum:
    """Run the program in this process; what it says is caught at the file descriptors."""

    def call(*arguments: object) -> Said:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        caught = capfd.readouterr()
        return Said(int(code), caught.out, caught.err)

    return call


@pytest.fixture
def fresh(tmp_path: Path) -> Node:
    """A node that has tracked nothing yet."""
    return create_node(Layout(tmp_path / "node"), "Test Herbarium", "herbarium.test/log")


@pytest.fixture(scope="session")
def tracked_once(
    drawings_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """A node that tracked the museum in both its versions, and the museum's addresses (it is closed now)."""
    root = tmp_path_factory.mktemp("tracked") / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    with Museum(drawings_directory) as museum:
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
        museum.advance()
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
        return root, {"archive": museum.archive_url, "base": museum.url}


@pytest.fixture(scope="session")
def made_once(
    tracked_once: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """A node that tracked the museum, with a dataset of everything under a licence that goes with all."""
    root = tmp_path_factory.mktemp("made") / "alder"
    shutil.copytree(tracked_once[0], root)
    code = run(
        ["--node", str(root), "--quiet", "dataset", "create", "--title", "All of it",
         "--license", "CC-BY-NC-4.0", "--label-by", "class", "--split", "60/20/20", "--stratify", "--seed",
         "7", "--creators", "Muñoz, Ana; Alder Herbarium"]
    )  # fmt: skip
    assert code == 0
    node = open_node(Layout(root))
    with node.index() as index:
        known = find_dataset(node, index, "All of it")
    sheet = json.loads(node.store.read(known.version.datasheet))
    return root, dataset_fields(known) | {"licences": sheet["licences"], "splits": sheet["splits"]}


@pytest.fixture(scope="session")
def tracked(tracked_once: tuple[Path, dict[str, str]]) -> Node:
    """That node, to be read only."""
    return open_node(Layout(tracked_once[0]))


@pytest.fixture
def tracked_copy(tracked_once: tuple[Path, dict[str, str]], tmp_path: Path) -> Node:
    """A copy of that node, to be damaged at will."""
    shutil.copytree(tracked_once[0], tmp_path / "copy")
    return open_node(Layout(tmp_path / "copy"))


@pytest.fixture
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Served:
    """Serve a node in a process of its own, at a port of its own or a given one."""

    @contextmanager
    def serve(root: Path, port: int | None = None) -> Iterator[str]:
        port = port or int(request.getfixturevalue("free_port"))
        command = [sys.executable, "-m", "node.cli", "--node", str(root), "serve", "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)

    return serve


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            assert httpx.get(f"{url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.1)
        else:
            return


def _noise(number: int) -> bytes:
    """A picture of 40 + number by 30."""
    file = io.BytesIO()
    Image.effect_noise((40 + number, 30), 20.0 + number).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with four pictures of its own, which an analyzer has read."""
    folder = tmp_path_factory.mktemp("reviewed")
    (folder / "images").mkdir()
    for number in range(4):
        (folder / "images" / f"{number}.png").write_bytes(_noise(number))
    create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log")
    commands = (("add", str(folder / "images")), ("pictures",), ("analyze", "image-facts", "--workers", "1"))
    for command in commands:
        assert run(["--node", str(folder / "node"), "--quiet", *command]) == 0
    return folder / "node"


@pytest.fixture
def reviewed(read_once: Path, tmp_path: Path) -> Node:
    """A copy of that node, to be written to."""
    shutil.copytree(read_once, tmp_path / "reviewed")
    return open_node(Layout(tmp_path / "reviewed"))


@pytest.fixture
def images(reviewed: Node) -> list[Digest]:
    """Its pictures, by digest."""
    with reviewed.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM analysis ORDER BY digest")
    return [Digest(row["digest"]) for row in rows]


@pytest.fixture
def contributor() -> Agent:
    """Somebody whose words wait for a reviewer."""
    return Agent("https://orcid.org/0000-0002-1825-0097", Role.CONTRIBUTOR)


@pytest.fixture
def reviewer() -> Agent:
    """Somebody who decides."""
    return Agent("urn:uuid:11111111-1111-4111-8111-111111111111", Role.REVIEWER)


@pytest.fixture
def follow() -> Callable[[Node, Node], None]:
    """Let a node follow another's log as it stands now, by copying what a sync would bring."""

    def copy(follower: Node, followed: Node) -> None:
        origin = followed.config.identity.origin
        now = datetime.now(UTC).isoformat(timespec="seconds")
        mirror = follower.layout.mirror(origin)
        shutil.copytree(followed.layout.log, mirror, dirs_exist_ok=True)
        log = FollowedLog(followed.log_key, followed.identity_public, followed.config.identity.name, now)
        follower.peers.add(Peer(f"http://{origin}", followed.config.identity.name, origin, now), log)
        statements = {}
        for index, raw in enumerate(followed.reader.leaves()):
            leaf = decode_leaf(raw)
            if isinstance(leaf, StatementLeaf):
                statements[leaf.statement] = index
                add_bytes(follower.store, followed.store.read(leaf.statement))
            elif isinstance(leaf, SegmentLeaf) and leaf.access is AccessClass.PUBLIC:
                add_bytes(follower.store, followed.store.read(leaf.segment))
        first = {digest for digest, index in statements.items() if index == 0}
        follower.peers.take(origin, followed.reader.head().size, {}, statements, first)

    return copy
