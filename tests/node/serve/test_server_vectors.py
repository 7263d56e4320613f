"""The vectors of what a server says: made anew they are the same, and a follower reads them."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hashstore.errors import HashstoreError
from node.compose import Node
from node.errors import PeerError
from node.peers.add import add_peer
from node.serve.holdings import read_request
from provenance.keys import SigningKey


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project_root / "spec" / "vectors" / "server.json").read_text("utf-8"))
    return found


def test_made_anew_the_vectors_are_the_same(project_root: Path, vectors: dict[str, Any]) -> None:
    path = project_root / "spec" / "vectors" / "generate_server.py"
    spec = importlib.util.spec_from_file_location("generate_server", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator._vectors() == vectors


def test_requests_are_read_and_refused_as_the_vectors_say(vectors: dict[str, Any]) -> None:
    asked = vectors["locate"]
    for request in asked["requests"]:
        assert [digest.uri for digest in read_request(request["body"].encode())] == request["digests"]
    for request in asked["refused"]:
        with pytest.raises((ValueError, HashstoreError)):
            read_request(request["body"].encode())
    digests = [f"{number:064x}" for number in range(asked["most"] + 1)]
    with pytest.raises(ValueError, match="10000"):
        read_request(json.dumps({"digests": digests}).encode())


@pytest.fixture
def site(vectors: dict[str, Any], tmp_path: Path) -> Iterator[str]:
    """A web server with nothing but the vectors' documents."""
    folder = tmp_path / "site"
    (folder / ".well-known").mkdir(parents=True)
    (folder / ".well-known" / "vasculum").write_text(json.dumps(vectors["nodeDocument"]))
    (folder / ".well-known" / "did.json").write_text(json.dumps(vectors["didDocuments"][0]["document"]))
    (folder / "heads").write_text(json.dumps(vectors["heads"]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_follower_takes_the_keys_that_the_documents_show(
    fresh: Node, site: str, vectors: dict[str, Any]
) -> None:
    identity, log = (SigningKey(bytes.fromhex(vectors[name])) for name in ("identitySeed", "logSeed"))
    peer, followed = add_peer(fresh, site, log=None, key=None)
    assert (peer.name, followed.origin) == ("Museum of Examples", "museum.example/log")
    assert (followed.identity.did, followed.key.key.did) == (identity.public.did, log.public.did)
    _, other = add_peer(fresh, site, log="other.test/log", key=None)
    assert other.origin == "other.test/log"
    with pytest.raises(PeerError, match="has no log"):
        add_peer(fresh, site, log="third.test/log", key=None)
