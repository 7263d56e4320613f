"""nginx as we ship its configurations: with a copy of a node's public files, and in front of a node."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout, mirror_name
from provenance.errors import CorruptLog
from provenance.keys import SigningKey, VerifierKey
from provenance.log.files import LogFolder
from provenance.log.leaf import StatementLeaf
from provenance.log.log import Log
from provenance.log.mirror import Mirror
from provenance.log.reader import LogReader

OTHER = VerifierKey("other.test/log", SigningKey(b"o" * 32).public)
Nginx = Callable[..., AbstractContextManager[str]]


@dataclass(frozen=True)
class Site:
    """Two nginx: one with a copy of public files; one with a node's own folder, which asks the first."""

    node: Node
    copy: Path
    public: tuple[Digest, ...]
    withheld: Digest
    static: str
    proxy: str


@pytest.fixture(scope="module")
def site(nginx: Nginx, tracked_node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(tracked_node.layout.root, folder / "node")
    node, copy = open_node(Layout(folder / "node")), folder / "copy"
    withheld, *public = node.store.digests()
    _follow(node)
    for name in ("log", "mirror"):
        shutil.copytree(node.layout.root / name, copy / name)
    for digest in public:
        source = node.store.path(digest)
        target = copy / source.relative_to(node.layout.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    with (
        nginx("nginx-static.conf", copy) as static,
        nginx("nginx.conf", node.layout.root, static.removeprefix("http://")) as proxy,
    ):
        yield Site(node, copy, tuple(public), withheld, static, proxy)


def _follow(node: Node) -> None:
    """Give the node another's log, of two levels of tiles."""
    other = Log(node.layout.root.with_name("other"), OTHER.name, SigningKey(b"o" * 32))
    other.append([StatementLeaf(Digest.of(b"%d" % n)).encode() for n in range(300)])
    signed = other.signed_checkpoint()
    assert signed is not None
    Mirror(node.layout.mirror(OTHER.name), OTHER).extend(signed, other.leaves())


class Web:
    """The files of a log behind an address."""

    def __init__(self, url: str) -> None:
        self._url = url

    def read(self, path: str) -> bytes | None:
        answer = httpx.get(f"{self._url}/{path}")
        return None if answer.status_code == 404 else answer.raise_for_status().content


@pytest.fixture(params=["static", "proxy"])
def url(request: pytest.FixtureRequest, site: Site) -> str:
    return str(getattr(site, request.param))


def test_a_reader_verifies_the_whole_log_over_the_web(site: Site, url: str) -> None:
    reader = LogReader(Web(f"{url}/log"), site.node.log_key)
    assert reader.head() == site.node.reader.head()
    assert list(reader.leaves()) == list(site.node.reader.leaves())
    for index in range(reader.head().size):
        assert reader.inclusion(index) == site.node.reader.inclusion(index)


def test_a_followed_log_is_there_under_the_name_of_its_origin(url: str) -> None:
    reader = LogReader(Web(f"{url}/mirror/{mirror_name(OTHER.name)}"), OTHER)
    assert [Digest.of(b"%d" % n).uri in leaf.decode() for n, leaf in enumerate(reader.leaves())] == [
        True
    ] * 300
    assert httpx.get(f"{url}/mirror/{OTHER.name}/checkpoint").status_code == 404


def test_a_mirror_grows_from_what_nginx_sends(site: Site, url: str, tmp_path: Path) -> None:
    source = LogReader(Web(f"{url}/log"), site.node.log_key)
    signed = source.signed_checkpoint()
    assert signed is not None
    mirror = Mirror(tmp_path / "mirror", site.node.log_key)
    assert mirror.extend(signed, source.leaves()) == site.node.reader.head()
    assert list(mirror.leaves()) == list(site.node.reader.leaves())


def test_every_public_blob_comes_whole_and_in_ranges(site: Site, url: str) -> None:
    for digest in site.public:
        answer = httpx.get(f"{url}/blob/sha256/{digest.hex}")
        assert Digest.of(answer.content) == digest
        assert answer.headers["content-type"] == "application/octet-stream"
    data, address = answer.content, f"{url}/blob/sha256/{digest.hex}"
    middle = len(data) // 2
    first = httpx.get(address, headers={"Range": f"bytes=0-{middle - 1}"})
    rest = httpx.get(address, headers={"Range": f"bytes={middle}-", "If-Range": first.headers["etag"]})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert rest.headers["content-range"] == f"bytes {middle}-{len(data) - 1}/{len(data)}"
    assert Digest.of(first.content + rest.content) == digest
    head = httpx.head(address)
    assert (head.content, int(head.headers["content-length"])) == (b"", len(data))


def test_tiles_may_be_cached_for_ever_and_checkpoints_never(site: Site, url: str) -> None:
    tile = httpx.get(f"{url}/log/tile/0/000.p/{site.node.reader.head().size}")
    assert (tile.status_code, tile.headers["content-type"]) == (200, "application/octet-stream")
    assert "immutable" in tile.headers["cache-control"]
    checkpoint = httpx.get(f"{url}/log/checkpoint")
    assert checkpoint.headers["cache-control"] == "no-cache"
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"


def test_what_is_withheld_or_private_is_sent_by_neither(site: Site, url: str) -> None:
    """The node's folder lies below the proxy's root, private keys and withheld blobs included."""
    root, digest = site.node.layout.root, site.withheld.hex
    assert site.node.store.path(site.withheld).is_file()
    (root / "log" / "tmp").mkdir(exist_ok=True)
    (root / "log" / "tmp" / "tile").write_bytes(b"half")
    files = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    open_to_all = re.compile(r"(log|mirror/[0-9a-f]{64})/(checkpoint|tile/.*)")
    asked = [path for path in files if not open_to_all.fullmatch(path)]
    assert {"keys/identity.pem", "keys/log.pem", "log.lock", "node.toml", "log/tmp/tile"} <= set(asked)
    escapes = [f"log/tile/{up}{up}keys/log.pem" for up in ("../", "%2e%2e/", "..%2f", "//../")]
    for path in [f"blob/sha256/{digest}", *asked, *escapes, "log/tile/", "log/", "blobs/", ""]:
        assert httpx.get(f"{url}/{path}").status_code in {400, 404}, path


def test_a_link_in_the_log_leads_nowhere(site: Site, url: str) -> None:
    for root in (site.copy, site.node.layout.root):
        link = root / "log" / "tile" / "0" / "999"
        link.symlink_to(root / "log" / "checkpoint")
    try:
        assert httpx.get(f"{url}/log/tile/0/999").status_code in {403, 404}
    finally:
        for root in (site.copy, site.node.layout.root):
            (root / "log" / "tile" / "0" / "999").unlink()


def test_nothing_can_be_written_or_sent_in_bulk(url: str) -> None:
    assert httpx.put(f"{url}/log/tile/0/000", content=b"x").status_code in {403, 405}
    assert httpx.post(f"{url}/locate", content=bytes(2 << 20)).status_code == 413


def test_one_address_gets_so_many_connections_and_no_more(site: Site) -> None:
    tile = site.node.layout.log / "tile" / "0" / "998"
    tile.write_bytes(bytes(32 << 20))  # larger than what the system buffers for one who does not read
    host, port = site.proxy.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for _ in range(32):
            idle = stack.enter_context(socket.create_connection((host, int(port))))
            idle.sendall(b"GET /log/tile/0/998 HTTP/1.1\r\nHost: x\r\n\r\n")
            idle.recv(1)
        assert httpx.get(f"{site.proxy}/log/checkpoint").status_code == 429
    assert httpx.get(f"{site.proxy}/log/checkpoint").status_code == 200
    tile.unlink()


def test_the_proxy_answers_for_the_log_while_the_node_is_down(
    nginx: Nginx, site: Site, unused_port: Callable[[], int]
) -> None:
    with nginx("nginx.conf", site.node.layout.root, f"127.0.0.1:{unused_port()}") as url:
        reader = LogReader(Web(f"{url}/log"), site.node.log_key)
        assert list(reader.leaves()) == list(site.node.reader.leaves())
        assert httpx.get(f"{url}/blob/sha256/{site.public[0].hex}").status_code == 502


def test_a_copy_with_one_other_byte_is_noticed_by_its_reader(
    nginx: Nginx, site: Site, tmp_path: Path
) -> None:
    shutil.copytree(site.copy / "log", tmp_path / "log")
    for path in LogFolder(tmp_path / "log").paths("tile/entries"):
        data = (tmp_path / "log" / path).read_bytes()
        (tmp_path / "log" / path).write_bytes(data[:-2] + b"?}")
    with nginx("nginx-static.conf", tmp_path) as url:
        reader = LogReader(Web(f"{url}/log"), site.node.log_key)
        assert reader.head() == site.node.reader.head()
        with pytest.raises(CorruptLog):
            list(reader.leaves())
