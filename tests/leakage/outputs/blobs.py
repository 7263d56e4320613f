"""Every blob that a stranger may have: images, derivatives, files, segments, statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from node.errors import NodeError
from node.look.content import open_content
from node.policy import Principal

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with house.node.index() as index:
        for digest in sorted(house.node.store.digests()):
            try:
                with open_content(house.node, index, digest.uri, Principal.PUBLIC) as content:
                    yield digest.uri, content.read()
            except NodeError:
                continue
