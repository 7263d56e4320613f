"""Where something came from, as a stranger is told, and as a graph in each form (`history --graph`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from node.errors import NodeError
from node.look.account import account_of
from node.look.graph import graph_of
from node.policy import Principal

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with house.node.index() as index:
        for asked in house.asked:
            try:
                account = account_of(house.node, index, asked, Principal.PUBLIC)
            except NodeError as refusal:
                yield f"refusal of {asked}", str(refusal).replace(asked, "").encode()
                continue
            yield asked, repr(account).encode()
            for form in ("jsonld", "nquads", "turtle"):
                yield f"{form} of {asked}", graph_of(house.node, index, account, form).encode()
