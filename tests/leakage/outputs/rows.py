"""Rows one by one, what is told of anything (`show`), and what is refused, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from node.errors import NodeError
from node.look.content import open_content
from node.look.describe import describe
from node.look.resolve import resolve
from node.policy import Principal

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with house.node.index() as index:
        for asked in house.asked:
            try:
                with open_content(house.node, index, asked, Principal.PUBLIC) as content:
                    yield f"cat {asked}", content.read()
                fields = describe(house.node, index, resolve(house.node, index, asked), Principal.PUBLIC)
                yield f"show {asked}", json.dumps(fields, ensure_ascii=False).encode()
            except NodeError as refusal:
                # What was asked for is no news to whoever asked.
                yield f"refusal of {asked}", str(refusal).replace(asked, "").encode()
