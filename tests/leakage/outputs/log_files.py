"""The log as a web server would hand it out: checkpoint, tiles, leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    for path in sorted(house.node.layout.log.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(house.node.layout.log)), path.read_bytes()
