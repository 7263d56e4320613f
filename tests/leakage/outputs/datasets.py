"""What the commands of datasets hand out: members, datasheet, attribution, and what is told of a version."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from node.cli.main import run

if TYPE_CHECKING:
    from tests.leakage.conftest import House

_OF_EACH = (
    ("show",), ("show", "--members"), ("show", "--json"), ("datasheet",), ("datasheet", "--json"),
    ("attribution",), ("refresh", "--dry-run"), ("refresh", "--dry-run", "--json"),
)  # fmt: skip


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    asked = [(name, title, *more) for title in ("Vetches", "Places") for name, *more in _OF_EACH]
    for arguments in (("ls",), ("diff", "Vetches", "Places"), *asked):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["--node", str(house.node.layout.root), "dataset", *arguments])
        # A datasheet that tells of somebody whose record was withdrawn is refused.
        assert code == 0 or "datasheet" in arguments, err.getvalue()
        yield " ".join(arguments), out.getvalue().encode() + err.getvalue().encode()
