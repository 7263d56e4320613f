"""A withdrawal between real nodes: 410 here at once, hidden there at the next sync, and late comers agree."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from crawlers.testing import ScriptedSite, answer
from hashstore.digest import Digest
from node.compose import Node
from node.create import create_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_PICTURE = b"\xff\xd8\xff\xe0" + bytes(3_000)


@contextmanager
def _serving(root: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "node.cli", "--node", str(root), "serve", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _until(lambda: _status(f"{url}/readyz") == 200)
            yield url
        finally:
            process.terminate()


def _status(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return 0


def _until(true: Any) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about within 20 seconds")


def _rows(node: Node, query: str) -> list[dict[str, Any]]:
    with node.index() as index:
        return index.rows(query)


def _follower(folder: Path, name: str, url: str, vasculum: Vasculum) -> Node:
    node = create_node(Layout(folder / name), name, f"{name}.test/log")
    assert vasculum("--node", node.layout.root, "peer", "add", url).code == 0
    return node


@pytest.mark.slow
def test_a_withdrawal_reaches_who_follows_and_who_comes_late(vasculum: Vasculum, tmp_path: Path) -> None:
    publisher = create_node(Layout(tmp_path / "publisher"), "Publisher", "publisher.test/log")
    table = tmp_path / "t.csv"
    with ScriptedSite() as site:
        fields = {"content_type": "image/jpeg", "x_robots_tag": "noai", "tdm_reservation": "0"}
        site.on("/1.jpg", answer(200, _PICTURE, **fields))
        lines = [f"o{n},Vicia {n},{site.url('/1.jpg') if n == 2 else ''}\n" for n in range(5)]
        table.write_text("occurrenceID,scientificName,associatedMedia\n" + "".join(lines))
        for _ in range(2):
            done = vasculum("--node", publisher.layout.root, "track", table, "--allow-private")
            assert done.code == 0
            table.write_text(table.read_text().replace("o4,Vicia 4", "o4,Vicia quarta"))
    picture = Digest.of(_PICTURE)
    query = "SELECT leaf.segment, t.row FROM specimen t JOIN leaf USING (log, log_index) WHERE t.id = 'o2'"
    [found] = _rows(publisher, query)
    old = Digest(found["segment"])
    with _serving(publisher.layout.root) as url:
        early = _follower(tmp_path, "early", url, vasculum)
        assert vasculum("--node", early.layout.root, "sync").code == 0
        blob, segment = f"{url}/blob/sha256/{picture.hex}", f"{url}/blob/sha256/{old.hex}"
        shown = httpx.get(blob)
        assert (shown.status_code, shown.headers["x-robots-tag"], shown.headers["tdm-reservation"]) == (
            200,
            "noai",
            "0",
        )
        for what in (f"{old.uri}#row={found['row']}", picture.hex):
            said = vasculum("--node", publisher.layout.root, "withdraw", what, "--reason", "rights")
            assert said.code == 0, said.err
        _until(lambda: (_status(blob), _status(segment)) == (410, 410))
        assert vasculum("--node", early.layout.root, "sync").code == 0
        late = _follower(tmp_path, "late", url, vasculum)
        vasculum("--node", late.layout.root, "sync")
    shown_rows = (
        "SELECT id, scientificName, log_index, row, current FROM specimen "
        "WHERE log = 1 AND access = 'public' ORDER BY ALL"
    )
    assert _rows(early, shown_rows) == _rows(late, shown_rows)
    assert {row["id"] for row in _rows(late, shown_rows)} == {"o0", "o1", "o3", "o4"}
    assert [row["scientificName"] for row in _rows(late, f"SELECT * FROM ({shown_rows}) WHERE current")] == [
        "Vicia 0", "Vicia 1", "Vicia 3", "Vicia quarta",
    ]  # fmt: skip
    captures = "SELECT 1 FROM capture WHERE log = 1 AND access = 'public' AND role = 'image'"
    assert (_rows(early, captures), _rows(late, captures)) == ([], [])
    [notice, *_] = vasculum("--node", early.layout.root, "--json", "withdrawals", "ls").of("withdrawal")
    assert (notice["effect"], notice["log"]) == ("hide", "publisher.test/log")
    for node in (publisher, early, late):
        said = vasculum("--node", node.layout.root, "verify", "--deep")
        assert said.code == 0, said.out + said.err
