"""What is listed for a stranger (`ls`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from node.look.listing import LISTINGS, listing
from node.policy import Principal

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with house.node.index() as index:
        for what in LISTINGS:
            rows = listing(index, what, 1000, None, Principal.PUBLIC)
            yield what, json.dumps(rows, ensure_ascii=False, default=bytes.hex).encode()
