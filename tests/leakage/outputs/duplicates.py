"""What is told of likeness: every group of every level, and the links of whatever was guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from node.duplicates.groups import groups
from node.duplicates.levels import Level
from node.duplicates.links import links_of
from node.errors import NodeError
from node.look.resolve import resolve
from node.policy import Principal

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with house.node.index() as index:
        for level in Level:
            found = [asdict(group) for group in groups(index, level, Principal.PUBLIC, lambda _: None)]
            yield f"groups: {level}", json.dumps(found, ensure_ascii=False).encode()
        for asked in house.asked:
            try:
                links = list(links_of(index, resolve(house.node, index, asked), Principal.PUBLIC))
            except NodeError:
                continue
            told = [{**asdict(link), "of": ""} for link in links]
            yield f"links of {asked}", json.dumps(told, ensure_ascii=False).encode()
