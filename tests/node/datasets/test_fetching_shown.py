"""What a peer shows of a manifest is taken only as far as the statement allows, and only if it holds."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from manifests.dataset.manifest import hide
from node.compose import Node
from node.datasets.fetch_shown import bring_shown, most_shown
from node.datasets.known import KnownDataset, find_dataset, members_of_dataset
from node.errors import DatasetError


@contextmanager
def _peer(pieces: Iterable[bytes]) -> Iterator[tuple[str, list[int]]]:
    """A server that answers with pieces and does not say how many; and how many bytes it got rid of."""
    sent = [0]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for piece in pieces:
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                sent[0] += len(piece)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def known(alder: Node) -> KnownDataset:
    with alder.index() as index:
        return find_dataset(alder, index, "All of it")


def _shown(alder: Node, known: KnownDataset) -> list[bytes]:
    first, *rest = members_of_dataset(alder, known)
    return [hide(first).line(), *(member.line() for member in rest)]


def test_a_manifest_with_a_leaf_in_place_of_a_member_is_taken(
    alder: Node, birch: Node, known: KnownDataset
) -> None:
    with _peer(_shown(alder, known)) as (url, _):
        assert bring_shown(birch, [url], known)
    assert len(list(members_of_dataset(birch, known))) == known.version.count - 1


def test_a_peer_that_sends_without_end_is_cut_off_long_before_the_disk_is_full(
    birch: Node, known: KnownDataset
) -> None:
    line = b'{"leaf":"%s"}\n' % (b"0" * 64) * 1000
    most = most_shown(known)
    assert most == 24 * 65_536
    with _peer(line for _ in range(1000)) as (url, sent):
        assert not bring_shown(birch, [url], known)
    # What the kernel holds between the two was sent as well.
    assert most <= sent[0] < most + (16 << 20)
    assert list(birch.layout.shown_manifest(known.digest).parent.iterdir()) == []


def test_regions_have_room_in_a_manifest_that_is_labelled_from_a_file(known: KnownDataset) -> None:
    recipe = replace(known.version.recipe, label_by=None, labels=known.version.manifest)
    labelled = replace(known, version=replace(known.version, recipe=recipe))
    assert most_shown(labelled) == most_shown(known) + (512 << 20)


def test_a_full_disk_is_told_as_such_and_leaves_nothing(
    alder: Node, birch: Node, known: KnownDataset
) -> None:
    target = birch.layout.shown_manifest(known.digest)
    target.parent.mkdir(exist_ok=True)
    target.with_suffix(".partial").symlink_to("/dev/full")
    with _peer(_shown(alder, known)) as (url, _):
        with pytest.raises(DatasetError, match="No space left on device"):
            bring_shown(birch, [url], known)
        assert list(target.parent.iterdir()) == []
        assert bring_shown(birch, [url], known)
