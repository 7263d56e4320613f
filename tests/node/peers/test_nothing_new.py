"""A log that did not grow costs its followers next to nothing, and a peer cannot make use of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from hashstore.digest import Digest
from node.compose import open_node
from node.create import create_node
from node.index import Index
from node.layout import Layout
from node.peers.client import Refusal
from node.peers.remote import RemoteLog
from node.peers.sync import follow_all

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum


class _Refusing:
    """A line to a peer that answers everything with one status."""

    url = "http://peer.example"

    def __init__(self, status: int) -> None:
        self.asked: list[dict[str, str]] = []
        self._status = status

    @contextmanager
    def answer(self, method: str, path: str, *, headers: dict[str, str], **more: object) -> Iterator[Refusal]:
        self.asked.append(headers)
        yield Refusal(self._status)


@pytest.mark.parametrize(
    ("status", "known", "found"),
    [(304, b"known", b"known"), (404, b"known", None), (304, None, None), (404, None, None)],
)
def test_nothing_new_is_what_is_known_and_never_more(
    status: int, known: bytes | None, found: bytes | None
) -> None:
    line = _Refusing(status)
    assert RemoteLog(line, "/log/").checkpoint(known) == found  # type: ignore[arg-type]
    assert line.asked == [{} if known is None else {"if-none-match": f'"{Digest.of(known).hex}"'}]


def test_a_log_that_did_not_grow_is_not_sent_again_and_leaves_the_index_shut(
    tmp_path: Path, vasculum: Vasculum, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        create_node(Layout(tmp_path / name), name.upper(), f"{name}.test/log")
    (tmp_path / "a.txt").write_text("a")
    assert vasculum("--quiet", "--node", tmp_path / "a", "add", tmp_path / "a.txt").code == 0
    signed = open_node(Layout(tmp_path / "a")).reader.signed_checkpoint()
    assert signed is not None
    with served(tmp_path / "a") as url:
        tag = f'"{Digest.of(signed).hex}"'
        told = httpx.get(f"{url}/log/checkpoint", headers={"if-none-match": tag}, trust_env=False)
        assert (told.status_code, told.content, told.headers["etag"]) == (304, b"", tag)
        assert vasculum("--node", tmp_path / "b", "peer", "add", url).code == 0
        node = open_node(Layout(tmp_path / "b"))
        (first,) = follow_all(node)
        assert first.new == first.taken == 3

        def opened(self: Index, *about: object) -> None:
            raise AssertionError("the index was opened")

        monkeypatch.setattr(Index, "__init__", opened)
        (second,) = follow_all(node)
        assert (second.new, second.complete) == (0, True)
